//! A transfer that was made.

use std::time::Duration;

use super::class::Outcome;

/// A transfer that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// The id of the new call, the leg to the new party. Source: `Location`.
    ///
    /// `None` where the platform said that the transfer was made but named no usable id;
    /// [`note`](Self::note) then says why.
    pub call_id: Option<String>,
    /// The id of the call that was transferred.
    pub transferred_call_id: String,
    /// The HTTP status of the answer, 201 as a rule.
    pub http_status: u16,
    /// How many times the request was tried.
    pub attempts: u32,
    /// How long it took, waits between attempts included.
    pub elapsed: Duration,
    /// What was odd about the answer, if anything.
    pub note: Option<&'static str>,
}

impl Transferred {
    pub(crate) fn new(
        call_id: Option<String>,
        transferred_call_id: &str,
        http_status: u16,
        note: Option<&'static str>,
    ) -> Self {
        Self {
            call_id,
            transferred_call_id: transferred_call_id.to_owned(),
            http_status,
            attempts: 1,
            elapsed: Duration::ZERO,
            note,
        }
    }

    /// What became of the call: always [`Outcome::Applied`].
    pub const fn outcome(&self) -> Outcome {
        Outcome::Applied
    }
}
