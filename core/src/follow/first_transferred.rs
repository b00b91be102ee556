//! The result of a transfer to the first of several targets that answers.

use super::sequence::{StopReason, TargetResult};

/// The result for all targets. Made by
/// [`Client::transfer_to_first`](crate::Client::transfer_to_first).
///
/// `Debug` redacts numbers. It is `Send` and `Sync`.
#[derive(Debug)]
#[non_exhaustive]
pub struct FirstTransferred {
    /// The call that was transferred.
    pub call_id: String,
    /// The number of the target that answered, from 0; `None` if none is known to have answered.
    pub answered: Option<usize>,
    /// The result of each target, in the order in which they were given.
    pub targets: Vec<TargetResult>,
    /// Why no further target was tried.
    pub stopped: StopReason,
    /// The same as a text.
    pub reason: String,
}
