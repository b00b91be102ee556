//! Every entry point of Rust while descriptors, threads or memory are short: the outcome agrees with
//! what the server saw, and the next request is made once there is enough again.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use calltransfer::background::{self, Limits};
use calltransfer::{Client, Config, Error, Transfer, Transferred, blocking};
use calltransfer_sandbox::{IncomingCall, Sandbox};

/// Says to a child what it is to do: entry point, resource, amount, URL, calls.
const TASK: &str = "CALLTRANSFER_TEST_STARVE";
const CALLS: usize = 3;

#[test]
fn blocking_client_starved_reports_what_was_not_sent() {
    starve("blocking");
}

#[test]
fn async_client_starved_reports_what_was_not_sent() {
    starve("async");
}

#[test]
fn background_client_starved_reports_what_was_not_sent() {
    starve("background");
}

#[test]
fn transfer_many_starved_reports_what_was_not_sent() {
    starve("transfer_many");
}

fn starve(entry: &str) {
    let no_threads = compile_no_threads(entry);
    let descriptors = (0..=8).map(|free| ("descriptors", free));
    let threads = (0..=3).map(|started| ("threads", started));
    let memory = [0, 1, 4, 16, 64].map(|mebibytes| ("memory", mebibytes));
    for (resource, amount) in descriptors.chain(threads).chain(memory) {
        let came = starve_with(entry, resource, amount, &no_threads);
        println!("| rust {entry} | {resource} {amount} | {came} |");
    }
    fs::remove_file(no_threads).unwrap();
}

fn starve_with(entry: &str, resource: &str, amount: u32, no_threads: &Path) -> String {
    let sandbox = Sandbox::builder()
        .user("u-abc123", "t-token", "s-secret")
        .start()
        .unwrap();
    let calls: Vec<String> = (0..=CALLS)
        .map(|_| {
            let call = IncomingCall::new("+19195550100", "+18385550199");
            sandbox.place_incoming_call(call).unwrap()
        })
        .collect();
    let task = format!(
        "{entry} {resource} {amount} {} {}",
        sandbox.url(),
        calls.join(" ")
    );
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(TASK, &task)
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null());
    if resource == "threads" {
        command
            .env("LD_PRELOAD", no_threads)
            .env("NO_THREADS_AFTER", amount.to_string());
    }
    let done = command.output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let context = format!("{task}\n{text}\n{}", String::from_utf8_lossy(&done.stderr));
    let requests = sandbox.requests();
    let sent = |call: &str| {
        let path = format!("/calls/{call}");
        let of_call = requests
            .iter()
            .filter(|request| request.path.ends_with(&path));
        of_call.count()
    };
    assert!(calls.iter().all(|call| sent(call) <= 1), "{context}");
    // An allocation that fails ends the process: nothing more can be asked of it.
    if resource == "memory" && done.status.signal() == Some(libc::SIGABRT) {
        return "ended by an allocation that failed".to_owned();
    }
    assert!(done.status.success(), "{:?}\n{context}", done.status);
    let reported: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| line.split_once("reported ")?.1.split_once(' '))
        .collect();
    assert_eq!(reported.len(), calls.len(), "{context}");
    for call in &calls {
        let outcomes: Vec<_> = reported
            .iter()
            .filter(|(reported, _)| reported == call)
            .collect();
        assert_eq!(outcomes.len(), 1, "{context}");
        match outcomes[0].1 {
            "applied" => assert_eq!(sent(call), 1, "{context}"),
            "not_sent connection" => assert_eq!(sent(call), 0, "{context}"),
            other => panic!("{other}\n{context}"),
        }
    }
    if resource == "descriptors" {
        assert_eq!(reported[CALLS].1, "applied", "{context}");
    }
    let applied = reported[..CALLS].iter().filter(|(_, it)| *it == "applied");
    let applied = applied.count();
    format!("{applied} applied, {} not_sent", CALLS - applied)
}

