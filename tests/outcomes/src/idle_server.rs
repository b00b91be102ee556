//! A server that makes every transfer, and closes connections that are idle for too long.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

/// How it treats connections.
#[derive(Clone, Default)]
pub struct Idle {
    /// A connection that is idle for so long is closed.
    pub timeout: Duration,
    /// The same for one that had no request yet; else as above.
    pub first_timeout: Option<Duration>,
    /// Whether responses say so.
    pub is_announced: bool,
    /// HTTPS with this.
    pub tls: Option<Arc<ServerConfig>>,
}

/// What it saw.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Connections that it took.
    pub connections: usize,
    /// Of these, the ones whose TLS session was resumed.
    pub resumed: usize,
    /// How often each call was transferred.
    pub transfers: HashMap<String, usize>,
    /// Requests for tokens.
    pub tokens: usize,
    /// Connections that are open.
    pub open: usize,
}

/// On a free loopback port, until it is dropped.
pub struct IdleServer {
    address: SocketAddr,
    record: Arc<Mutex<Record>>,
    stop: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl IdleServer {
    /// Begins to listen.
    pub fn start(idle: Idle) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let record = Arc::new(Mutex::new(Record::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let listening = std::thread::spawn({
            let (record, stop) = (Arc::clone(&record), Arc::clone(&stop));
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::Acquire) {
                        break;
                    }
                    let (idle, record) = (idle.clone(), Arc::clone(&record));
                    std::thread::spawn(move || {
                        record.lock().unwrap().connections += 1;
                        record.lock().unwrap().open += 1;
                        let _ = stream.and_then(|stream| serve(stream, &idle, &record));
                        record.lock().unwrap().open -= 1;
                    });
                }
            }
        });
        Self {
            address,
            record,
            stop,
            listening: Some(listening),
        }
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it saw so far.
    pub fn record(&self) -> Record {
        self.record.lock().unwrap().clone()
    }

    /// Waits until this is true of what it saw.
    pub fn wait_until(&self, is_so: impl Fn(&Record) -> bool) -> Record {
        let begin = Instant::now();
        loop {
            let record = self.record();
            if is_so(&record) {
                return record;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "{record:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for IdleServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        drop(TcpStream::connect(self.address)); // wakes the accept
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

fn serve(stream: TcpStream, idle: &Idle, record: &Mutex<Record>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = stream.try_clone()?;
    let mut wire: Box<dyn Wire> = match &idle.tls {
        None => Box::new(stream),
        Some(config) => {
            let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
            let mut secure = StreamOwned::new(connection, stream);
            while secure.conn.is_handshaking() {
                secure.conn.complete_io(&mut secure.sock)?;
            }
            if secure.conn.handshake_kind() == Some(HandshakeKind::Resumed) {
                record.lock().unwrap().resumed += 1;
            }
            Box::new(secure)
        }
    };
    socket.set_read_timeout(Some(idle.first_timeout.unwrap_or(idle.timeout)))?;
    loop {
        let request = read_request(&mut *wire)?;
        let path = request.split(' ').nth(1).unwrap_or_default();
        let mut reply = String::from("HTTP/1.1 201 Created\r\n");
        if idle.is_announced {
            let seconds = idle.timeout.as_secs();
            reply.push_str(&format!("Keep-Alive: timeout={seconds}\r\n"));
        }
        if path.ends_with("/oauth2/token") {
            record.lock().unwrap().tokens += 1;
            let token = r#"{"access_token":"at-1","token_type":"bearer","expires_in":3600}"#;
            reply = reply.replace("201 Created", "200 OK");
            reply.push_str(&format!("Content-Length: {}\r\n\r\n{token}", token.len()));
        } else {
            let call_id = path
                .rsplit('/')
                .find(|part| *part != "bxml")
                .unwrap_or_default();
            let mut record = record.lock().unwrap();
            *record.transfers.entry(call_id.to_owned()).or_default() += 1;
            reply.push_str("Location: /v1/users/u-abc123/calls/c-new1\r\n");
            reply.push_str("Content-Length: 0\r\n\r\n");
        }
        wire.write_all(reply.as_bytes())?;
        wire.flush()?;
        socket.set_read_timeout(Some(idle.timeout))?;
    }
}

/// The head of a request whose body came, too.
fn read_request(wire: &mut dyn Wire) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(head.to_owned());
            }
        }
        match wire.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
