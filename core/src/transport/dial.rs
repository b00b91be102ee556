//! Opening a TCP connection to the first of several addresses that takes one (RFC 8305).

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An address that doesn't answer holds up the next one for no longer (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// The system looks after an idle connection: one that is dead is noticed before it is used again,
/// and the ways between don't forget one that lives.
const KEEPALIVE: TcpKeepalive = TcpKeepalive::new()
    .with_time(Duration::from_secs(15))
    .with_interval(Duration::from_secs(5));

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// Connects to one of these addresses. While one doesn't answer, the next is tried at the same time; the
/// first connection counts. The first error is returned where all fail.
pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let stream = match addresses {
        [address] => TcpStream::connect(address).await?,
        _ => race(interleaved(addresses)).await?,
    };
    stream.set_nodelay(true)?;
    // Helps where it can be had; the transfer doesn't depend on it.
    let _ = SockRef::from(&stream).set_tcp_keepalive(&KEEPALIVE);
    Ok(stream)
}

async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut first_error = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(Box::pin(TcpStream::connect(address)));
        }
        if attempts.is_empty() {
            let none = || io::Error::new(io::ErrorKind::NotFound, "the host has no address");
            return Err(first_error.unwrap_or_else(none));
        }
        let ended = next_of(&mut attempts);
        let ended = match waiting.len() {
            0 => ended.await,
            _ => match timeout(ATTEMPT_DELAY, ended).await {
                Ok(ended) => ended,
                Err(_) => continue,
            },
        };
        match ended {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
}

/// The first attempt that ends; the others stay.
async fn next_of(attempts: &mut Vec<Attempt>) -> io::Result<TcpStream> {
    poll_fn(|context| {
        for index in 0..attempts.len() {
            if let Poll::Ready(ended) = attempts[index].as_mut().poll(context) {
                drop(attempts.swap_remove(index));
                return Poll::Ready(ended);
            }
        }
        Poll::Pending
    })
    .await
}

/// The families in turn, beginning with that of the first address; else in the system's order.
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let longest = first.len().max(second.len());
    (0..longest)
        .flat_map(|index| [first.get(index).copied(), second.get(index).copied()])
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(future)
    }

    fn live(address: &str) -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// An address that takes packets and doesn't answer: its backlog is full.
    fn silent(address: &str) -> (TcpListener, SocketAddr, Vec<std::net::TcpStream>) {
        let (listener, address) = live(address);
        let mut held = Vec::new();
        // SAFETY: the descriptor is the listener's own.
        unsafe { libc::listen(std::os::fd::AsRawFd::as_raw_fd(&listener), 0) };
        while let Ok(stream) =
            std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100))
        {
            held.push(stream);
        }
        (listener, address, held)
    }

    fn refusing() -> SocketAddr {
        let (listener, address) = live("127.0.0.1:0");
        drop(listener);
        address
    }

    #[test]
    fn families_take_turns() {
        let addresses: Vec<SocketAddr> = ["[::1]:1", "[::1]:2", "[::1]:3", "127.0.0.1:4"]
            .map(|text| text.parse().unwrap())
            .into();
        let ports = |list: Vec<SocketAddr>| list.iter().map(SocketAddr::port).collect::<Vec<_>>();
        assert_eq!(ports(interleaved(&addresses)), [1, 4, 2, 3]);
        assert!(interleaved(&[]).is_empty());
    }

    #[test]
    fn silent_ipv6_does_not_keep_ipv4_waiting() {
        let (_listener, dead, _held) = silent("[::1]:0");
        let (_live, address) = live("127.0.0.1:0");
        let stream = run(connect(&[dead, address])).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
    }

    #[test]
    fn several_dead_addresses_leave_the_live_one() {
        let (_one, first, _held) = silent("127.0.0.1:0");
        let (_two, second, _also) = silent("127.0.0.1:0");
        let (_live, address) = live("127.0.0.1:0");
        let stream = run(connect(&[first, refusing(), second, address])).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
    }

    #[test]
    fn first_error_is_reported_where_all_fail() {
        let error = run(connect(&[refusing(), refusing()])).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(run(connect(&[])).is_err());
    }
}
