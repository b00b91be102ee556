//! A check just before a request is sent: may it still be sent?

use std::fmt;
use std::sync::Arc;

/// Called when the body of a request is passed to its connection.
///
/// For programs that may send only while they hold a claim, such as a lease. If it returns `false`,
/// no byte of the body is sent, and the request ends [`not_sent`](crate::Outcome::NotSent) with
/// [`Cancelled`](crate::ErrorKind::Cancelled). It is called on the thread that sends the request,
/// so it must not block. Cheap to clone.
#[derive(Clone)]
pub struct SendPermit(Arc<dyn Fn() -> bool + Send + Sync>);

impl SendPermit {
    /// A permit that calls `may_send`.
    pub fn new(may_send: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(may_send))
    }

    pub(crate) fn is_given(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for SendPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendPermit").finish_non_exhaustive()
    }
}
