//! Shared by the tests: a sandbox with calls, a folder, and comparison with the sandbox's record.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub,
    missing_docs,
    reason = "only for tests"
)]

#[cfg(feature = "postgres")]
pub mod postgres;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use calltransfer::Config;
use calltransfer_runs::{NewRow, Run, State};
use calltransfer_sandbox::{Builder, IncomingCall, Sandbox};

pub const USER: &str = "u-abc123";
pub const TARGET: &str = "+18382947878";

/// A folder that goes with its owner.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("calltransfer-runs-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn builder() -> Builder {
    Sandbox::builder().user(USER, "t-token", "s-secret")
}

pub fn place_calls(sandbox: &Sandbox, number: usize) -> Vec<String> {
    (0..number)
        .map(|n| {
            let call = IncomingCall::new("+19195550100", "+18385550199").id(format!("c-{n}"));
            sandbox.place_incoming_call(call).unwrap()
        })
        .collect()
}

pub fn config_at(base_url: &str) -> Config {
    Config::builder()
        .user_id(USER)
        .token("t-token")
        .secret("s-secret")
        .base_url(base_url)
        .build()
        .unwrap()
}

/// Voice v2, by name and password.
pub fn config_v2_at(base_url: &str) -> Config {
    Config::builder()
        .account_id("9900000")
        .username("user-sandbox")
        .password("password-sandbox")
        .base_url(base_url)
        .build()
        .unwrap()
}

pub fn rows(ids: &[String]) -> impl Iterator<Item = NewRow> {
    ids.iter().map(|id| NewRow::new(id, TARGET))
}

/// The transfers that the sandbox has seen of each call, by POST (v1) and PUT (v2), those whose body
/// came whole: whether they were carried out, and the status.
pub fn posts(sandbox: &Sandbox) -> BTreeMap<String, Vec<(bool, u16)>> {
    let mut posts = BTreeMap::new();
    for request in sandbox.requests() {
        let is_v1 = request.method == "POST" && request.path.contains("/calls/");
        let is_v2 = request.method == "PUT" && request.path.ends_with("/bxml");
        if request.complete && (is_v1 || is_v2) {
            let is_done = request.new_call_id.is_some() || (is_v2 && request.status == 204);
            let id = request.call_id.clone().unwrap_or_default();
            let all: &mut Vec<_> = posts.entry(id).or_default();
            all.push((is_done, request.status));
        }
    }
    posts
}

/// Calls that were POSTed again although the response before did not prove that nothing was done.
pub fn sent_twice(sandbox: &Sandbox) -> Vec<String> {
    let proves_nothing_done = |status: u16| matches!(status, 401 | 403 | 429);
    posts(sandbox)
        .into_iter()
        .filter(|(_, all)| {
            let (_, before) = all.split_last().unwrap();
            !before
                .iter()
                .all(|(_, status)| proves_nothing_done(*status))
        })
        .map(|(id, all)| format!("{id}: {all:?}"))
        .collect()
}

/// Rows whose state is another than the record shows.
pub fn wrong_outcomes(sandbox: &Sandbox, run: &Run) -> Vec<String> {
    let posts = posts(sandbox);
    run.rows(&[])
        .map(Result::unwrap)
        .filter_map(|row| {
            let all = posts.get(row.call_id()).cloned().unwrap_or_default();
            let is_applied = all.iter().any(|(applied, _)| *applied);
            let fits = match row.state {
                State::Applied => is_applied,
                State::NotApplied | State::Planned => !is_applied,
                State::NotSent => all.is_empty(),
                _ => true,
            };
            (!fits).then(|| format!("{} is {} after {all:?}", row.call_id(), row.state))
        })
        .collect()
}
