//! A server that costs its clients next to nothing: one thread, one response, kept-alive connections.
//!
//! `bench-server [--delay-ms N] [--tls DIRECTORY]` prints its port and serves until its input ends.
//! With `--tls` it writes the certificate to trust to `DIRECTORY/ca.pem`.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use rustls::ServerConnection;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const RESPONSE: &[u8] = b"HTTP/1.1 201 Created\r\nLocation: http://127.0.0.1/v1/users/u-abc123/calls/c-new456\r\nContent-Length: 0\r\n\r\n";
const LISTENER: Token = Token(usize::MAX);
/// As many as may knock at the same moment.
const BACKLOG: i32 = 8192;

struct Connection {
    stream: TcpStream,
    tls: Option<Box<ServerConnection>>,
    input: Vec<u8>,
}

fn main() -> io::Result<()> {
    let mut delay = Duration::ZERO;
    let mut tls = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().unwrap_or_default();
        match name.as_str() {
            "--delay-ms" => delay = Duration::from_millis(value.parse().expect("milliseconds")),
            "--tls" => tls = Some(certificate(&value)?),
            _ => panic!("no such option: {name}"),
        }
    }
    // Anyone who started it holds the other end: nothing is left behind, however that ends.
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    serve(delay, tls)
}

fn serve(delay: Duration, tls: Option<Arc<rustls::ServerConfig>>) -> io::Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(socket.into());
    println!("{}", listener.local_addr()?.port());

    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut free = Vec::new();
    // The delay is the same for all, so what is due first stands first.
    let mut due: VecDeque<(Instant, usize)> = VecDeque::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let wait = due
            .front()
            .map(|(at, _)| at.saturating_duration_since(Instant::now()));
        match poll.poll(&mut events, wait) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    let _ = stream.set_nodelay(true);
                    let place = free.pop().unwrap_or_else(|| {
                        connections.push(None);
                        connections.len() - 1
                    });
                    poll.registry()
                        .register(&mut stream, Token(place), Interest::READABLE)?;
                    let tls = tls.as_ref().map(|config| {
                        Box::new(ServerConnection::new(config.clone()).expect("a TLS server"))
                    });
                    connections[place] = Some(Connection {
                        stream,
                        tls,
                        input: Vec::new(),
                    });
                }
                continue;
            }
            let place = event.token().0;
            let Some(connection) = &mut connections[place] else {
                continue;
            };
            match connection.requests(&mut buffer) {
                Ok(0) => {}
                Ok(asked) if delay.is_zero() => {
                    for _ in 0..asked {
                        let _ = connection.response();
                    }
                }
                Ok(asked) => {
                    let at = Instant::now() + delay;
                    due.extend((0..asked).map(|_| (at, place)));
                }
                Err(_) => {
                    connections[place] = None;
                    // Waits for its response no more; a new connection must not get it.
                    due.retain(|(_, waiting)| *waiting != place);
                    free.push(place);
                }
            }
        }
        let now = Instant::now();
        while due.front().is_some_and(|(at, _)| *at <= now) {
            let place = due.pop_front().map(|(_, place)| place);
            if let Some(connection) = place.and_then(|place| connections[place].as_mut()) {
                let _ = connection.response();
            }
        }
    }
}

impl Connection {
    /// How many whole requests have come; an error when the connection has ended.
    fn requests(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(tls) = &mut self.tls {
            loop {
                match tls.read_tls(&mut self.stream) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(_) => {
                        tls.process_new_packets().map_err(io::Error::other)?;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            while tls.wants_write() {
                tls.write_tls(&mut self.stream)?;
            }
            while let Ok(length @ 1..) = tls.reader().read(buffer) {
                self.input.extend_from_slice(&buffer[..length]);
            }
        } else {
            loop {
                match self.stream.read(buffer) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(length) => {
                        self.input.extend_from_slice(&buffer[..length]);
                        if length < buffer.len() {
                            break; // all that was there: more makes a new event
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
        }
        let mut whole = 0;
        let mut begin = 0;
        while let Some(length) = request_length(&self.input[begin..]) {
            begin += length;
            whole += 1;
        }
        self.input.drain(..begin);
        Ok(whole)
    }

    fn response(&mut self) -> io::Result<()> {
        match &mut self.tls {
            None => self.stream.write_all(RESPONSE),
            Some(tls) => {
                tls.writer().write_all(RESPONSE)?;
                while tls.wants_write() {
                    tls.write_tls(&mut self.stream)?;
                }
                Ok(())
            }
        }
    }
}

/// The length of the request that `input` begins with, once all of it is there.
fn request_length(input: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let head = memchr::memmem::find(input, b"\r\n\r\n")? + 4;
    let mut body = 0;
    for line in input[..head].split(|&byte| byte == b'\n') {
        if line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME) {
            let number = std::str::from_utf8(&line[NAME.len()..]).unwrap_or_default();
            body = number.trim().parse().unwrap_or_default();
        }
    }
    (input.len() >= head + body).then_some(head + body)
}

fn certificate(directory: &str) -> io::Result<Arc<rustls::ServerConfig>> {
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    std::fs::write(format!("{directory}/ca.pem"), made.cert.pem())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key)
        });
    Ok(Arc::new(config.map_err(io::Error::other)?))
}
