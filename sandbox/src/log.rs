//! The log of requests to the API, in memory and in a file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Write};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use serde::Serialize;

use crate::account::masked_authorization;
use crate::calls::clock;
use crate::http::received::Received;

/// So many requests are kept; the oldest leaves first.
const KEPT: usize = 10_000;
/// And so many bytes of them: heads and bodies can be long.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// A request to the API, and how it was answered.
///
/// It is in the log before its answer is sent, so a client that has its answer
/// finds the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// From 1, in the order of the answers; forgetting doesn't start it anew.
    pub number: u64,
    /// When it was answered: ISO 8601, UTC.
    pub time: String,
    /// Which accepted connection it came over, from 1.
    pub connection: u64,
    /// Such as `POST`; empty if the connection ended before the head was whole.
    pub method: String,
    /// Path and query, as sent; empty if the head wasn't whole.
    pub path: String,
    /// Names in lower case, with their values. Of an Authorization only the token is shown.
    pub headers: Vec<(String, String)>,
    /// Whether token and secret are the account's.
    pub authorized: bool,
    /// The first 64 KiB of the body; bytes that are no UTF-8 are replaced.
    pub body: String,
    /// Whether all of it came, to the last byte of the body.
    pub complete: bool,
    /// How many bytes came of the body, or of a head that wasn't whole.
    pub bytes: u64,
    /// Whether a scripted reply answered it, or a fault happened to it.
    pub scripted: bool,
    /// The status that it was answered with; 0 where a fault, or its own end, left it without one.
    pub status: u16,
    /// The call in its path, if it names one.
    pub call_id: Option<String>,
    /// The call that it made: an outbound call, or the new leg of a transfer.
    pub new_call_id: Option<String>,
    /// The version of the sandbox that it left behind.
    pub version: u64,
}

/// What the handling of a request adds to the request.
#[derive(Default)]
pub(crate) struct Handled {
    pub(crate) authorized: bool,
    pub(crate) scripted: bool,
    pub(crate) status: u16,
    pub(crate) call_id: Option<String>,
    pub(crate) new_call_id: Option<String>,
    pub(crate) version: u64,
}

/// As it came in: it is put into words when somebody looks.
struct Entry {
    number: u64,
    ms: i64,
    connection: u64,
    method: Option<Method>,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    complete: bool,
    bytes: u64,
    handled: Handled,
}

#[derive(Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Entry>,
    /// What the entries take up.
    size: usize,
    answered: u64,
    record: Option<BufWriter<File>>,
    record_error: Option<String>,
}

impl RequestLog {
    /// Writes every entry into this file too, a line of JSON for each.
    pub(crate) fn recording(file: Option<File>) -> Self {
        Self {
            record: file.map(BufWriter::new),
            ..Self::default()
        }
    }

    /// Why nothing is written into the file any more.
    pub(crate) fn record_error(&self) -> Option<&str> {
        self.record_error.as_deref()
    }

    pub(crate) fn add(&mut self, request: Received, handled: Handled) {
        let complete = !request.is_broken_off();
        let entry = Entry {
            number: self.next_number(),
            ms: clock::wall_ms(),
            connection: request.connection,
            path: match request.query {
                Some(query) => format!("{}?{query}", request.path),
                None => request.path,
            },
            complete,
            bytes: request.bytes,
            method: Some(request.method),
            headers: request.headers,
            body: request.body,
            handled,
        };
        self.push(entry);
    }

    /// A connection ended with the beginning of a head, or with something that was none.
    pub(crate) fn add_fragment(&mut self, connection: u64, bytes: u64, handled: Handled) {
        let entry = Entry {
            number: self.next_number(),
            ms: clock::wall_ms(),
            connection,
            method: None,
            path: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            complete: false,
            bytes,
            handled,
        };
        self.push(entry);
    }

    fn push(&mut self, entry: Entry) {
        self.answered += 1;
        if let Some(file) = &mut self.record
            && let Err(error) = write_line(file, &entry.shown())
        {
            self.record_error = Some(error.to_string());
            self.record = None;
        }
        self.size += entry.size();
        self.entries.push_back(entry);
        while self.entries.len() > KEPT || self.size > KEPT_BYTES {
            let Some(gone) = self.entries.pop_front() else {
                break;
            };
            self.size -= gone.size();
        }
    }

    /// The number that the next entry will have.
    pub(crate) fn next_number(&self) -> u64 {
        self.answered + 1
    }

    /// Those that were answered after a version.
    pub(crate) fn since(&self, version: u64) -> Vec<LoggedRequest> {
        let first = self
            .entries
            .partition_point(|entry| entry.handled.version <= version);
        self.entries.range(first..).map(Entry::shown).collect()
    }

    pub(crate) fn entries(&self) -> Vec<LoggedRequest> {
        self.entries.iter().map(Entry::shown).collect()
    }

    pub(crate) fn forget(&mut self) {
        self.entries.clear();
        self.size = 0;
    }
}

fn write_line(file: &mut BufWriter<File>, entry: &LoggedRequest) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, entry)?;
    file.write_all(b"\n")?;
    file.flush()
}

impl Entry {
    /// About so many bytes it takes up.
    fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
        self.path.len() + self.body.len() + headers.sum::<usize>()
    }

    fn shown(&self) -> LoggedRequest {
        let handled = &self.handled;
        LoggedRequest {
            number: self.number,
            time: clock::iso(clock::at(self.ms)),
            connection: self.connection,
            method: self
                .method
                .as_ref()
                .map_or_else(String::new, Method::to_string),
            path: self.path.clone(),
            headers: shown_headers(&self.headers),
            authorized: handled.authorized,
            body: String::from_utf8_lossy(&self.body).into_owned(),
            complete: self.complete,
            bytes: self.bytes,
            scripted: handled.scripted,
            status: handled.status,
            call_id: handled.call_id.clone(),
            new_call_id: handled.new_call_id.clone(),
            version: handled.version,
        }
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
