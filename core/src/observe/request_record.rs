//! The record of a request that has ended.

use std::time::Duration;

use crate::api::Api;
use crate::error::{ErrorKind, Outcome};

/// A request that has ended, with all of its attempts: for counters and durations. It contains no
/// secret and no phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The request: `transfer`, `answer`, `hang_up`, `get_call`, `list_calls` (a page) or `prepare`.
    pub action: &'static str,
    /// The API that was used.
    pub api: Api,
    /// The host that the request was sent to, with its port if it isn't the default port.
    pub host: String,
    /// The ID of the call; empty for a list.
    pub call_id: String,
    /// The new call of a transfer, if the response names it; never in v2.
    pub new_call_id: Option<String>,
    /// Its outcome; for a read, `applied` means that it was read.
    pub outcome: Outcome,
    /// The kind of the error, if there was one.
    pub kind: Option<ErrorKind>,
    /// The HTTP status of the last response that was read, if one was.
    pub http_status: Option<u16>,
    /// Number of attempts; 0 if it was refused before the first one.
    pub attempts: u32,
    /// The time that it took, including the waits between attempts.
    pub elapsed: Duration,
}
