//! Connections that the server closes after some time: none is used at that moment, for long.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "only for tests"
)]

use std::collections::HashMap;
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use calltransfer::{Config, Error, Transfer, Transferred, background, blocking};
use calltransfer_outcomes::{Connection, ScriptedServer, unknown_of};

const CLIENTS: usize = 24;

fn config(server: &ScriptedServer) -> Config {
    let account = Config::builder().user_id("u-abc123").token("t").secret("s");
    let account = account.base_url(server.url());
    account.build().unwrap()
}

fn kept_for(seconds: u64) -> ScriptedServer {
    let script = Connection::kept_for(Duration::from_secs(seconds), false);
    ScriptedServer::start_repeating(vec![script])
}

fn transfer(call_id: &str) -> Transfer {
    Transfer::new(call_id, "+18382947878")
}

/// One of the two ways to wait: connections are checked all the time, or only during a request.
enum Client {
    Blocking(blocking::Client),
    Background(background::Client),
}

impl Client {
    fn new(config: Config, is_blocking: bool) -> Self {
        match is_blocking {
            true => Self::Blocking(blocking::Client::new(config)),
            false => Self::Background(background::Client::new(config)),
        }
    }

    fn transfer(&self, call_id: &str) -> Result<Transferred, Error> {
        match self {
            Self::Blocking(client) => client.transfer(transfer(call_id)),
            Self::Background(client) => {
                let (sender, receiver) = mpsc::channel();
                let done = move |result| sender.send(result).unwrap();
                client.transfer(transfer(call_id), done).unwrap();
                receiver.recv().unwrap()
            }
        }
    }
}

struct Race {
    transfers: usize,
    unknown: usize,
    connections: usize,
}

/// Many clients whose transfers come just when the server closes the connection of the one before.
fn race(timeout: Duration, is_announced: bool, rounds: usize) -> Race {
    let script = Connection::kept_for(timeout, is_announced);
    let server = ScriptedServer::start_repeating(vec![script]);
    let reported = Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (server, reported) = (&server, &reported);
            scope.spawn(move || {
                let client = Client::new(config(server), number % 2 == 0);
                for round in 0..rounds {
                    let call_id = format!("c-{number}-{round}");
                    let outcome = match client.transfer(&call_id) {
                        Ok(done) => done.outcome().as_str(),
                        Err(error) => error.outcome().as_str(),
                    };
                    let ended = Instant::now();
                    reported.lock().unwrap().insert(call_id, outcome);
                    // A tenth of a millisecond earlier or later each time.
                    let step = u32::try_from((number + round) % 12).unwrap();
                    let aim = timeout + Duration::from_micros(100) * step;
                    let aim = aim - Duration::from_micros(300);
                    std::thread::sleep(aim.saturating_sub(ended.elapsed()));
                }
            });
        }
    });
    let reported = reported.into_inner().unwrap();
    Race {
        transfers: reported.len(),
        unknown: unknown_of(&reported, &server.arrivals()),
        connections: server.connections(),
    }
}

fn print(what: &str, timeout: Duration, race: &Race) {
    let Race {
        transfers,
        unknown,
        connections,
    } = race;
    println!(
        "closed after {timeout:?}, {what}: {transfers} transfers, 0 twice, {unknown} unknown, {connections} connections"
    );
}

/// The longer ones only where time is no matter.
fn timeouts() -> Vec<Duration> {
    let seconds: &[u64] = match std::env::var_os("CALLTRANSFER_TEST_FACTOR") {
        Some(_) => &[1, 5, 15, 60],
        None => &[1],
    };
    seconds.iter().copied().map(Duration::from_secs).collect()
}

#[test]
fn transfer_at_the_moment_of_closing_is_made_once() {
    std::thread::scope(|scope| {
        for timeout in timeouts() {
            scope.spawn(move || {
                let race = race(timeout, false, 6);
                print("in silence", timeout, &race);
                // Each client learns from the first connection that is closed.
                assert!(race.unknown <= CLIENTS, "{} unknown", race.unknown);
            });
        }
    });
}

#[test]
fn announced_timeout_is_kept_clear_of() {
    std::thread::scope(|scope| {
        for timeout in timeouts() {
            scope.spawn(move || {
                let race = race(timeout, true, 4);
                print("announced", timeout, &race);
                assert_eq!(race.unknown, 0);
                assert_eq!(race.connections, race.transfers);
            });
        }
    });
}

#[test]
fn connection_that_the_server_keeps_is_used_again() {
    for is_blocking in [true, false] {
        let server = kept_for(120);
        let client = Client::new(config(&server), is_blocking);
        client.transfer("c-1").unwrap();
        std::thread::sleep(Duration::from_secs(5)); // longer than was safe without any knowledge
        client.transfer("c-2").unwrap();
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn observed_timeout_is_undercut_from_then_on() {
    for is_blocking in [true, false] {
        let server = kept_for(2);
        let client = Client::new(config(&server), is_blocking);
        client.transfer("c-1").unwrap();
        std::thread::sleep(Duration::from_millis(2500)); // closed meanwhile
        client.transfer("c-2").unwrap();
        assert_eq!(server.connections(), 2);
        std::thread::sleep(Duration::from_millis(500)); // well within the two seconds
        client.transfer("c-3").unwrap();
        assert_eq!(server.connections(), 2);
        std::thread::sleep(Duration::from_millis(1500)); // too near to them
        client.transfer("c-4").unwrap();
        assert_eq!(server.connections(), 3);
    }
}

#[test]
fn spare_connections_of_a_burst_are_closed_soon() {
    let server = kept_for(120);
    let client = background::Client::new(config(&server));
    let (sender, receiver) = mpsc::channel();
    for number in 0..200 {
        let sender = sender.clone();
        let done = move |result: Result<Transferred, Error>| sender.send(result.is_ok()).unwrap();
        client
            .transfer(transfer(&format!("c-{number}")), done)
            .unwrap();
    }
    assert!(receiver.iter().take(200).all(|done| done));
    // Each of the client's threads, four at most, keeps a few.
    server.wait_until(|server| server.open() <= 4 * 16);
}

/// The system asks idle connections for a sign of life, so that a dead one is noticed in time.
#[cfg(target_os = "linux")]
#[test]
fn idle_connection_is_watched_by_the_system() {
    let server = kept_for(120);
    let client = blocking::Client::new(config(&server));
    client.transfer(transfer("c-1")).unwrap();
    let remote = format!(":{:04X}", server.address().port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let timers: Vec<&str> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns.len() > 5 && columns[2].ends_with(&remote) && columns[3] == "01")
        .filter_map(|columns| columns[5].split(':').next().map(str::to_owned))
        .map(|timer| if timer == "02" { "keepalive" } else { "none" })
        .collect();
    assert_eq!(timers, ["keepalive"]);
}
