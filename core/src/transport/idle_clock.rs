//! A TCP stream that notes when the server closes it while it is idle.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::clock::since_boot;

/// Since when a connection is idle, and when something came from the server meanwhile.
///
/// In nanoseconds since the system's start; 0 is never.
#[derive(Debug, Default)]
pub(super) struct IdleClock {
    since: AtomicU64,
    heard: AtomicU64,
    was_used: AtomicBool,
}

impl IdleClock {
    pub(super) fn start(&self) {
        self.since.store(nanos(since_boot()), Ordering::Release);
    }

    /// It is used again, or given up: what is heard from now on says nothing of idle connections.
    pub(super) fn stop(&self) {
        self.since.store(0, Ordering::Release);
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
}

impl WatchedStream {
    pub(super) fn new(stream: TcpStream) -> (Self, Arc<IdleClock>) {
        let clock = Arc::new(IdleClock::default());
        let watched = Self {
            stream,
            clock: Arc::clone(&clock),
        };
        (watched, clock)
    }

    /// When the last packet came. A blocking client's connection is read only with the next request,
    /// so the system is asked where it can tell.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn last_packet(&self) -> Duration {
        use std::os::fd::AsRawFd;

        let now = since_boot();
        // SAFETY: an all-zero value of plain integers is valid.
        let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
        let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
        // SAFETY: the descriptor is this stream's, and `info` has as many bytes as `length` says.
        let status = unsafe {
            libc::getsockopt(
                self.stream.as_raw_fd(),
                libc::IPPROTO_TCP,
                libc::TCP_INFO,
                (&raw mut info).cast(),
                &mut length,
            )
        };
        let ago = match status {
            0 => info.tcpi_last_data_recv.min(info.tcpi_last_ack_recv),
            _ => 0,
        };
        now.saturating_sub(Duration::from_millis(u64::from(ago)))
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn last_packet(&self) -> Duration {
        since_boot()
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() && self.clock.is_running() {
            self.clock.hear(self.last_packet());
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
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
