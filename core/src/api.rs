//! The names of the platform's two APIs.

use std::fmt;

/// An API of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// Catapult v1: user ID, token and secret.
    V1,
    /// Voice v2: account ID, with a client's ID and secret or a user's name and password.
    V2,
}

impl Api {
    /// Every API.
    pub const ALL: &'static [Self] = &[Self::V1, Self::V2];

    /// The name in every language, such as `v1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The API with this name, if there is one. Case matters.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|api| api.as_str() == word)
    }

    /// The platform's own base URL for it.
    pub(crate) const fn base_url(self) -> &'static str {
        match self {
            Self::V1 => "https://api.catapult.inetwork.com",
            Self::V2 => "https://voice.bandwidth.com",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
