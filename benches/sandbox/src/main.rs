//! Measures transfers per second in the sandbox, and in a minimal hyper server that responds 201 to
//! everything: `make bench-sandbox`.
//!
//! Each server has one thread on one core, the load comes from another core over kept-alive
//! connections. Every request to the sandbox is a transfer of another call, and the response to each
//! must be a 201. The two take turns, so that other work of the machine affects both equally. If other
//! programs use the core too, a second of the clock has less than a second of processor time: both
//! rates are reported.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that can't go on has failed"
)]

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{IncomingCall, Sandbox};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

const CONNECTIONS: usize = 16;
/// Requests that a connection sends before it reads: the load must cost less than the server.
const AHEAD: usize = 8;
/// One round: calls come in, are transferred, and are hung up; only the transfers are timed.
const TRANSFERS: usize = 8_000;
const ROUNDS: usize = 15;
/// The threads of the two servers.
const SANDBOX: &str = "calltransfer-sandbox";
const BARE: &str = "bare-hyper";
/// The goals of the sandbox.
const GOAL_RATIO: f64 = 0.5;
const GOAL_RATE: f64 = 60_000.0;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // A thread inherits the core of the one that starts it.
    pin(0);
    let sandbox = Sandbox::builder().start().unwrap();
    let bare = bare_server();
    pin(cores - 1);
    let sandbox_address: SocketAddr = sandbox.url()["http://".len()..].parse().unwrap();

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let calls: Vec<String> = (0..TRANSFERS).map(|n| format!("c-{round}-{n}")).collect();
        let requests: Vec<Vec<u8>> = calls
            .iter()
            .map(|call| transfer(sandbox_address, call))
            .collect();
        for call in &calls {
            let incoming = IncomingCall::new("+19195550100", "+18385550199").id(call);
            sandbox.place_incoming_call(incoming).unwrap();
        }
        theirs.push(rates(bare, BARE, &requests));
        ours.push(rates(sandbox_address, SANDBOX, &requests));
        for call in &calls {
            sandbox.hang_up(call).unwrap();
        }
    }
    let (ours, theirs) = (Rates::median(ours), Rates::median(theirs));
    let ratio = ours.clock / theirs.clock;
    for (name, rates) in [("sandbox", &ours), ("hyper", &theirs)] {
        let Rates { clock, core } = rates;
        println!("{name:<8} {clock:>9.0} per second, {core:>9.0} per second of processor time");
    }
    let core = ours.core / theirs.core;
    println!("ratio    {ratio:>9.2}           {core:>9.2}");
    println!("goal     {GOAL_RATIO:>9.2} and {GOAL_RATE:.0} per second");
    if ratio < GOAL_RATIO || ours.core < GOAL_RATE {
        println!("below the goal");
        std::process::exit(1);
    }
}

/// One whisper, as in the second example of the reference.
fn transfer(host: SocketAddr, call: &str) -> Vec<u8> {
    let body = r#"{"state":"transferring","transferTo":"+18382947878","transferCallerId":"private","whisperAudio":{"sentence":"You have an incoming call"}}"#;
    let basic = STANDARD.encode("t-sandbox:s-sandbox");
    let length = body.len();
    format!(
        "POST /v1/users/u-sandbox/calls/{call} HTTP/1.1\r\nHost: {host}\r\n\
         Authorization: Basic {basic}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

struct Rates {
    /// By the wall clock.
    clock: f64,
    /// By the processor time of the server's thread.
    core: f64,
}

impl Rates {
    fn median(all: Vec<Self>) -> Self {
        let (clock, core) = all.iter().map(|it| (it.clock, it.core)).unzip();
        Self {
            clock: median(clock),
            core: median(core),
        }
    }
}

/// Requests per second; the thread of this name responds to all of them with 201.
fn rates(server: SocketAddr, thread: &str, requests: &[Vec<u8>]) -> Rates {
    let mut connections: Vec<Connection> =
        (0..CONNECTIONS).map(|_| Connection::to(server)).collect();
    let (begun, used) = (Instant::now(), core_time(thread));
    for wave in requests.chunks(CONNECTIONS * AHEAD) {
        for (connection, requests) in connections.iter_mut().zip(wave.chunks(AHEAD)) {
            connection.stream.write_all(&requests.concat()).unwrap();
            connection.waiting = requests.len();
        }
        for connection in &mut connections {
            connection.read_responses();
        }
    }
    let count = requests.len() as f64;
    Rates {
        clock: count / begun.elapsed().as_secs_f64(),
        core: count / (core_time(thread) - used).as_secs_f64(),
    }
}

/// How long a thread has had a core: Linux reports it; elsewhere it counts as none.
fn core_time(thread: &str) -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    for task in tasks.flatten() {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        // The system keeps 15 characters of a name.
        if read("comm").trim_end() == &thread[..thread.len().min(15)] {
            let ns = read("schedstat");
            let ns = ns.split(' ').next().and_then(|ns| ns.parse().ok());
            return Duration::from_nanos(ns.unwrap_or(0));
        }
    }
    Duration::ZERO
}

struct Connection {
    stream: TcpStream,
    waiting: usize,
    buffer: Vec<u8>,
}

impl Connection {
    fn to(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self {
            stream,
            waiting: 0,
            buffer: vec![0; 64 * 1024],
        }
    }

    /// Reads as many heads as were asked for; a 201 has no body.
    fn read_responses(&mut self) {
        let mut seen = 0;
        while self.waiting > 0 {
            let read = self.stream.read(&mut self.buffer[seen..]).unwrap();
            assert!(read > 0, "the server closed the connection");
            seen += read;
            let mut from = 0;
            while let Some(end) = self.buffer[from..seen]
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                let head = &self.buffer[from..from + end];
                assert!(
                    head.starts_with(b"HTTP/1.1 201 "),
                    "{}",
                    String::from_utf8_lossy(head)
                );
                from += end + 4;
                self.waiting -= 1;
            }
            self.buffer.copy_within(from..seen, 0);
            seen -= from;
        }
    }
}

/// A minimal hyper server: reads the request, and responds 201 with a Location.
fn bare_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service_fn(created)),
                );
            }
        });
    };
    let thread = std::thread::Builder::new().name(BARE.to_owned());
    thread.spawn(serve).unwrap();
    address
}

async fn created(_: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::CREATED;
    let location =
        hyper::header::HeaderValue::from_static("http://127.0.0.1/v1/users/u-sandbox/calls/c-1");
    response
        .headers_mut()
        .insert(hyper::header::LOCATION, location);
    Ok(response)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

#[cfg(target_os = "linux")]
fn pin(core: usize) {
    // SAFETY: the set is plain data on the stack, filled by libc's own functions, and lives through the call.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_ZERO(&mut set);
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
}

#[cfg(not(target_os = "linux"))]
fn pin(_: usize) {}
