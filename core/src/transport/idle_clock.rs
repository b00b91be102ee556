//! A TCP stream that notes when the server closes it while it is idle, or just used again.

use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::tcp_info;
use crate::clock::since_boot;
use crate::process_id::ProcessId;

/// The head of a response is longer; the message that ends a TLS connection is not.
const SHORTEST_RESPONSE: usize = 40;

/// Since when a connection is idle, and when something came from the server meanwhile.
///
/// In nanoseconds since the system's start; 0 is never.
#[derive(Debug, Default)]
pub(super) struct IdleClock {
    since: AtomicU64,
    heard: AtomicU64,
    was_used: AtomicBool,
    /// Bytes that were written to it.
    written: AtomicU64,
    /// How many there were before the request that is on it; 0 where it is the first.
    request_begin: AtomicU64,
    /// Proved of that request.
    is_unreceived: AtomicBool,
}

impl IdleClock {
    pub(super) fn start(&self) {
        self.since.store(nanos(since_boot()), Ordering::Release);
    }

    /// It is used again, or given up: what is heard from now on says nothing of idle connections.
    pub(super) fn stop(&self) {
        self.since.store(0, Ordering::Release);
        let written = self.written.load(Ordering::Relaxed);
        self.request_begin.store(written, Ordering::Relaxed);
    }

    /// Whether the server closed the connection before it received anything of the last request.
    pub(super) fn is_unreceived(&self) -> bool {
        self.is_unreceived.load(Ordering::Acquire)
    }

    /// How long it has been idle.
    pub(super) fn age(&self) -> Duration {
        match self.since.load(Ordering::Acquire) {
            0 => Duration::ZERO,
            since => since_boot().saturating_sub(Duration::from_nanos(since)),
        }
    }

    /// After how long something came while it was idle: the end of the connection, as a rule.
    pub(super) fn closed_after(&self) -> Option<Duration> {
        let since = self.since.load(Ordering::Acquire);
        let heard = self.heard.load(Ordering::Acquire);
        (since > 0 && heard > 0).then(|| Duration::from_nanos(heard.saturating_sub(since)))
    }

    /// Whether a response has come on it.
    pub(super) fn was_used(&self) -> bool {
        self.was_used.load(Ordering::Relaxed)
    }

    pub(super) fn set_used(&self) {
        self.was_used.store(true, Ordering::Relaxed);
    }

    fn is_running(&self) -> bool {
        self.since.load(Ordering::Acquire) > 0
    }

    fn hear(&self, at: Duration) {
        self.heard.store(nanos(at), Ordering::Release);
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The stream below HTTP and TLS.
pub(super) struct WatchedStream {
    stream: TcpStream,
    clock: Arc<IdleClock>,
    process: ProcessId,
}

/// Closed for both sides, not only by this process: a forked child that lives on has a copy of the
/// descriptor, and the server would keep the connection for its sake.
impl Drop for WatchedStream {
    fn drop(&mut self) {
        if self.process == ProcessId::current() {
            let _ = SockRef::from(&self.stream).shutdown(Shutdown::Both); // fails where it is closed
        }
    }
}

impl WatchedStream {
    pub(super) fn new(stream: TcpStream) -> (Self, Arc<IdleClock>) {
        let clock = Arc::new(IdleClock::default());
        let watched = Self {
            stream,
            clock: Arc::clone(&clock),
            process: ProcessId::current(),
        };
        (watched, clock)
    }

    /// Something came, or the end, while the connection was idle. A blocking client's connection is
    /// read only with the next request, so the system says when that was.
    fn heard_while_idle(&self) {
        let ago = tcp_info::of(&self.stream).map_or(Duration::ZERO, |info| info.silent_for);
        self.clock.hear(since_boot().saturating_sub(ago));
    }

    /// The end came, or so few bytes that they can only announce it. If the server had closed its
    /// side before it received the first byte of the request, it can't have done anything.
    fn ended(&self) {
        let request_begin = self.clock.request_begin.load(Ordering::Relaxed);
        if request_begin == 0 {
            return;
        }
        let is_unreceived = tcp_info::of(&self.stream)
            // The packet that opened the connection counts as one byte.
            .is_some_and(|info| info.is_half_closed && info.acked <= request_begin + 1);
        self.clock
            .is_unreceived
            .store(is_unreceived, Ordering::Release);
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(result) = &read {
            if self.clock.is_running() {
                self.heard_while_idle();
            } else if result.is_ok() && buffer.filled().len() - before < SHORTEST_RESPONSE {
                self.ended();
            }
        }
        read
    }
}

/// Never vectored: a plain write of the standard library raises no SIGPIPE, `writev` would.
impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            self.clock
                .written
                .fetch_add(*count as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
