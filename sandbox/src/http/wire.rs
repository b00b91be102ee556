//! A connection that applies a fault to a response: drip, cut, reset, close.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Fin,
    Reset,
}

/// What is done to one response.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The server waits for this time first.
    pub(crate) delay: Duration,
    /// The server sends no response, and leaves the connection open.
    pub(crate) silent: bool,
    /// Sent before the response.
    pub(crate) first: Bytes,
    /// Whether `first` replaces the response, and ends the connection.
    pub(crate) instead: bool,
    /// The pause before each byte.
    pub(crate) drip: Option<Duration>,
    /// After how many bytes the connection ends, and how.
    pub(crate) cut: Option<(u64, End)>,
    /// Whether the connection ends after the response.
    pub(crate) closes: bool,
    /// The length of the response's body.
    pub(crate) body: usize,
}

/// State that the handler of a request and the stream below it share.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    armed: AtomicBool,
    /// Bytes received since the last complete request.
    unread: AtomicU64,
    plan: Mutex<Option<Plan>>,
}

impl Wire {
    /// Sets what is done to the next response.
    pub(crate) fn arm(&self, plan: Plan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan);
        self.armed.store(true, Ordering::Release);
    }

    /// A complete request was received.
    pub(crate) fn begin_request(&self) {
        self.unread.store(0, Ordering::Relaxed);
    }

    fn take(&self) -> Option<Plan> {
        if !self.armed.swap(false, Ordering::AcqRel) {
            return None;
        }
        self.plan
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// A socket that can be set to reset its connection when it is dropped.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin {
    fn reset_on_drop(&self);
}

/// A connection that follows the plans of its wire.
pub(crate) struct Stream<S> {
    socket: S,
    wire: std::sync::Arc<Wire>,
    running: Option<Running>,
    /// The response is sent, and the connection ends with it.
    closing: bool,
    ended: bool,
    /// The task that waits for the next request.
    reader: Option<Waker>,
    /// Whether something was sent since anything was received.
    responded: bool,
    /// Receives how many bytes came that made no request, and the status of the response to them.
    leftover: Leftover,
}

type Leftover = Box<dyn Fn(u64, u16) + Send + Sync>;

impl<S> Drop for Stream<S> {
    fn drop(&mut self) {
        let bytes = self.wire.unread.load(Ordering::Relaxed);
        if bytes > 0 {
            // The layer above responds with 400 to what is not HTTP.
            (self.leftover)(bytes, if self.responded { 400 } else { 0 });
        }
    }
}

struct Running {
    plan: Plan,
    /// Bytes sent of `first`.
    sent: usize,
    /// Bytes sent of everything.
    written: u64,
    pause: Option<Pin<Box<Sleep>>>,
    rest: Rest,
}

impl<S: Socket> Stream<S> {
    pub(crate) fn new(socket: S, wire: std::sync::Arc<Wire>, leftover: Leftover) -> Self {
        Self {
            socket,
            wire,
            running: None,
            closing: false,
            ended: false,
            reader: None,
            responded: false,
            leftover,
        }
    }

    fn end(&mut self, end: End) -> io::Error {
        if end == End::Reset {
            self.socket.reset_on_drop();
        }
        self.ended = true;
        io::ErrorKind::BrokenPipe.into()
    }

    /// Writes the next part that the plan allows.
    fn poll_plan(&mut self, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let Some(running) = &mut self.running else {
                return Pin::new(&mut self.socket).poll_write(cx, buffer);
            };
            if let Some(pause) = &mut running.pause {
                ready!(pause.as_mut().poll(cx));
                running.pause = None;
            }
            let first = running.plan.first.get(running.sent..).unwrap_or_default();
            let is_first = !first.is_empty();
            if !is_first && running.plan.instead {
                return Poll::Ready(Err(self.end(End::Fin)));
            }
            let mut part = if is_first { first } else { buffer };
            if running.plan.drip.is_some() {
                part = part.get(..1).unwrap_or(part);
            }
            if let Some((after, end)) = running.plan.cut {
                let room = usize::try_from(after - running.written).unwrap_or(usize::MAX);
                if room == 0 {
                    return Poll::Ready(Err(self.end(end)));
                }
                part = part.get(..room).unwrap_or(part);
            }
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, part))?;
            running.written += written as u64;
            running.pause = running
                .plan
                .drip
                .map(|pause| Box::pin(tokio::time::sleep(pause)));
            if is_first {
                running.sent += written;
                continue;
            }
            running.rest.pass(buffer.get(..written).unwrap_or_default());
            if running.rest.is_over() {
                self.closing = running.plan.closes;
                self.running = None;
            }
            return Poll::Ready(Ok(written));
        }
    }
}

impl<S: Socket> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ended {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buffer);
        let came = buffer.filled().len() - before;
        if came > 0 {
            self.responded = false;
            self.wire.unread.fetch_add(came as u64, Ordering::Relaxed);
        }
        let waits = |known: &Waker| known.will_wake(cx.waker());
        if read.is_pending() && !self.reader.as_ref().is_some_and(waits) {
            self.reader = Some(cx.waker().clone());
        }
        read
    }
}

impl<S: Socket> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.running.is_none() {
            self.running = self.wire.take().map(Running::new);
        }
        self.responded = true;
        self.poll_plan(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        if self.closing {
            ready!(Pin::new(&mut self.socket).poll_shutdown(cx))?;
            self.ended = true;
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

impl Running {
    fn new(plan: Plan) -> Self {
        Self {
            rest: Rest::of(plan.body),
            pause: plan.drip.map(|pause| Box::pin(tokio::time::sleep(pause))),
            sent: 0,
            written: 0,
            plan,
        }
    }
}

/// The part of a response that was not sent yet: its head, which ends in an empty line, and its body.
struct Rest {
    /// How many bytes of `\r\n\r\n` were sent.
    matched: usize,
    body: usize,
}

impl Rest {
    const END: &[u8] = b"\r\n\r\n";

    fn of(body: usize) -> Self {
        Self { matched: 0, body }
    }

    fn pass(&mut self, bytes: &[u8]) {
        for (index, byte) in bytes.iter().enumerate() {
            if self.matched == Self::END.len() {
                self.body = self.body.saturating_sub(bytes.len() - index);
                return;
            }
            self.matched = match byte {
                byte if Self::END.get(self.matched) == Some(byte) => self.matched + 1,
                b'\r' => 1,
                _ => 0,
            };
        }
    }

    fn is_over(&self) -> bool {
        self.matched == Self::END.len() && self.body == 0
    }
}
