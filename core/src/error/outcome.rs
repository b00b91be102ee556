//! The four outcomes, and the stages at which a request can fail.

use std::fmt;

use crate::words::words;

words! {
    /// Whether the call was transferred. Every result and every error has one.
    Outcome
    /// No byte of the request body left this process.
    NotSent = 101 "not_sent",
    /// The platform received the request and did nothing.
    NotApplied = 102 "not_applied",
    /// The transfer was made.
    Applied = 103 "applied",
    /// It may or may not have been made: read the call before sending it again.
    Unknown = 104 "unknown",
}

/// How far a request had come when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Fetching an access token, before the request itself (v2).
    Token,
    /// Looking up the host's name.
    Resolve,
    /// Opening the connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Connecting through a proxy.
    Proxy,
    /// Sending the request.
    Write,
    /// Waiting for the response or reading it.
    Read,
    /// The response was read; see the status.
    Status,
}

impl Stage {
    /// Every stage, in the order in which a request passes them.
    pub const ALL: &'static [Self] = &[
        Self::Token,
        Self::Resolve,
        Self::Connect,
        Self::Tls,
        Self::Proxy,
        Self::Write,
        Self::Read,
        Self::Status,
    ];

    /// The name that every language uses, such as `resolve`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Write => "write",
            Self::Read => "read",
            Self::Status => "status",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
