//! A request body that can be sent once, and knows whether it was.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::progress::RequestProgress;

/// The proof of "not sent": the HTTP layer can't send what it never pulled, and can't pull twice.
///
/// It can't be cloned, so no layer below can send it again. A request without bytes has one too, which
/// records that the request is about to be written.
pub(super) struct OneShotBody {
    bytes: Option<Bytes>,
    /// Whether there were bytes.
    is_given: bool,
    progress: Arc<RequestProgress>,
}

impl OneShotBody {
    pub(super) fn new(bytes: Option<Bytes>, progress: Arc<RequestProgress>) -> Self {
        Self {
            is_given: bytes.is_some(),
            bytes,
            progress,
        }
    }
}

/// The caller's permit was refused at the last moment.
#[derive(Debug)]
pub(super) struct NotPermitted;

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the permit to send was refused")
    }
}

impl std::error::Error for NotPermitted {}

impl Body for OneShotBody {
    type Data = Bytes;
    type Error = NotPermitted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NotPermitted>>> {
        if self.bytes.is_some() && !self.progress.is_permitted() {
            return Poll::Ready(Some(Err(NotPermitted)));
        }
        let bytes = self.bytes.take();
        if bytes.is_some() {
            self.progress.body_started();
        }
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    /// hyper calls this when it takes the request for a connection that is open, and not before.
    fn is_end_stream(&self) -> bool {
        if !self.is_given {
            self.progress.read_started();
        }
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
