//! What can be wrong with a request to the sandbox itself.

use std::fmt;

use crate::calls::state::CallState;

/// Why the sandbox didn't do what a test asked of it. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// There is a call with this id already.
    IdTaken(String),
    /// An id has 1 to 128 letters, digits, `-`, `_`, `.` or `~`, and isn't `.` or `..`.
    InvalidId(String),
    /// Neither a phone number nor a SIP address.
    InvalidAddress {
        /// `from` or `to`.
        field: &'static str,
        /// What was given.
        value: String,
    },
    /// No absolute http or https URL.
    InvalidUrl(String),
    /// More calls would last than the sandbox holds (100,000).
    TooManyCalls,
    /// More numbers would have manners of their own than the sandbox keeps (10,000).
    TooManyLines,
    /// A clock that can't run so.
    InvalidClock,
    /// No call has this id, or it ended long ago.
    NoSuchCall(String),
    /// The call's state, or its direction, doesn't allow that.
    InvalidState {
        /// The call.
        id: String,
        /// The state in which it is.
        state: CallState,
    },
    /// A reply that can't be sent.
    InvalidReply {
        /// Its place among those given, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// More replies would wait than the sandbox keeps (10,000).
    TooManyReplies,
    /// A fault that can't happen.
    InvalidFault {
        /// Its place among those given, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// More faults would wait than the sandbox keeps (10,000).
    TooManyFaults,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdTaken(id) => write!(f, "id: {id:?} is taken"),
            Self::InvalidId(id) => write!(
                f,
                "id: {id:?} isn't 1 to 128 letters, digits, '-', '_', '.' or '~'"
            ),
            Self::InvalidAddress { field, value } => write!(
                f,
                "{field}: {value:?} is not a valid phone number (+ and 2 to 15 digits) or SIP address"
            ),
            Self::InvalidUrl(url) => {
                write!(
                    f,
                    "callback_url: {url:?} is not an absolute http or https URL"
                )
            }
            Self::TooManyCalls => f.write_str("more than 100,000 calls would last at once"),
            Self::TooManyLines => f.write_str("lines: more than 10,000 numbers would have manners"),
            Self::InvalidClock => {
                f.write_str("clock: runs more than 0 and up to 100,000 times as fast")
            }
            Self::NoSuchCall(id) => write!(f, "call {id:?} not found"),
            Self::InvalidState { id, state } => {
                write!(
                    f,
                    "call {id:?} is {state}: the other party can't do that now"
                )
            }
            Self::InvalidReply { index, reason } => write!(f, "replies[{index}]: {reason}"),
            Self::TooManyReplies => f.write_str("replies: more than 10,000 would wait"),
            Self::InvalidFault { index, reason } => write!(f, "faults[{index}]: {reason}"),
            Self::TooManyFaults => f.write_str("faults: more than 10,000 would wait"),
        }
    }
}

impl std::error::Error for Error {}
