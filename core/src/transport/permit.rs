//! The last question before a request leaves: may it still be sent?

use std::fmt;
use std::sync::Arc;

/// Asked at the moment in which the body of a request is passed to its connection.
///
/// For programs that may only send for as long as they hold a claim, such as a lease. Where it
/// answers `false`, no byte of the body leaves, and the request ends
/// [`not_sent`](crate::Outcome::NotSent) with [`Cancelled`](crate::ErrorKind::Cancelled). It is
/// called on the thread that sends, so it must not block. Cheap to clone.
#[derive(Clone)]
pub struct SendPermit(Arc<dyn Fn() -> bool + Send + Sync>);

impl SendPermit {
    /// A permit that `may_send` gives or refuses.
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
