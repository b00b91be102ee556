//! The clients of all languages: three in this process, the others as programs.

use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::programs::program;
use crate::server::ScriptedServer;
use calltransfer::{
    Client as AsyncClient, Config, Error, Transfer, Transferred, background, blocking,
};
use serde_json::{Value, json};

/// The account's user.
pub const USER: &str = "u-abc123";
/// Its token.
pub const TOKEN: &str = "t-token-4711";
/// Its secret.
pub const SECRET: &str = "s-secret-0815";
/// The call that is transferred.
pub const CALL: &str = "c-call123";
/// The target.
pub const TO: &str = "+18382947878";
/// The caller ID.
pub const CALLER_ID: &str = "+19195551212";

thread_local! {
    /// What the log of this thread's transfers says.
    static LOG: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The account of v2, whose users and clients have the same words as v1's.
pub const ACCOUNT: &str = "5500099";
/// The token that v2's clients are given.
pub const ACCESS_TOKEN: &str = "at-access-1615";

/// The API of a transfer, and the kind of its credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// A user of v1, with token and secret.
    V1,
    /// An API user of v2, with a password.
    V2User,
    /// A client of v2, which fetches tokens.
    V2Client,
}

impl Account {
    /// The names of its settings and their values.
    pub fn settings(self) -> [(&'static str, &'static str); 3] {
        match self {
            Self::V1 => [("user_id", USER), ("token", TOKEN), ("secret", SECRET)],
            Self::V2User => [
                ("account_id", ACCOUNT),
                ("username", TOKEN),
                ("password", SECRET),
            ],
            Self::V2Client => [
                ("account_id", ACCOUNT),
                ("client_id", TOKEN),
                ("client_secret", SECRET),
            ],
        }
    }
}

/// The job of a client.
#[derive(Debug, Clone)]
pub struct Job {
    /// The account of the call.
    pub account: Account,
    /// The platform's address.
    pub base_url: String,
    /// The timeout.
    pub timeout: Duration,
    /// The number of retries.
    pub max_retries: u32,
    /// Whether connections are used again.
    pub keep_alive: bool,
    /// The file of trusted certificates.
    pub ca_file: Option<PathBuf>,
    /// The proxy.
    pub proxy: Option<String>,
}

impl Job {
    /// A v1 transfer at this server, over plain http, with the library's own settings.
    pub fn at(server: &ScriptedServer) -> Self {
        Self::to(server.url())
    }

    /// The same at this address.
    pub fn to(base_url: String) -> Self {
        Self {
            account: Account::V1,
            base_url,
            timeout: Duration::from_secs(10),
            max_retries: 2,
            keep_alive: true,
            ca_file: None,
            proxy: None,
        }
    }
}

/// The report of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientReport {
    /// The outcome of the transfer.
    pub outcome: String,
    /// The error's kind.
    pub kind: Option<String>,
    /// The stage at which the request failed.
    pub stage: Option<String>,
    /// The status of the response.
    pub http_status: Option<u64>,
    /// The platform's code.
    pub code: Option<String>,
    /// The new call.
    pub call_id: Option<String>,
    /// How many attempts were made.
    pub attempts: u64,
    /// All text that a person may see: message, Debug or repr, notes.
    pub shown: String,
}

/// A client of one language.
#[derive(Clone, Copy)]
pub struct Client {
    /// Its name in the names of tests.
    pub name: &'static str,
    report: fn(&Job) -> ClientReport,
    /// The environment variable that can replace the program to run, for another language.
    program: Option<&'static str>,
}

/// All clients.
pub const CLIENTS: &[Client] = &[
    Client {
        name: "Rust async",
        report: rust_async,
        program: None,
    },
    Client {
        name: "Rust blocking",
        report: rust_blocking,
        program: None,
    },
    Client {
        name: "Rust background",
        report: rust_background,
        program: None,
    },
    Client {
        name: "C",
        report: c,
        program: Some("CALLTRANSFER_TEST_C"),
    },
    Client {
        name: "C queue",
        report: c_queue,
        program: Some("CALLTRANSFER_TEST_C"),
    },
    Client {
        name: "C++",
        report: cpp,
        program: Some("CALLTRANSFER_TEST_CPP"),
    },
    Client {
        name: "C++ queue",
        report: cpp_queue,
        program: Some("CALLTRANSFER_TEST_CPP"),
    },
    Client {
        name: "Python",
        report: python,
        program: Some("CALLTRANSFER_TEST_PYTHON"),
    },
    Client {
        name: "Python async",
        report: python_async,
        program: Some("CALLTRANSFER_TEST_PYTHON"),
    },
];

impl Client {
    /// Whether the program for it was built; `make test-rust` builds them all.
    pub fn is_here(self) -> bool {
        self.program.is_none_or(|name| program(name).is_some())
    }

    /// Does the job and returns the client's report.
    pub fn report(self, job: &Job) -> ClientReport {
        (self.report)(job)
    }
}

