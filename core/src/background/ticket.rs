//! Stops a background request.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use tokio::sync::Notify;

use crate::transport::Mark;

/// A handle of one request that is in progress. Dropping it does not stop the request.
#[derive(Clone)]
pub struct Ticket(Arc<Stop>);

struct Stop {
    is_cancelled: AtomicBool,
    stopped: Notify,
    mark: Option<Mark>,
}

impl Default for Ticket {
    fn default() -> Self {
        Self::new()
    }
}

impl Ticket {
    pub(super) fn new() -> Self {
        Self(Arc::new(Stop {
            is_cancelled: AtomicBool::new(false),
            stopped: Notify::new(),
            mark: Mark::current().ok(),
        }))
    }

    /// Stops the request, if it hasn't ended.
    ///
    /// It then ends with [`Cancelled`](crate::ErrorKind::Cancelled) if it was not sent, otherwise
    /// with [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Release);
        // It would wake a thread by a descriptor that may be the host's own by now.
        if self.0.mark.is_none_or(Mark::is_intact) {
            self.0.stopped.notify_one();
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Acquire)
    }

    /// The future's value, or `None` if it was cancelled first. A response that has arrived is
    /// used.
    ///
    /// The future is pinned in place: passed by value, it would take its space here a second time.
    pub(super) async fn unless_cancelled<T>(
        &self,
        mut future: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        let mut cancelled = pin!(self.0.stopped.notified());
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => cancelled.as_mut().poll(context).map(|()| None),
        })
        .await
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
