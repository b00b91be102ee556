//! The states of a call, and who placed it.

use std::fmt;

/// Which side placed the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Someone called a number of the account.
    In,
    /// The account placed the call, by a request or by a transfer.
    Out,
}

impl Direction {
    /// The word on the wire: `in` or `out`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// The state of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallState {
    /// It rings.
    Started,
    /// It rang, and was rejected.
    Rejected,
    /// Both sides talk. Only such a call can be transferred.
    Active,
    /// It has ended.
    Completed,
    /// It was transferred, and waits for the new leg or is connected to it.
    Transferring,
}

impl CallState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Started,
        Self::Rejected,
        Self::Active,
        Self::Completed,
        Self::Transferring,
    ];

    /// The word on the wire, such as `active`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Rejected => "rejected",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Transferring => "transferring",
        }
    }

    /// Whether nothing more can happen to the call.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Rejected | Self::Completed)
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