/// The transfer of every test.
pub fn transfer() -> Transfer {
    Transfer::new(CALL, TO).caller_id(CALLER_ID)
}

/// The job as Rust's configuration.
pub fn config(job: &Job) -> Config {
    let mut config = Config::builder()
        .on_attempt(|attempt| {
            LOG.with_borrow_mut(|log| log.push_str(&format!("{attempt} {attempt:?}")))
        })
        .base_url(&job.base_url)
        .timeout(job.timeout)
        .max_retries(job.max_retries)
        .keep_alive(job.keep_alive);
    let [(_, id), (_, user), (_, password)] = job.account.settings();
    config = match job.account {
        Account::V1 => config.user_id(id).token(user).secret(password),
        Account::V2User => config.account_id(id).username(user).password(password),
        Account::V2Client => config
            .account_id(id)
            .client_id(user)
            .client_secret(password),
    };
    if let Some(ca_file) = &job.ca_file {
        config = config.ca_file(ca_file);
    }
    if let Some(proxy) = &job.proxy {
        config = config.proxy(proxy);
    }
    config.build().unwrap()
}

/// A runtime of this thread.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn rust_async(job: &Job) -> ClientReport {
    reported(runtime().block_on(AsyncClient::new(config(job)).transfer(transfer())))
}

fn rust_blocking(job: &Job) -> ClientReport {
    reported(blocking::Client::new(config(job)).transfer(transfer()))
}

fn rust_background(job: &Job) -> ClientReport {
    let (sender, receiver) = mpsc::channel();
    background::Client::new(config(job))
        // Logged where it was done: the log is this thread's.
        .transfer(transfer(), move |done| sender.send(reported(done)).unwrap())
        .unwrap();
    receiver.recv().unwrap()
}

/// The report of the Rust client.
pub fn reported(result: Result<Transferred, Error>) -> ClientReport {
    match result {
        Ok(done) => ClientReport {
            outcome: done.outcome().to_string(),
            http_status: Some(done.http_status.into()),
            attempts: done.attempts.into(),
            shown: format!("{done:?} {}", LOG.take()),
            call_id: done.new_call_id,
            ..ClientReport::default()
        },
        Err(error) => ClientReport {
            outcome: error.outcome().to_string(),
            kind: Some(error.kind().to_string()),
            stage: error.stage().map(|stage| stage.to_string()),
            http_status: error.http_status().map(Into::into),
            code: error.platform().code.clone(),
            call_id: None,
            attempts: error.attempts().into(),
            shown: format!("{error} {error:?} {}", LOG.take()),
        },
    }
}

fn c(job: &Job) -> ClientReport {
    other_language("CALLTRANSFER_TEST_C", &[], &json_of(job))
}

fn c_queue(job: &Job) -> ClientReport {
    let mut json = json_of(job);
    json["way"] = "queue".into();
    other_language("CALLTRANSFER_TEST_C", &[], &json)
}

fn cpp(job: &Job) -> ClientReport {
    other_language("CALLTRANSFER_TEST_CPP", &[], &json_of(job))
}

fn cpp_queue(job: &Job) -> ClientReport {
    let mut json = json_of(job);
    json["way"] = "queue".into();
    other_language("CALLTRANSFER_TEST_CPP", &[], &json)
}

fn python(job: &Job) -> ClientReport {
    python_by("Client", job)
}

fn python_async(job: &Job) -> ClientReport {
    python_by("AsyncClient", job)
}

fn python_by(class: &str, job: &Job) -> ClientReport {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../python/driver.py");
    other_language("CALLTRANSFER_TEST_PYTHON", &[script, class], &json_of(job))
}

/// The job as the programs of other languages are given it.
fn json_of(job: &Job) -> Value {
    let mut json = json!({
        "base_url": job.base_url, "timeout_ms": job.timeout.as_millis() as u64, "max_retries": job.max_retries,
        "keep_alive": job.keep_alive, "ca_file": job.ca_file, "proxy": job.proxy,
        "call_id": CALL, "to": TO, "options": {"caller_id": CALLER_ID},
    });
    for (name, value) in job.account.settings() {
        json[name] = value.into();
    }
    json
}

/// Gives the job to the program that a variable names, and reads its report, a line of JSON.
fn other_language(variable: &str, arguments: &[&str], job: &Value) -> ClientReport {
    let program = program(variable).unwrap();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{job}\n").as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{:?} {shown} {errors}",
        output.status
    );
    let mut response: Value =
        serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{shown} {errors}"));
    // The body as it was sent, asked for by name: not what a program shows by itself.
    response["body"].take();
    let shown = response.to_string() + &errors;
    let text = |name: &str| response[name].as_str().map(str::to_owned);
    ClientReport {
        outcome: text("outcome").unwrap(),
        kind: text("kind"),
        stage: text("stage"),
        http_status: response["http_status"]
            .as_u64()
            .filter(|status| *status != 0),
        code: text("code"),
        call_id: text("new_call_id"),
        attempts: response["attempts"].as_u64().unwrap(),
        shown,
    }
}
