//! The processes that are killed and stopped, and where their runs live.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use calltransfer_runs::{NewRow, Run};
use calltransfer_sandbox::{IncomingCall, Sandbox};

use crate::common::{Folder, TARGET};

pub(crate) fn worker(place: &str, base_url: &str) -> Child {
    worker_of("v1", place, base_url)
}

pub(crate) fn worker_of(api: &str, place: &str, base_url: &str) -> Child {
    let program = std::env::current_exe().unwrap();
    Command::new(program)
        .args(["--worker", place, base_url, api])
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// Ends its processes also where a test fails.
pub(crate) struct Workers(pub(crate) Vec<Child>);

impl Drop for Workers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn add(sandbox: &Sandbox, run: &Run, from: usize, number: usize) {
    let rows: Vec<_> = (from..from + number)
        .map(|n| {
            let call = IncomingCall::new("+19195550100", "+18385550199").id(format!("c-{n}"));
            NewRow::new(sandbox.place_incoming_call(call).unwrap(), TARGET)
        })
        .collect();
    run.add(rows).unwrap();
}

/// Where runs live: a new one for each round.
pub(crate) struct Place {
    pub(crate) folder: Folder,
    #[cfg(feature = "postgres")]
    pub(crate) server: Option<crate::common::postgres::Server>,
}

impl Place {
    pub(crate) fn file() -> Self {
        Self {
            folder: Folder::new(),
            #[cfg(feature = "postgres")]
            server: None,
        }
    }

    pub(crate) fn next(&self) -> String {
        let number = fastrand::u64(..);
        #[cfg(feature = "postgres")]
        if let Some(server) = &self.server {
            return server.database(&format!("run{number}"));
        }
        self.folder.file(&format!("run{number}.db"))
    }
}

pub(crate) fn signal(child: &Child, signal: i32) {
    let pid = i32::try_from(child.id()).unwrap();
    // SAFETY: a signal to a child that was not waited for.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

pub(crate) fn wait_for(what: &str, mut is_true: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_true() {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A process that is stopped within a transaction keeps the file locked: it continues for a moment.
pub(crate) fn stop_outside_of_transactions(place: &str, children: &[Child]) {
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
