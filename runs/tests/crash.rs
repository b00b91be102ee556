//! Workers that are killed and stopped at random moments. The judge is the sandbox's record.
//!
//! `CALLTRANSFER_CRASH_KILLS` says how many kills each test makes, 30 by default. This program is
//! its own worker: a test starts it again with `--worker`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "only for tests"
)]

mod common;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use calltransfer_runs::{Execution, NewRow, Retry, Run, RunOptions, State};
use calltransfer_sandbox::{Fault, IncomingCall, Reply, Sandbox};
use libtest_mimic::{Arguments, Failed, Trial};

use common::{Folder, TARGET, builder, config_at, config_v2_at, sent_twice, wrong_outcomes};

const LEASE: Duration = Duration::from_secs(1);
/// Kills of one sandbox, whose record is limited.
const KILLS_OF_ONE: usize = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, place, base_url, api] = &arguments[..]
        && flag == "--worker"
    {
        let config = match api.as_str() {
            "v2" => config_v2_at(base_url),
            _ => config_at(base_url),
        };
        let run = Run::open(place, &config, options()).unwrap();
        run.execute(Execution::new()).unwrap();
        return;
    }
    let trial = |name: &str, test: fn() -> Result<(), Failed>| Trial::test(name, test);
    let trials = vec![
        trial("one_worker_killed_sends_nothing_twice", || {
            killed("sqlite, one worker", &Place::file(), 1, &[])
        }),
        trial("three_workers_killed_send_nothing_twice", || {
            killed("sqlite, three workers", &Place::file(), 3, &[])
        }),
        trial(
            "three_workers_killed_under_faults_send_nothing_twice",
            || {
                killed(
                    "sqlite, three workers, faults",
                    &Place::file(),
                    3,
                    &faults(),
                )
            },
        ),
        trial("three_workers_of_v2_killed_send_nothing_twice", || {
            let name = "sqlite, v2, three workers";
            killed_of("v2", name, &Place::file(), 3, &[])
        }),
        trial("stopped_worker_sends_nothing_after_its_lease", || {
            stopped(
                "sqlite, two workers stopped for longer than their lease",
                &Place::file(),
            )
        }),
    ];
    #[cfg(feature = "postgres")]
    let trials = trials.into_iter().chain(on_postgres::trials()).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn options() -> RunOptions {
    RunOptions::new().lease(LEASE).rate(400.0)
}

/// Resets after the transfer was made, refusals that prove nothing was done, and a limit.
fn faults() -> Vec<Fault> {
    vec![
        Fault::new().cut_after(0).by_reset().rate(0.03, 1),
        Fault::new().reply(Reply::new(503)).rate(0.03, 2),
        Fault::new()
            .reply(Reply::new(429).header("Retry-After", "0"))
            .rate(0.03, 3),
    ]
}

fn kills() -> usize {
    let kills = std::env::var("CALLTRANSFER_CRASH_KILLS");
    kills.map_or(30, |kills| kills.parse().unwrap())
}

fn worker(place: &str, base_url: &str) -> Child {
    worker_of("v1", place, base_url)
}

