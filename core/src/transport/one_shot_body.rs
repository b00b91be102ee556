//! A request body that can be sent once, and knows whether it was.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::progress::RequestProgress;

/// The proof of "not sent": the HTTP layer can't send what it never pulled, and can't pull twice.
///
/// It can't be cloned, so no layer below can send it again.
pub(super) struct OneShotBody {
    bytes: Option<Bytes>,
    progress: Arc<RequestProgress>,
}

impl OneShotBody {
    pub(super) fn new(bytes: Bytes, progress: Arc<RequestProgress>) -> Self {
        let bytes = Some(bytes);
        Self { bytes, progress }
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

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// The body of a request that has none, which records that the request is about to be written.
///
/// hyper asks whether there is a body when it takes the request for a connection that has come
/// about, and not before.
pub(super) struct NoBody(Arc<RequestProgress>);

impl NoBody {
    pub(super) fn new(progress: Arc<RequestProgress>) -> Self {
        Self(progress)
    }
}

impl Body for NoBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.0.read_started();
        true
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(0)
    }
}

/// The body of any request.
pub(super) enum RequestBody {
    OneShot(OneShotBody),
    None(NoBody),
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = NotPermitted;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NotPermitted>>> {
        match self.get_mut() {
            Self::OneShot(body) => Pin::new(body).poll_frame(context),
            // There is no frame, and no error.
            Self::None(_) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::OneShot(body) => body.is_end_stream(),
            Self::None(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::OneShot(body) => body.size_hint(),
            Self::None(body) => body.size_hint(),
        }
    }
}
