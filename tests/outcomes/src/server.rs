//! The server that follows a script.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use socket2::{Domain, Socket, Type};

use crate::arrival::Arrival;
use crate::play::play;
use crate::script::Connection;

/// The state that the threads of a server share.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) arrivals: Mutex<Vec<Arrival>>,
    pub(crate) resumed: AtomicUsize,
    connections: AtomicUsize,
    closed: AtomicUsize,
    stop: AtomicBool,
}

/// A server on a free loopback port. Each connection gets the next script; one more than there
/// are scripts is remembered and closed.
pub struct ScriptedServer {
    address: SocketAddr,
    record: Arc<Record>,
    /// Ends with a thread for each connection.
    listening: Option<JoinHandle<Vec<JoinHandle<()>>>>,
    /// The connections that fill the queue of a listener that accepts none.
    _queue: Option<(Socket, Vec<TcpStream>)>,
}

impl ScriptedServer {
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

    /// Reads one request, and never responds.
    pub fn silent() -> Self {
        Self::start(vec![Connection::silent()])
    }

    /// Responds to each request on any connection as this function says.
    pub fn responding(respond: impl Fn(&Arrival) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start_repeating(vec![Connection::responding(respond)])
    }

    /// Takes no connection: its queue is full, so that a further one gets no response.
    pub fn full() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let timeout = Duration::from_millis(100);
        let waiting = (0..8).map_while(|_| TcpStream::connect_timeout(&address, timeout).ok());
        let waiting = waiting.collect();
        Self {
            address,
            record: Arc::default(),
            listening: None,
            _queue: Some((socket, waiting)),
        }
    }

    fn serve(scripts: Vec<Connection>, tls: Option<Arc<ServerConfig>>, repeat: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let record = Arc::new(Record::default());
        let shared = Arc::clone(&record);
        let listening = std::thread::spawn(move || {
            let mut workers: Vec<JoinHandle<()>> = Vec::new();
            for stream in listener.incoming() {
                if shared.stop.load(Ordering::Acquire) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let number = shared.connections.fetch_add(1, Ordering::AcqRel);
                let last = scripts.len().saturating_sub(1);
                let index = if repeat { number.min(last) } else { number };
                let script = scripts.get(index).cloned().unwrap_or_default();
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                workers.retain(|worker| !worker.is_finished());
                workers.push(std::thread::spawn(move || {
                    play(stream, &script, tls, &shared);
                    shared.closed.fetch_add(1, Ordering::AcqRel);
                }));
            }
            workers
        });
        Self {
            address,
            record,
            listening: Some(listening),
            _queue: None,
        }
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as a URL of plain HTTP.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests it read, in the order of their first bytes.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.record.arrivals.lock().unwrap().clone()
    }

    /// The complete requests that begin with this text.
    pub fn requests(&self, beginning: &str) -> Vec<Arrival> {
        let arrivals = self.record.arrivals.lock().unwrap();
        let whole = arrivals.iter().filter(|one| one.complete);
        whole
            .filter(|one| one.head.starts_with(beginning))
            .cloned()
            .collect()
    }

    /// Waits until the condition is true.
    pub fn wait_until(&self, is_so: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !is_so(self) {
            let (open, arrivals) = (self.open(), self.arrivals());
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "{open} open connections, {arrivals:?}"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until this number of requests was read completely.
    pub fn wait_for_requests(&self, number: usize) {
        self.wait_until(|server| server.requests("").len() >= number);
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.record.connections.load(Ordering::Acquire)
    }

    /// Of these, how many resumed a TLS session.
    pub fn resumed(&self) -> usize {
        self.record.resumed.load(Ordering::Acquire)
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        let closed = self.record.closed.load(Ordering::Acquire);
        self.connections() - closed
    }

    /// Waits until every connection is over, and reports what was read.
    pub fn finish(mut self) -> Vec<Arrival> {
        for worker in self.stop() {
            worker.join().unwrap();
        }
        self.arrivals()
    }

    /// Takes no more connections. Those that are open end with their script or with the client.
    fn stop(&mut self) -> Vec<JoinHandle<()>> {
        let Some(listening) = self.listening.take() else {
            return Vec::new();
        };
        self.record.stop.store(true, Ordering::Release);
        drop(TcpStream::connect(self.address)); // wakes the accept
        listening.join().unwrap()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.stop();
    }
}
