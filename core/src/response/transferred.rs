//! A transfer that was made.

use std::time::Duration;

use crate::error::Outcome;
/// A transfer that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// The ID of the new call, the leg to the new party. Source: `Location`.
    ///
    /// `None` if the platform confirmed the transfer but gave no usable ID;
    /// [`note`](Self::note) then says why.
    pub new_call_id: Option<String>,
    /// The ID of the call that was transferred.
    pub call_id: String,
    /// The HTTP status of the response, usually 201.
    pub http_status: u16,
    /// Number of attempts.
    pub attempts: u32,
    /// The time that it took, including the waits between attempts.
    pub elapsed: Duration,
    /// What was unusual about the response, if anything.
    pub note: Option<&'static str>,
}

impl Transferred {
    pub(crate) fn new(
        new_call_id: Option<String>,
        call_id: &str,
        http_status: u16,
        note: Option<&'static str>,
    ) -> Self {
        Self {
            new_call_id,
            call_id: call_id.to_owned(),
            http_status,
            attempts: 1,
            elapsed: Duration::ZERO,
            note,
        }
    }

    pub(crate) fn with_timing(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.attempts = attempts;
        self.elapsed = elapsed;
        self
    }

    /// The outcome: always [`Outcome::Applied`].
    pub const fn outcome(&self) -> Outcome {
        Outcome::Applied
    }
}
