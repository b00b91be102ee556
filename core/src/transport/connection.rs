//! One connection to a server, which carries one request at a time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::client::TlsStream;

use super::idle_clock::{IdleClock, WatchedStream};
use super::one_shot_body::OneShotBody;
use super::origin::Origin;

pub(super) struct Connection {
    sender: SendRequest<OneShotBody>,
    pub(super) origin: Arc<Origin>,
    clock: Arc<IdleClock>,
    /// How long it was idle before the request that is on it.
    idle_before: Option<Duration>,
}

impl Connection {
    /// Begins to speak HTTP on an open stream. The runtime of the caller looks after it.
    pub(super) async fn begin(
        stream: Stream,
        origin: Arc<Origin>,
        clock: Arc<IdleClock>,
        may_be_open: Option<OwnedSemaphorePermit>,
    ) -> hyper::Result<Self> {
        let io = TokioIo::new(stream);
        let (sender, connection) = http1::Builder::new().handshake(io).await?;
        let (its_origin, its_clock) = (Arc::clone(&origin), Arc::clone(&clock));
        tokio::spawn(async move {
            // How it ended is reported to the request that was on it, if there was one.
            let _ = connection.await;
            drop(may_be_open); // the socket is closed
            if let Some(idle) = its_clock.closed_after() {
                its_origin.closed_after(its_clock.was_used(), idle);
            }
        });
        Ok(Self {
            sender,
            origin,
            clock,
            idle_before: None,
        })
    }

    /// Sends a request once. What was not begun comes back with the error.
    pub(super) async fn send(
        &mut self,
        request: Request<OneShotBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<OneShotBody>>> {
        self.sender.try_send_request(request).await
    }

    /// It has nothing to do from now on, and nothing is expected from the server.
    pub(super) fn rest(&self) {
        self.clock.start();
    }

    /// Whether it can take a request: waits until the end of the last response is dealt with.
    pub(super) async fn wake(&mut self) -> bool {
        let age = self.clock.age();
        if age > self.idle_limit() || self.sender.ready().await.is_err() {
            return false;
        }
        self.clock.stop();
        self.idle_before = Some(age);
        true
    }

    /// It ended under a request: if it was idle before, the server was just closing it. Whether that
    /// is proved to have been before it received anything of the request.
    pub(super) fn lost(&self) -> bool {
        let Some(idle) = self.idle_before else {
            return false;
        };
        self.origin.closed_after(self.clock.was_used(), idle);
        self.clock.is_unreceived()
    }

    /// A response came; the next time of being idle is one between two requests.
    pub(super) fn responded(&self) {
        self.clock.set_used();
    }

    pub(super) fn age(&self) -> Duration {
        self.clock.age()
    }

    /// How long it can still be used.
    pub(super) fn time_left(&self) -> Duration {
        match self.sender.is_closed() {
            true => Duration::ZERO,
            false => self.idle_limit().saturating_sub(self.clock.age()),
        }
    }

    pub(super) fn idle_limit(&self) -> Duration {
        self.origin.idle_limit(self.clock.was_used())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Its end is ours now, and says nothing of the server.
        self.clock.stop();
    }
}

/// What HTTP is spoken on.
pub(super) enum Stream {
    Plain(WatchedStream),
    Tls(Box<TlsStream<WatchedStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
