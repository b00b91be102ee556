//! The delay line of `make bench-distance` delays what it says, and passes everything on.
//!
//! Times have a lower bound only: how much a busy machine adds is not this test's subject.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use calltransfer::blocking;
use calltransfer_benches::{builder, transfer};

const ROUND_TRIP: Duration = Duration::from_millis(60);

/// A program of the benches, which ends with its input.
struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl Program {
    fn start(path: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut program = Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            port: 0,
        };
        program.port = program.line().trim().parse().unwrap();
        program
    }

    fn line_to(port: u16) -> Self {
        let round_trip = ROUND_TRIP.as_millis().to_string();
        let arguments = [port.to_string(), round_trip];
        Self::start(
            env!("CARGO_BIN_EXE_delay-line"),
            &arguments.each_ref().map(String::as_str),
        )
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    fn counters(&mut self) -> serde_json::Value {
        self.input.as_mut().unwrap().write_all(b"\n").unwrap();
        serde_json::from_str(&self.line()).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.input.take());
        self.child.wait().unwrap();
    }
}

fn timed<T>(act: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let value = act();
    (begin.elapsed(), value)
}

/// A server that sends back what it gets, and then its end.
fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            stream.write_all(&buffer[..length]).unwrap();
        }
    });
    port
}

#[test]
fn first_exchange_takes_two_round_trips_and_the_next_one() {
    let mut line = Program::line_to(echo());
    let exchange = |stream: &mut TcpStream, sent: &[u8]| {
        let mut received = vec![0; sent.len()];
        stream.write_all(sent).unwrap();
        stream.read_exact(&mut received).unwrap();
        assert_eq!(received, sent);
    };
    let (first, mut stream) = timed(|| {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, line.port)).unwrap();
        exchange(&mut stream, b"first");
        stream
    });
    let (next, ()) = timed(|| exchange(&mut stream, b"next"));
    let (long, ()) = timed(|| exchange(&mut stream, &[7; 4000]));
    assert!(first >= 2 * ROUND_TRIP, "{first:?}");
    assert!(next >= ROUND_TRIP, "{next:?}");
    assert!(long >= ROUND_TRIP, "{long:?}");
    let counters = line.counters();
    assert_eq!(counters["connections"], 1);
    assert_eq!(counters["sent"], 4009);
    assert_eq!(counters["received"], 4009);
}

#[test]
fn pieces_stay_in_order_and_the_end_comes_last() {
    let line = Program::line_to(echo());
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, line.port)).unwrap();
    let sent: Vec<u8> = (0..50).flat_map(|piece| [piece; 100]).collect();
    for piece in sent.chunks(100) {
        stream.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_micros(200));
    }
    let mut received = Vec::new();
    let (took, _) = timed(|| {
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_to_end(&mut received).unwrap()
    });
    assert_eq!(received, sent);
    assert!(took >= ROUND_TRIP, "{took:?}");
}

#[test]
fn refused_target_closes_the_connection() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let line = Program::line_to(port);
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, line.port)).unwrap();
    assert!(matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_)));
}

#[test]
fn tls_transfer_takes_three_round_trips_then_one() {
    let home = std::env::temp_dir().join(format!("calltransfer-line-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let folder = home.to_str().unwrap();
    let server = Program::start(env!("CARGO_BIN_EXE_bench-server"), &["--tls", folder]);
    let mut line = Program::line_to(server.port);
    let url = format!("https://127.0.0.1:{}", line.port);
    let ca_file = format!("{folder}/ca.pem");
    let config = builder(&url, Some(&ca_file)).build().unwrap();

    let client = blocking::Client::new(config.clone());
    let (first, _) = timed(|| client.transfer(transfer()).unwrap());
    let (next, _) = timed(|| client.transfer(transfer()).unwrap());
    assert!(first >= 3 * ROUND_TRIP, "{first:?}");
    assert!(next >= ROUND_TRIP, "{next:?}");
    assert_eq!(line.counters()["connections"], 1);

    let prepared = blocking::Client::new(config);
    let (opened, ()) = timed(|| prepared.prepare().unwrap());
    let (after, _) = timed(|| prepared.transfer(transfer()).unwrap());
    assert!(opened >= 2 * ROUND_TRIP, "{opened:?}");
    assert!(after >= ROUND_TRIP, "{after:?}");
    assert_eq!(line.counters()["connections"], 2);
    std::fs::remove_dir_all(&home).unwrap();
}
