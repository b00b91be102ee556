//! Why a leg or a transfer ended: one enum for the words of both APIs.

use crate::api::Api;
use crate::words::words;

words! {
    /// Why a leg or a transfer ended: one enum for the words of both APIs.
    ///
    /// The platform's own word is [`Event::cause_text`](crate::Event::cause_text).
    Cause
    /// The call was answered, and one side hung up. v1: `NORMAL_CLEARING`; v2: `hangup`.
    Answered = 401 "answered",
    /// The target was busy. v1: `USER_BUSY`; v2: `busy`.
    Busy = 402 "busy",
    /// The target did not answer in time. v1: `NO_ANSWER`, and the event `timeout`; v2: `timeout`.
    NoAnswer = 403 "no_answer",
    /// The target rejected the call. v1: `CALL_REJECTED`; v2: `rejected`.
    Rejected = 404 "rejected",
    /// The calling side hung up before the call was answered. v1: `ORIGINATOR_CANCEL`; v2:
    /// `cancel`.
    Cancelled = 405 "cancelled",
    /// The number is not in use. v1: `UNALLOCATED_NUMBER`.
    Unallocated = 406 "unallocated",
    /// The platform, a limit of the account or the program's own BXML ended it. v1:
    /// `NORMAL_TEMPORARY_FAILURE` and every other word; v2: `callback-error`, `invalid-bxml`,
    /// `application-error`, `account-limit`, `node-capacity-exceeded`, `error`.
    Failed = 407 "failed",
    /// The platform gives no cause, or one that this library doesn't know. v2: `unknown`.
    Unknown = 408 "unknown",
}

impl Cause {
    pub(crate) fn read(word: &str, api: Api) -> Self {
        match word {
            "NORMAL_CLEARING" | "hangup" => Self::Answered,
            "USER_BUSY" | "busy" => Self::Busy,
            "NO_ANSWER" | "timeout" => Self::NoAnswer,
            "CALL_REJECTED" | "rejected" => Self::Rejected,
            "ORIGINATOR_CANCEL" | "cancel" => Self::Cancelled,
            "UNALLOCATED_NUMBER" => Self::Unallocated,
            "NORMAL_TEMPORARY_FAILURE"
            | "callback-error"
            | "invalid-bxml"
            | "application-error"
            | "account-limit"
            | "node-capacity-exceeded"
            | "error" => Self::Failed,
            // v1 documents every other value as an internal error.
            _ if api == Api::V1 => Self::Failed,
            _ => Self::Unknown,
        }
    }
}