fn worker_of(api: &str, place: &str, base_url: &str) -> Child {
    let program = std::env::current_exe().unwrap();
    Command::new(program)
        .args(["--worker", place, base_url, api])
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// Ends its processes also where a test fails.
struct Workers(Vec<Child>);

impl Drop for Workers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn add(sandbox: &Sandbox, run: &Run, from: usize, number: usize) {
    let rows: Vec<_> = (from..from + number)
        .map(|n| {
            let call = IncomingCall::new("+19195550100", "+18385550199").id(format!("c-{n}"));
            NewRow::new(sandbox.place_incoming_call(call).unwrap(), TARGET)
        })
        .collect();
    run.add(rows).unwrap();
}

/// Where runs live: a new one for each round.
struct Place {
    folder: Folder,
    #[cfg(feature = "postgres")]
    server: Option<common::postgres::Server>,
}

impl Place {
    fn file() -> Self {
        Self {
            folder: Folder::new(),
            #[cfg(feature = "postgres")]
            server: None,
        }
    }

    fn next(&self) -> String {
        let number = fastrand::u64(..);
        #[cfg(feature = "postgres")]
        if let Some(server) = &self.server {
            return server.database(&format!("run{number}"));
        }
        self.folder.file(&format!("run{number}.db"))
    }
}

fn killed(name: &str, place: &Place, workers: usize, faults: &[Fault]) -> Result<(), Failed> {
    killed_of("v1", name, place, workers, faults)
}

fn killed_of(
    api: &str,
    name: &str,
    place: &Place,
    workers: usize,
    faults: &[Fault],
) -> Result<(), Failed> {
    let mut left = kills();
    let mut totals = Totals {
        may_stay_unknown: api == "v2",
        ..Totals::default()
    };
    while left > 0 {
        let place = place.next();
        let round = left.min(KILLS_OF_ONE);
        left -= round;
        round_of_kills(api, &place, workers, round, faults, &mut totals);
    }
    totals.judge(name)
}

#[derive(Default)]
struct Totals {
    kills: usize,
    rows: u64,
    unknown_before: u64,
    unknown_after: u64,
    /// In v2 a call looks the same before and after a transfer.
    may_stay_unknown: bool,
    twice: Vec<String>,
    wrong: Vec<String>,
}

impl Totals {
    /// After all workers have ended: the rest is sent and checked, and the record compared.
    fn add(&mut self, sandbox: &Sandbox, run: &Run) {
        sandbox.forget_faults();
        let before = run.execute(Execution::new()).unwrap();
        let checked = run.check().unwrap();
        assert_eq!((checked.failed, checked.sending), (0, 0), "{checked:?}");
        let after = run.summary().unwrap();
        assert!(after.is_done(), "{after:?}");
        self.rows += after.total();
        self.unknown_before += before.unknown;
        self.unknown_after += after.unknown;
        self.twice.extend(sent_twice(sandbox));
        self.wrong.extend(wrong_outcomes(sandbox, run));
    }

    fn judge(self, name: &str) -> Result<(), Failed> {
        println!(
            "{name}: {} kills, {} rows, {} sent twice, {} wrong outcomes, {} unknown before and {} \
             after the check",
            self.kills,
            self.rows,
            self.twice.len(),
            self.wrong.len(),
            self.unknown_before,
            self.unknown_after
        );
        let bad: Vec<_> = self.twice.iter().chain(&self.wrong).take(10).collect();
        match bad.is_empty() && (self.unknown_after == 0 || self.may_stay_unknown) {
            true => Ok(()),
            false => Err(format!("{bad:?}").into()),
        }
    }
}

fn round_of_kills(
    api: &str,
    place: &str,
    workers: usize,
    kills: usize,
    faults: &[Fault],
    totals: &mut Totals,
) {
    let sandbox = builder().start().unwrap();
    sandbox.inject(faults.to_vec()).unwrap();
    let config = match api {
        "v2" => config_v2_at(sandbox.url()),
        _ => config_at(sandbox.url()),
    };
    let run = Run::open(place, &config, options()).unwrap();
    let mut placed = 0;
    let mut children = Workers(Vec::new());
    let mut random = fastrand::Rng::new();
    for _ in 0..kills {
        if run.summary().unwrap().planned < 200 {
            add(&sandbox, &run, placed, 200);
            placed += 200;
        }
        while children.0.len() < workers {
            children.0.push(worker_of(api, place, sandbox.url()));
        }
        std::thread::sleep(Duration::from_millis(random.u64(1..250)));
        let mut child = children.0.swap_remove(random.usize(0..workers));
        child.kill().unwrap();
        child.wait().unwrap();
        totals.kills += 1;
    }
    drop(children);
    totals.add(&sandbox, &run);
}

fn signal(child: &Child, signal: i32) {
    let pid = i32::try_from(child.id()).unwrap();
    // SAFETY: a signal to a child that was not waited for.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_there() {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A process that is stopped within a transaction keeps the file locked: it goes on for a moment.
fn stop_outside_of_transactions(place: &str, children: &[Child]) {
    if place.starts_with("postgresql:") {
        // The server ends such a transaction by itself.
        children
            .iter()
            .for_each(|child| signal(child, libc::SIGSTOP));
        return;
    }
    let probe = rusqlite::Connection::open(place).unwrap();
    probe.busy_timeout(Duration::ZERO).unwrap();
    wait_for("no worker is within a transaction", || {
        for child in children {
            signal(child, libc::SIGSTOP);
        }
        let is_free = probe.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
        for child in children.iter().filter(|_| !is_free) {
            signal(child, libc::SIGCONT);
        }
        is_free
    });
}

/// Workers are stopped for longer than their lease, their rows are judged and sent again by a
/// person, and then they wake.
fn stopped(name: &str, place: &Place) -> Result<(), Failed> {
    let mut totals = Totals::default();
    for _ in 0..kills().div_ceil(10) {
        let place = place.next();
        let sandbox = builder().start().unwrap();
        let run = Run::open(&place, &config_at(sandbox.url()), options()).unwrap();
        add(&sandbox, &run, 0, 600);
        let mut children = Workers(Vec::new());
        children.0.push(worker(&place, sandbox.url()));
        children.0.push(worker(&place, sandbox.url()));
        wait_for("rows are sent", || run.summary().unwrap().applied > 100);
        stop_outside_of_transactions(&place, &children.0);
        totals.kills += children.0.len();
        wait_for("the leases have passed", || {
            run.check().unwrap();
            run.summary().unwrap().sending == 0
        });
        let unknown = run.rows(&[State::Applied, State::NotApplied]);
        totals.unknown_before += unknown
            .filter(|row| row.as_ref().unwrap().finding.is_some())
            .count() as u64;
        run.retry(Retry::NotApplied).unwrap();
        let other = Run::open(&place, &config_at(sandbox.url()), options()).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| other.execute(Execution::new()).unwrap());
            wait_for("another worker goes on", || {
                run.summary().unwrap().applied > 300
            });
            for child in &children.0 {
                signal(child, libc::SIGCONT);
            }
        });
        for child in &mut children.0 {
            assert!(child.wait().unwrap().success());
        }
        totals.add(&sandbox, &run);
    }
    totals.judge(name)
}

