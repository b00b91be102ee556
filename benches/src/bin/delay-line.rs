//! A network's distance on loopback: passes connections on, and delays what goes either way.
//!
//! `delay-line TO_PORT ROUND_TRIP_MS` prints its own port and serves until its input ends. For each
//! line of input it prints its counters as one line of JSON.
//!
//! Half a round trip each way. Loopback connects at once, so what the client sends first is held for
//! the round trip that a TCP handshake takes; TLS then costs its own round trips by itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufRead, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// A thread here reads and waits; it needs no more.
const STACK: usize = 64 * 1024;

fn main() -> io::Result<()> {
    let arguments: Vec<u64> = std::env::args()
        .skip(1)
        .map(|argument| argument.parse().expect("a number"))
        .collect();
    let [port, round_trip] = arguments[..] else {
        panic!("see the head of this file");
    };
    let line = Arc::new(Line {
        to: u16::try_from(port).expect("a port"),
        round_trip: Duration::from_millis(round_trip),
        queue: Mutex::default(),
        changed: Condvar::new(),
        counters: Arc::default(),
        open: Mutex::default(),
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    let (sends, listens) = (Arc::clone(&line), Arc::clone(&line));
    spawn(move || sends.send_what_is_due());
    spawn(move || listens.listen(&listener));
    for _ in io::stdin().lock().lines() {
        println!("{}", line.count());
    }
    Ok(())
}

fn spawn(work: impl FnOnce() + Send + 'static) {
    let builder = thread::Builder::new().stack_size(STACK);
    builder.spawn(work).expect("a thread");
}

struct Line {
    to: u16,
    round_trip: Duration,
    queue: Mutex<BinaryHeap<Reverse<Piece>>>,
    changed: Condvar,
    counters: Arc<Counters>,
    open: Mutex<Vec<Weak<Connection>>>,
}

#[derive(Default)]
struct Counters {
    pieces: AtomicU64,
    connections: AtomicU64,
    /// From the clients, and to them: what TCP carries, without headers.
    sent: AtomicU64,
    received: AtomicU64,
    /// Of closed connections, both ways, as the system counts them on the client's side.
    packets: AtomicU64,
}

/// The two halves of what the client believes to be one connection.
struct Connection {
    client: TcpStream,
    server: TcpStream,
    counters: Arc<Counters>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let packets = packets(&self.client);
        self.counters.packets.fetch_add(packets, Ordering::Relaxed);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

/// Some bytes, or the end of the stream where there are none.
struct Piece {
    due: Instant,
    /// Pieces that are due at the same moment stay in order.
    number: u64,
    way: Way,
    connection: Arc<Connection>,
    bytes: Vec<u8>,
}

impl Ord for Piece {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl PartialOrd for Piece {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Piece {}

impl Line {
    fn listen(self: Arc<Self>, listener: &TcpListener) {
        while let Ok((client, _)) = listener.accept() {
            let connected = Instant::now() + self.round_trip;
            let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.to)) else {
                continue; // the client sees a closed connection
            };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            self.counters.connections.fetch_add(1, Ordering::Relaxed);
            let connection = Arc::new(Connection {
                client,
                server,
                counters: Arc::clone(&self.counters),
            });
            let mut open = lock(&self.open);
            open.retain(|one| one.strong_count() > 0);
            open.push(Arc::downgrade(&connection));
            drop(open);
            for way in [Way::ToServer, Way::ToClient] {
                let (line, connection) = (Arc::clone(&self), Arc::clone(&connection));
                spawn(move || line.read(&connection, way, connected));
            }
        }
    }

    /// Until the end, which is passed on as well.
    fn read(&self, connection: &Arc<Connection>, way: Way, connected: Instant) {
        let mut buffer = [0; 16 * 1024];
        // The server learns half a round trip later than the client that they are connected.
        let (mut from, connected, counter) = match way {
            Way::ToServer => (&connection.client, connected, &self.counters.sent),
            Way::ToClient => {
                let connected = connected + self.round_trip / 2;
                (&connection.server, connected, &self.counters.received)
            }
        };
        loop {
            let length = from.read(&mut buffer).unwrap_or(0);
            let due = Instant::now().max(connected) + self.round_trip / 2;
            counter.fetch_add(length as u64, Ordering::Relaxed);
            let piece = Piece {
                due,
                number: self.counters.pieces.fetch_add(1, Ordering::Relaxed),
                way,
                connection: Arc::clone(connection),
                bytes: buffer[..length].to_vec(),
            };
            lock(&self.queue).push(Reverse(piece));
            self.changed.notify_one();
            if length == 0 {
                return;
            }
        }
    }

    fn send_what_is_due(&self) {
        let mut queue = lock(&self.queue);
        loop {
            let wait = match queue.peek() {
                Some(Reverse(first)) => first.due.saturating_duration_since(Instant::now()),
                None => Duration::from_secs(3600),
            };
            if !wait.is_zero() {
                let waited = self.changed.wait_timeout(queue, wait);
                queue = waited.unwrap_or_else(PoisonError::into_inner).0;
            } else if let Some(Reverse(piece)) = queue.pop() {
                drop(queue);
                let mut to = match piece.way {
                    Way::ToServer => &piece.connection.server,
                    Way::ToClient => &piece.connection.client,
                };
                // What has been closed meanwhile takes no more, as on a network.
                let _ = match piece.bytes.is_empty() {
                    true => to.shutdown(Shutdown::Write),
                    false => to.write_all(&piece.bytes),
                };
                drop(piece);
                queue = lock(&self.queue);
            }
        }
    }

    fn count(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let open: Vec<_> = lock(&self.open).iter().filter_map(Weak::upgrade).collect();
        let packets: u64 = open.iter().map(|one| packets(&one.client)).sum();
        let counts = serde_json::json!({
            "connections": of(&self.counters.connections),
            "open": open.len(),
            "sent": of(&self.counters.sent),
            "received": of(&self.counters.received),
            "packets": of(&self.counters.packets) + packets,
        });
        counts.to_string()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// TCP's packets of this socket, both ways, those without data included: the system's keepalive too.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn packets(socket: &TcpStream) -> u64 {
    use std::os::fd::AsRawFd;

    // SAFETY: an all-zero value of plain integers is valid.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the descriptor is the socket's own, and `info` has as many bytes as `length` says.
    unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &mut length,
        )
    };
    u64::from(info.tcpi_segs_in) + u64::from(info.tcpi_segs_out)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn packets(_: &TcpStream) -> u64 {
    0
}
