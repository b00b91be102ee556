//! What can be wrong with a request to the sandbox itself.

use std::fmt;

use crate::calls::state::CallState;

/// The form of an ID, for messages.
pub(crate) const ID: &str =
    "1 to 128 letters, digits, '-', '_', '.' and '~', other than \".\" and \"..\"";

/// Why the sandbox refused what a test requested. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A call has this ID already.
    IdTaken(String),
    /// An ID has 1 to 128 letters, digits, `-`, `_`, `.` and `~`, and is not `.` or `..`.
    InvalidId(String),
    /// Neither a phone number nor a SIP address.
    InvalidAddress {
        /// `from` or `to`.
        field: &'static str,
        /// What was given.
        value: String,
    },
    /// Not an absolute http or https URL.
    InvalidUrl(String),
    /// The sandbox holds at most 100,000 calls in progress.
    TooManyCalls,
    /// At most 10,000 numbers, the test numbers included, can have a behaviour set.
    TooManyLines,
    /// The factor of a running clock must be greater than 0 and at most 100,000.
    InvalidClock,
    /// No call has this ID, or it ended so long ago that it is not kept.
    NoSuchCall(String),
    /// The call's state or direction does not allow this.
    InvalidState {
        /// The call.
        id: String,
        /// The state in which it is.
        state: CallState,
    },
    /// A reply that cannot be sent.
    InvalidReply {
        /// Its index among those given, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// At most 10,000 replies can wait.
    TooManyReplies,
    /// A fault that is not possible.
    InvalidFault {
        /// Its index among those given, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// At most 10,000 faults can wait.
    TooManyFaults,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdTaken(id) => write!(f, "id: {id:?} is taken"),
            Self::InvalidId(id) => write!(f, "id: {id:?} is not a valid ID; expected {ID}"),
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
            Self::TooManyCalls => f.write_str("calls: at most 100,000 can be in progress"),
            Self::TooManyLines => {
                f.write_str("lines: at most 10,000 numbers can have a behaviour set")
            }
            Self::InvalidClock => {
                f.write_str("clock: factor must be greater than 0 and at most 100,000")
            }
            Self::NoSuchCall(id) => write!(f, "call {id:?} not found"),
            Self::InvalidState { id, state } => {
                write!(
                    f,
                    "call {id:?} is {state}: the other party cannot do this now"
                )
            }
            Self::InvalidReply { index, reason } => write!(f, "replies[{index}]: {reason}"),
            Self::TooManyReplies => f.write_str("replies: at most 10,000 can wait"),
            Self::InvalidFault { index, reason } => write!(f, "faults[{index}]: {reason}"),
            Self::TooManyFaults => f.write_str("faults: at most 10,000 can wait"),
        }
    }
}

impl std::error::Error for Error {}