#[cfg(feature = "postgres")]
mod on_postgres {
    use super::*;
    use common::postgres::Server;

    pub(super) fn trials() -> Vec<Trial> {
        let trial = |name: &str, test: fn(&Place) -> Result<(), Failed>| {
            Trial::test(name, move || {
                let Some(server) = Server::start() else {
                    println!("SKIPPED: no pg_ctl on PATH or in CALLTRANSFER_TEST_PG_BIN");
                    return Ok(());
                };
                test(&Place {
                    folder: Folder::new(),
                    server: Some(server),
                })
            })
        };
        vec![
            trial(
                "four_workers_on_postgres_killed_send_nothing_twice",
                |place| killed("postgres, four workers", place, 4, &[]),
            ),
            trial(
                "four_workers_on_postgres_under_faults_send_nothing_twice",
                |place| killed("postgres, four workers, faults", place, 4, &faults()),
            ),
            trial(
                "stopped_worker_on_postgres_sends_nothing_after_its_lease",
                |place| {
                    stopped(
                        "postgres, two workers stopped for longer than their lease",
                        place,
                    )
                },
            ),
            trial("postgres_restarted_in_the_middle_loses_nothing", restarted),
        ]
    }

    /// Workers go on when the database is there again, and no outcome that was known is lost.
    fn restarted(place: &Place) -> Result<(), Failed> {
        let mut totals = Totals::default();
        for _ in 0..kills().div_ceil(10) {
            let url = place.next();
            let sandbox = builder().start().unwrap();
            let run = Run::open(&url, &config_at(sandbox.url()), options()).unwrap();
            add(&sandbox, &run, 0, 800);
            let children = [worker(&url, sandbox.url()), worker(&url, sandbox.url())];
            let mut children = Workers(children.into());
            wait_for("rows are sent", || run.summary().unwrap().applied > 100);
            place.server.as_ref().unwrap().restart_at_once();
            totals.kills += 1;
            for child in &mut children.0 {
                assert!(child.wait().unwrap().success());
            }
            let run = Run::open(&url, &config_at(sandbox.url()), options()).unwrap();
            totals.add(&sandbox, &run);
        }
        totals.judge("postgres, restarted in the middle, two workers")
    }
}
