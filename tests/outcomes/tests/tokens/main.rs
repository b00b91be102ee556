//! OAuth2 tokens of the v2 API: fetched once for all waiting requests, renewed in time and after a 401.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

mod refusals;
mod sharing;

use std::sync::Mutex;
use std::time::Duration;

use calltransfer::{Config, ConfigBuilder, Error, Transfer, blocking};
use calltransfer_outcomes::ScriptedServer;

const TOKEN_PATH: &str = "POST /api/v1/oauth2/token ";
const PUT: &str = "PUT /api/v2/accounts/5500099/calls/";
const THREADS: usize = 1000;
/// base64 of `client-1:s3cret-0815`
const BASIC: &str = "Basic Y2xpZW50LTE6czNjcmV0LTA4MTU=";

fn builder(server: &ScriptedServer) -> ConfigBuilder {
    Config::builder()
        .account_id("5500099")
        .client_id("client-1")
        .client_secret("s3cret-0815")
        .timeout(Duration::from_secs(60))
        .base_url(server.url())
}

fn config(server: &ScriptedServer) -> Config {
    builder(server).build().unwrap()
}

fn transfer() -> Transfer {
    Transfer::new("c-1", "+18382947878")
}

/// From many threads at once, through one client; small stacks, so that a thousand fit.
fn storm(client: &blocking::Client, threads: usize, each: usize) -> Vec<Result<u32, Error>> {
    let start = std::sync::Barrier::new(threads);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let body = || {
                start.wait();
                for _ in 0..each {
                    let result = client.transfer(transfer()).map(|done| done.attempts);
                    results.lock().unwrap().push(result);
                }
            };
            let thread = std::thread::Builder::new().stack_size(512 * 1024);
            thread.spawn_scoped(scope, body).unwrap();
        }
    });
    results.into_inner().unwrap()
}