fn compile_no_threads(entry: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/starvation/no_threads.c");
    let library =
        std::env::temp_dir().join(format!("no_threads-{entry}-{}.so", std::process::id()));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let compiled = Command::new(compiler)
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(compiled.success());
    library
}

/// What the child processes run; without a task there is nothing to do.
#[test]
fn child() {
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let words: Vec<&str> = task.split(' ').collect();
    let config = Config::builder()
        .user_id("u-abc123")
        .token("t-token")
        .secret("s-secret")
        .base_url(words[3])
        .build()
        .unwrap();
    let shortage = || Shortage::begin(words[1], words[2].parse().unwrap());
    let (calls, later) = (&words[4..4 + CALLS], words[4 + CALLS]);
    match words[0] {
        "blocking" => {
            let client = blocking::Client::new(config);
            each(shortage, calls, later, |call| {
                client.transfer(transfer_of(call))
            });
        }
        "async" => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let client = Client::new(config);
            each(shortage, calls, later, |call| {
                runtime.block_on(client.transfer(transfer_of(call)))
            });
        }
        "background" => {
            let client = background::Client::new(config);
            each(shortage, calls, later, |call| {
                let (sender, receiver) = mpsc::channel();
                let late = sender.clone();
                match client.transfer(transfer_of(call), move |result| {
                    sender.send(result).unwrap()
                }) {
                    Ok(_) => receiver.recv().unwrap(),
                    Err(error) => {
                        drop(late);
                        assert!(receiver.recv().is_err(), "done was called after an error");
                        Err(error)
                    }
                }
            });
        }
        _ => {
            let client = background::Client::new(config);
            let many = |calls: &[&str]| {
                let transfers: Vec<_> = calls.iter().map(|call| transfer_of(call)).collect();
                let limits = Limits::new(16).unwrap();
                for (number, result) in client.transfer_many(transfers, limits) {
                    report(calls[number], &result);
                }
            };
            let short = shortage();
            many(calls);
            short.end();
            many(&[later]);
        }
    }
}

fn each(
    shortage: impl FnOnce() -> Shortage,
    calls: &[&str],
    later: &str,
    transfer: impl Fn(&str) -> Result<Transferred, Error>,
) {
    let short = shortage();
    for call in calls {
        report(call, &transfer(call));
    }
    short.end();
    report(later, &transfer(later));
}

fn transfer_of(call: &str) -> Transfer {
    Transfer::new(call, "+18382947878")
}

fn report(call: &str, result: &Result<Transferred, Error>) {
    match result {
        Ok(_) => println!("reported {call} applied"),
        Err(error) => println!("reported {call} {} {}", error.outcome(), error.kind()),
    }
}

/// While it lasts, something is short.
struct Shortage(Vec<File>);

impl Shortage {
    fn begin(resource: &str, amount: usize) -> Self {
        let mut fillers = Vec::with_capacity(256);
        match resource {
            "descriptors" => {
                limit(libc::RLIMIT_NOFILE, 128);
                fillers.extend(std::iter::from_fn(|| File::open("/dev/null").ok()));
                fillers.truncate(fillers.len() - amount);
            }
            "memory" => {
                let statm = fs::read_to_string("/proc/self/statm").unwrap();
                let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
                limit(libc::RLIMIT_AS, pages * 4096 + ((amount as u64) << 20));
            }
            _ => {}
        }
        Self(fillers)
    }

    fn end(self) {
        limit(libc::RLIMIT_AS, libc::RLIM_INFINITY);
        // SAFETY: no other thread of this process reads or changes the environment now.
        unsafe { std::env::remove_var("NO_THREADS_AFTER") };
        drop(self.0);
    }
}

fn limit(what: libc::__rlimit_resource_t, soft: u64) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointers are valid for the calls.
    unsafe {
        assert_eq!(libc::getrlimit(what, &raw mut limit), 0);
        limit.rlim_cur = soft;
        assert_eq!(libc::setrlimit(what, &raw const limit), 0);
    }
}
