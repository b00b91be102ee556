//! The log of requests to the API, in memory and in a file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Write};

use http::Method;
use http::header::AUTHORIZATION;
use serde::Serialize;

use crate::account::redacted_authorization;
use crate::http::received::Received;
use crate::timestamp::{at, iso, wall_ms};

/// Requests that are kept; the oldest is removed first.
const KEPT: usize = 10_000;
/// Bytes of requests that are kept: heads and bodies can be long.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// A request to the API, and the status of the response.
///
/// It is in the log before its response is sent, so that a client that has its response
/// finds the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// From 1, in the order of the responses; emptying the log does not restart it.
    pub number: u64,
    /// When the response was made: ISO 8601, UTC.
    pub time: String,
    /// The number of its connection, from 1.
    pub connection: u64,
    /// Such as `POST`; empty if the connection ended before the head was complete.
    pub method: String,
    /// Path and query, as sent; empty if the head was not complete.
    pub path: String,
    /// Names in lower case, with their values. Of an Authorization only the token is shown.
    pub headers: Vec<(String, String)>,
    /// Whether token and secret are the account's.
    pub authorized: bool,
    /// The first 64 KiB of the body; bytes that are not UTF-8 are replaced.
    pub body: String,
    /// Whether the request was received completely.
    pub complete: bool,
    /// How many bytes of the body were received, or of a head that was not complete.
    pub bytes: u64,
    /// Whether the response was a scripted reply, or a fault happened to the request.
    pub scripted: bool,
    /// The status of the response; 0 if a fault, or the end of the connection, left the request without one.
    pub status: u16,
    /// The call in its path, if it names one.
    pub call_id: Option<String>,
    /// The call that it created: an outbound call, or the new leg of a transfer.
    pub new_call_id: Option<String>,
    /// The version of the sandbox after it.
    pub version: u64,
}

/// What the log records of the handling of a request.
#[derive(Default)]
pub(crate) struct Handled {
    pub(crate) authorized: bool,
    pub(crate) scripted: bool,
    pub(crate) status: u16,
    pub(crate) call_id: Option<String>,
    pub(crate) new_call_id: Option<String>,
    pub(crate) version: u64,
}

/// As it was received: it is formatted only when it is read.
struct Entry {
    number: u64,
    ms: i64,
    connection: u64,
    method: Option<Method>,
    /// Path and query, then a line for each header, then the body: one piece, which is quick to store
    /// and to remove, and does not keep the connection's buffers.
    text: Box<[u8]>,
    /// Where the body begins.
    head: usize,
    complete: bool,
    bytes: u64,
    handled: Handled,
}

#[derive(Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Entry>,
    /// The bytes of all entries.
    size: usize,
    numbered: u64,
    record: Option<BufWriter<File>>,
    record_error: Option<String>,
}

impl RequestLog {
    /// Also appends every entry to this file, as a line of JSON.
    pub(crate) fn recording(file: Option<File>) -> Self {
        Self {
            record: file.map(BufWriter::new),
            ..Self::default()
        }
    }

    /// Why writing to the file stopped.
    pub(crate) fn record_error(&self) -> Option<&str> {
        self.record_error.as_deref()
    }

    pub(crate) fn add(&mut self, request: Received, handled: Handled) {
        let complete = !request.is_incomplete();
        let (text, head) = text(&request);
        let entry = Entry {
            number: self.next_number(),
            ms: wall_ms(),
            connection: request.connection,
            complete,
            bytes: request.bytes,
            method: Some(request.method),
            text,
            head,
            handled,
        };
        self.push(entry);
    }

    /// Adds a connection that ended after an incomplete head, or after bytes that are not HTTP.
    pub(crate) fn add_fragment(&mut self, connection: u64, bytes: u64, handled: Handled) {
        let entry = Entry {
            number: self.next_number(),
            ms: wall_ms(),
            connection,
            method: None,
            text: Box::default(),
            head: 0,
            complete: false,
            bytes,
            handled,
        };
        self.push(entry);
    }

    fn push(&mut self, entry: Entry) {
        self.numbered += 1;
        if let Some(file) = &mut self.record
            && let Err(error) = write_line(file, &entry.shown())
        {
            self.record_error = Some(error.to_string());
            self.record = None;
        }
        self.size += entry.text.len();
        self.entries.push_back(entry);
        while self.entries.len() > KEPT || self.size > KEPT_BYTES {
            let Some(gone) = self.entries.pop_front() else {
                break;
            };
            self.size -= gone.text.len();
        }
    }

    /// The number that the next entry will have.
    pub(crate) fn next_number(&self) -> u64 {
        self.numbered + 1
    }

    /// The requests that were added after a version.
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
    fn shown(&self) -> LoggedRequest {
        let handled = &self.handled;
        let (head, body) = self.text.split_at(self.head);
        let mut lines = head
            .split(|byte| *byte == b'\n')
            .map(String::from_utf8_lossy);
        LoggedRequest {
            number: self.number,
            time: iso(at(self.ms)),
            connection: self.connection,
            method: self
                .method
                .as_ref()
                .map_or_else(String::new, Method::to_string),
            path: lines.next().unwrap_or_default().into_owned(),
            headers: lines.filter_map(|line| shown_header(&line)).collect(),
            authorized: handled.authorized,
            body: String::from_utf8_lossy(body).into_owned(),
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

/// A request's head and body in one piece, and where the body begins. Headers contain no line break.
fn text(request: &Received) -> (Box<[u8]>, usize) {
    let headers = || {
        let each = request.headers.iter();
        each.map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()))
    };
    let query = request.query.as_deref().map(|query| ["?", query]);
    let query = query.unwrap_or_default();
    let size: usize = headers()
        .map(|(name, value)| name.len() + value.len() + 2)
        .sum();
    let size = request.path.len() + query[0].len() + query[1].len() + size + request.body.len();
    let mut text = Vec::with_capacity(size);
    text.extend_from_slice(request.path.as_bytes());
    for part in query {
        text.extend_from_slice(part.as_bytes());
    }
    for (name, value) in headers() {
        text.push(b'\n');
        text.extend_from_slice(name);
        text.push(b':');
        text.extend_from_slice(value);
    }
    let head = text.len();
    text.extend_from_slice(&request.body);
    (text.into_boxed_slice(), head)
}

fn shown_header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let value = if name == AUTHORIZATION.as_str() {
        redacted_authorization(value)
    } else {
        value.to_owned()
    };
    Some((name.to_owned(), value))
}
