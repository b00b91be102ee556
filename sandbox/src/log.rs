//! The log of requests to the API.

use std::collections::VecDeque;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde::Serialize;

use crate::account::masked_authorization;
use crate::calls::clock;
use crate::http::received::Received;

/// So many requests are kept; the oldest leaves first.
const KEPT: usize = 10_000;

/// A request to the API, and how it was answered.
///
/// It is in the log before its answer is sent, so a client that has its answer
/// finds the entry. A request that isn't HTTP is in no log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// From 1, in the order of the answers; forgetting doesn't start it anew.
    pub number: u64,
    /// When it was answered: ISO 8601, UTC.
    pub time: String,
    /// Which accepted connection it came over, from 1.
    pub connection: u64,
    /// Such as `POST`.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// Names in lower case, with their values. Of an Authorization only the token is shown.
    pub headers: Vec<(String, String)>,
    /// Whether token and secret are the account's.
    pub authorized: bool,
    /// The first 64 KiB of the body; bytes that are no UTF-8 are replaced.
    pub body: String,
    /// Whether a scripted reply answered it, or a fault happened to it.
    pub scripted: bool,
    /// The status that it was answered with; 0 where a fault left it without one.
    pub status: u16,
    /// The call in its path, if it names one.
    pub call_id: Option<String>,
    /// The call that it made: an outbound call, or the new leg of a transfer.
    pub new_call_id: Option<String>,
    /// The version of the sandbox that it left behind.
    pub version: u64,
}

/// What the handling of a request adds to the request.
pub(crate) struct Handled {
    pub(crate) authorized: bool,
    pub(crate) scripted: bool,
    pub(crate) status: u16,
    pub(crate) call_id: Option<String>,
    pub(crate) new_call_id: Option<String>,
    pub(crate) version: u64,
}

#[derive(Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<LoggedRequest>,
    answered: u64,
}

impl RequestLog {
    pub(crate) fn add(&mut self, request: &Received, handled: Handled) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.answered += 1;
        self.entries.push_back(LoggedRequest {
            number: self.answered,
            time: clock::iso(clock::at(clock::wall_ms())),
            connection: request.connection,
            method: request.method.to_string(),
            path: request.target(),
            headers: shown_headers(&request.headers),
            authorized: handled.authorized,
            body: String::from_utf8_lossy(&request.body).into_owned(),
            scripted: handled.scripted,
            status: handled.status,
            call_id: handled.call_id,
            new_call_id: handled.new_call_id,
            version: handled.version,
        });
    }

    /// The number that the next entry will have.
    pub(crate) fn next_number(&self) -> u64 {
        self.answered + 1
    }

    /// Those that were answered after a version.
    pub(crate) fn since(&self, version: u64) -> Vec<LoggedRequest> {
        let entries = self.entries.iter();
        let new = entries.rev().take_while(|entry| entry.version > version);
        let mut new: Vec<LoggedRequest> = new.cloned().collect();
        new.reverse();
        new
    }

    pub(crate) fn entries(&self) -> Vec<LoggedRequest> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn forget(&mut self) {
        self.entries.clear();
    }
}

fn shown_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = if name == AUTHORIZATION {
                masked_authorization(headers)
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}
