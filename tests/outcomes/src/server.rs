//! The server that follows a script.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::script::{Connection, Step};

/// No script waits longer than this for a client.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A request, or as much of one as came.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// The request line and the headers, as far as they were read.
    pub head: String,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
    /// Whether head and body were read to their end.
    pub complete: bool,
    /// What was sent in answer, as far as it could be sent.
    pub answer: Vec<u8>,
}

impl Arrival {
    /// The final status that was sent, if its whole head was.
    pub fn status(&self) -> Option<u16> {
        let text = String::from_utf8_lossy(&self.answer);
        let mut heads = text.split_inclusive("\r\n\r\n");
        let last = heads.find(|head| !head.starts_with("HTTP/1.1 10"))?;
        let whole = last.ends_with("\r\n\r\n");
        whole.then(|| last.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok())?
    }
}

/// A server on a free loopback port. Each connection gets the next script; one more than there
/// are scripts is remembered and closed.
pub struct ScriptedServer {
    address: SocketAddr,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
    connections: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl ScriptedServer {
    /// A server that reads one request, and never responds.
    pub fn silent() -> Self {
        Self::start(vec![Connection(vec![Step::ReadRequest, Step::Hang])])
    }

    /// Serves plain HTTP.
    pub fn start(scripts: Vec<Connection>) -> Self {
        Self::serve(scripts, None, false)
    }

    /// Serves HTTPS.
    pub fn start_tls(scripts: Vec<Connection>, tls: Arc<ServerConfig>) -> Self {
        Self::serve(scripts, Some(tls), false)
    }

    /// Serves plain HTTP, giving the last script to every further connection too.
    pub fn start_repeating(scripts: Vec<Connection>) -> Self {
        Self::serve(scripts, None, true)
    }

    fn serve(scripts: Vec<Connection>, tls: Option<Arc<ServerConfig>>, repeat: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let closed = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let listening = std::thread::spawn({
            let (arrivals, connections) = (arrivals.clone(), connections.clone());
            let (closed, stop) = (closed.clone(), stop.clone());
            move || {
                let mut workers: Vec<JoinHandle<()>> = Vec::new();
                for stream in listener.incoming() {
                    if stop.load(Ordering::Acquire) {
                        break;
                    }
                    let Ok(stream) = stream else { continue };
                    let number = connections.fetch_add(1, Ordering::AcqRel);
                    let last = scripts.len().saturating_sub(1);
                    let index = if repeat { number.min(last) } else { number };
                    let script = scripts.get(index).cloned().unwrap_or_default();
                    let (arrivals, tls, closed) = (arrivals.clone(), tls.clone(), closed.clone());
                    workers.retain(|worker| !worker.is_finished());
                    workers.push(std::thread::spawn(move || {
                        play(stream, number, &script, tls, &arrivals);
                        closed.fetch_add(1, Ordering::AcqRel);
                    }));
                }
                for worker in workers {
                    worker.join().unwrap();
                }
            }
        });
        Self {
            address,
            arrivals,
            connections,
            closed,
            stop,
            listening: Some(listening),
        }
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it read, in the order in which it began to.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }

    /// Waits until so many requests were read to their end.
    pub fn wait_for_requests(&self, number: usize) {
        let begin = Instant::now();
        while self.arrivals().iter().filter(|one| one.complete).count() < number {
            assert!(begin.elapsed() < TIMEOUT, "no such request came");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    /// How many connections it has closed.
    pub fn closed(&self) -> usize {
        self.closed.load(Ordering::Acquire)
    }

    /// Waits until every connection is over, and reports what was read.
    pub fn finish(mut self) -> Vec<Arrival> {
        self.end();
        self.arrivals()
    }

    fn end(&mut self) {
        if let Some(listening) = self.listening.take() {
            self.stop.store(true, Ordering::Release);
            drop(TcpStream::connect(self.address)); // wakes the accept
            listening.join().unwrap();
        }
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

fn play(
    stream: TcpStream,
    connection: usize,
    script: &Connection,
    tls: Option<Arc<ServerConfig>>,
    arrivals: &Mutex<Vec<Arrival>>,
) {
    let _ = stream.set_read_timeout(Some(TIMEOUT));
    let _ = stream.set_nodelay(true);
    let socket = stream.try_clone().unwrap();
    let mut wire: Box<dyn Wire> = match tls {
        None => Box::new(stream),
        Some(config) => Box::new(StreamOwned::new(
            ServerConnection::new(config).unwrap(),
            stream,
        )),
    };
    let mut current: Option<usize> = None;
    for step in &script.0 {
        let done = match step {
            Step::ReadRequest => {
                let index = begin(arrivals, connection);
                current = Some(index);
                read_request(&mut *wire, arrivals, index)
            }
            Step::ReadBytes(count) => {
                let index = begin(arrivals, connection);
                current = Some(index);
                read_bytes(&mut *wire, *count, arrivals, index)
            }
            Step::Send(bytes) => send(&mut *wire, bytes, arrivals, current),
            Step::Drip(bytes, pause) => bytes.iter().try_for_each(|byte| {
                std::thread::sleep(*pause);
                send(&mut *wire, &[*byte], arrivals, current)
            }),
            Step::Pause(time) => {
                std::thread::sleep(*time);
                Ok(())
            }
            Step::Hang => io::copy(&mut wire, &mut io::sink()).map(drop),
            Step::Close => break,
            Step::Reset => {
                let _ = socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO));
                return;
            }
        };
        if done.is_err() {
            break;
        }
    }
    // A close with unread bytes would turn into a reset: read what is there first.
    let _ = socket.set_nonblocking(true);
    let _ = io::copy(&mut &socket, &mut io::sink());
}

fn begin(arrivals: &Mutex<Vec<Arrival>>, connection: usize) -> usize {
    let mut arrivals = arrivals.lock().unwrap();
    arrivals.push(Arrival {
        connection,
        ..Arrival::default()
    });
    arrivals.len() - 1
}

fn send(
    wire: &mut dyn Wire,
    bytes: &[u8],
    arrivals: &Mutex<Vec<Arrival>>,
    current: Option<usize>,
) -> io::Result<()> {
    wire.write_all(bytes)?;
    wire.flush()?;
    if let Some(index) = current {
        arrivals.lock().unwrap()[index]
            .answer
            .extend_from_slice(bytes);
    }
    Ok(())
}

fn read_request(
    wire: &mut dyn Wire,
    arrivals: &Mutex<Vec<Arrival>>,
    index: usize,
) -> io::Result<()> {
    loop {
        let mut byte = [0];
        if wire.read(&mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if take(arrivals, index, byte[0]) {
            return Ok(());
        }
    }
}

fn read_bytes(
    wire: &mut dyn Wire,
    count: usize,
    arrivals: &Mutex<Vec<Arrival>>,
    index: usize,
) -> io::Result<()> {
    for _ in 0..count {
        let mut byte = [0];
        if wire.read(&mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        take(arrivals, index, byte[0]);
    }
    Ok(())
}

/// Adds a byte to the request; true once it is complete.
fn take(arrivals: &Mutex<Vec<Arrival>>, index: usize, byte: u8) -> bool {
    let arrival = &mut arrivals.lock().unwrap()[index];
    if arrival.head.ends_with("\r\n\r\n") {
        arrival.body.push(byte);
    } else {
        arrival.head.push(byte as char);
        if !arrival.head.ends_with("\r\n\r\n") {
            return false;
        }
    }
    let length = arrival.head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().unwrap())
    });
    arrival.complete = arrival.body.len() == length.unwrap_or(0);
    arrival.complete
}
