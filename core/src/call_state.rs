//! The state of a call, in the platform's words.

use std::fmt;

use crate::redact;

/// The state of a call. Source: `state`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallState {
    /// It has begun and is not answered yet.
    Started,
    /// Refused before it was answered.
    Rejected,
    /// Answered: the only state in which a call can be transferred.
    Active,
    /// Ended.
    Completed,
    /// Being transferred.
    Transferring,
    /// v2: waiting to be placed.
    Queued,
    /// v2: begun, not answered yet.
    Initiated,
    /// v2: answered; transferred or not.
    Answered,
    /// v2: ended.
    Disconnected,
    /// A state that this library doesn't know yet.
    Other(String),
}

impl CallState {
    /// Every known state: those of v1, then those of v2.
    pub const KNOWN: &'static [Self] = &[
        Self::Started,
        Self::Rejected,
        Self::Active,
        Self::Completed,
        Self::Transferring,
        Self::Queued,
        Self::Initiated,
        Self::Answered,
        Self::Disconnected,
    ];

    /// The states of v1, and those of v2.
    pub(crate) const OF_V1: &'static [Self] = Self::KNOWN.split_at(5).0;
    pub(crate) const OF_V2: &'static [Self] = Self::KNOWN.split_at(5).1;

    /// The platform's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Started => "started",
            Self::Rejected => "rejected",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Transferring => "transferring",
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Answered => "answered",
            Self::Disconnected => "disconnected",
            Self::Other(word) => word,
        }
    }

    pub(crate) fn from_word(word: &str) -> Self {
        let mut known = Self::KNOWN.iter();
        known
            .find(|state| state.as_str() == word)
            .cloned()
            .unwrap_or_else(|| Self::Other(redact::text_with_numbers(word)))
    }
}

impl fmt::Display for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
