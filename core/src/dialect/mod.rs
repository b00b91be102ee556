//! The platform's two APIs. Each is a closed thing: it builds a request and reads the answer.

pub(crate) mod v1;
pub(crate) mod v2;

use std::fmt;

use http::HeaderMap;

use crate::config::Config;
use crate::outcome::{Answer, Call, Error, Transferred};
use crate::redaction;
use crate::request::{Outgoing, Transfer};

/// An API of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// Catapult v1: user id, token and secret.
    V1,
    /// Voice v2: account id, with a client's id and secret or a user's name and password.
    V2,
}

impl Api {
    /// Every API.
    pub const ALL: &'static [Self] = &[Self::V1, Self::V2];

    /// The name that every language uses, as `v1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The API of this name, if there is one. Case counts.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|api| api.as_str() == word)
    }

    /// Where the platform speaks it.
    pub(crate) const fn base_url(self) -> &'static str {
        match self {
            Self::V1 => "https://api.catapult.inetwork.com",
            Self::V2 => "https://voice.bandwidth.com",
        }
    }

    pub(crate) fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::V1 => &v1::V1,
            Self::V2 => &v2::V2,
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request, and how its answer is read.
pub(crate) struct Order<T> {
    pub(crate) outgoing: Outgoing,
    pub(crate) read: fn(&Answer, &Config, &Outgoing) -> Result<T, Error>,
    /// Whether the head of a success proves it by more than its status.
    pub(crate) proves: fn(&HeaderMap, &Config) -> bool,
}

/// Whether this id, as it is shown, is the one of the call that was requested.
fn is_requested(id: &str, config: &Config, outgoing: &Outgoing) -> bool {
    id == outgoing.call_id || redaction::is_shown_as(&outgoing.call_id, id, config)
}

/// How an API is spoken. No I/O: what can't be asked of it is refused here, before anything is sent.
pub(crate) trait Dialect: Sync {
    fn transfer(&self, config: &Config, transfer: &Transfer) -> Result<Order<Transferred>, Error>;
    fn answer(&self, config: &Config, call_id: &str) -> Result<Order<()>, Error>;
    fn hang_up(&self, config: &Config, call_id: &str) -> Result<Order<()>, Error>;
    fn get_call(&self, config: &Config, call_id: &str) -> Result<Order<Call>, Error>;
}
