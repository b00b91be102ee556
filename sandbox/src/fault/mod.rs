//! Faults on demand: failures that a network, a gateway or an overloaded platform causes.

mod apply;
pub(crate) mod armed;
pub(crate) mod chance;
pub(crate) mod parse;

pub(crate) use armed::Faults;
pub(crate) use parse::read;

use std::time::Duration;

use serde_json::{Map, Value, json};

use armed::Arm;
use chance::Chance;

use crate::http::reply::Reply;
use crate::http::wire::End;

/// More bytes of headers or body than a client should read.
const LARGEST: usize = 64 * 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(3600);

/// A failure of requests to the API.
///
/// A fault says what happens ([`reply`](Self::reply), [`no_response`](Self::no_response),
/// [`delay`](Self::delay), [`drip`](Self::drip), [`cut_after`](Self::cut_after), …; they can be
/// combined) and to which requests ([`times`](Self::times),
/// [`for_call`](Self::for_call), [`rate`](Self::rate)): by default to the next one. The platform
/// carries out the request, unless the fault replaces the platform's response;
/// [`applied`](Self::applied) changes that.
///
/// ```
/// use calltransfer_sandbox::{Fault, Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().start()?;
/// // The next request is carried out, and its response is reset after 20 bytes.
/// sandbox.inject(vec![Fault::new().cut_after(20).by_reset()])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    response: Given,
    applied: Option<bool>,
    interim: Vec<u16>,
    delay: Duration,
    drip: Option<Duration>,
    cut_after: Option<u64>,
    end: End,
    closes: bool,
    head_bytes: usize,
    body_bytes: usize,
    times: Option<u32>,
    call_id: Option<String>,
    rate: Option<(f64, u64)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Given {
    /// The platform's own.
    Own,
    Reply(Reply),
    /// Bytes that need not be HTTP.
    Raw(String),
    Nothing,
}

impl Default for Fault {
    fn default() -> Self {
        Self::new()
    }
}

impl Fault {
    /// A fault without any effect yet, for the next request.
    pub fn new() -> Self {
        Self {
            response: Given::Own,
            applied: None,
            interim: Vec::new(),
            delay: Duration::ZERO,
            drip: None,
            cut_after: None,
            end: End::Fin,
            closes: false,
            head_bytes: 0,
            body_bytes: 0,
            times: None,
            call_id: None,
            rate: None,
        }
    }

    /// Responds with this reply, which may have any status from 200 to 999; a redirect is a reply
    /// with a `Location`.
    pub fn reply(mut self, reply: Reply) -> Self {
        self.response = Given::Reply(reply);
        self
    }

    /// Responds with this text, which need not be HTTP, and closes the connection.
    pub fn raw(mut self, text: impl Into<String>) -> Self {
        self.response = Given::Raw(text.into());
        self
    }

    /// Never responds; the connection stays open until the client closes it.
    pub fn no_response(mut self) -> Self {
        self.response = Given::Nothing;
        self
    }

    /// Whether the platform carries out the request, independent of the response.
    pub fn applied(mut self, applied: bool) -> Self {
        self.applied = Some(applied);
        self
    }

    /// Sends an interim response first: 100, 102 or 103. May be called more than once.
    pub fn interim(mut self, status: u16) -> Self {
        self.interim.push(status);
        self
    }

    /// Waits before the response, at most 1 hour.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends the response byte by byte, with a pause before each, at most 1 hour.
    pub fn drip(mut self, pause: Duration) -> Self {
        self.drip = Some(pause);
        self
    }

    /// Closes the connection after this many bytes of the response, interim responses included; 0 sends
    /// none. A shorter response is sent completely.
    pub fn cut_after(mut self, bytes: u64) -> Self {
        self.cut_after = Some(bytes);
        self
    }

    /// Makes [`cut_after`](Self::cut_after) reset the connection (RST) instead of closing it (FIN).
    pub fn by_reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// Closes the connection right after the response, without announcing it.
    pub fn close(mut self) -> Self {
        self.closes = true;
        self
    }

    /// Adds a header of this many bytes to the response, 64 MiB at most.
    pub fn head_bytes(mut self, bytes: usize) -> Self {
        self.head_bytes = bytes;
        self
    }

    /// Adds this many bytes to the response's body, 64 MiB at most.
    pub fn body_bytes(mut self, bytes: usize) -> Self {
        self.body_bytes = bytes;
        self
    }

    /// The number of matching requests that it happens to: 1 by default, all with a rate.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Happens only to requests for this call.
    pub fn for_call(mut self, call_id: impl Into<String>) -> Self {
        self.call_id = Some(call_id.into());
        self
    }

    /// Happens to this share of the requests, from 0 to 1. The same seed chooses the same ones.
    pub fn rate(mut self, share: f64, seed: u64) -> Self {
        self.rate = Some((share, seed));
        self
    }

    /// Whether the platform carries out the request.
    fn is_applied(&self) -> bool {
        let given = matches!(self.response, Given::Reply(_) | Given::Raw(_));
        self.applied.unwrap_or(!given)
    }

    /// Whether there is a response with a status.
    pub(crate) fn has_status(&self) -> bool {
        matches!(self.response, Given::Own | Given::Reply(_))
    }
}

impl Arm for Fault {
    fn check(&self) -> Result<(), String> {
        match &self.response {
            Given::Reply(reply) => reply.check(200..=999)?,
            Given::Raw(_) if self.head_bytes > 0 || self.body_bytes > 0 => {
                return Err("raw: head_bytes and body_bytes cannot be used with raw".to_owned());
            }
            Given::Own | Given::Raw(_) | Given::Nothing => {}
        }
        if let Some(odd) = self.interim.iter().find(|it| ![100, 102, 103].contains(it)) {
            return Err(format!("interim: must be 100, 102 or 103, got {odd}"));
        }
        for (name, bytes) in [
            ("head_bytes", self.head_bytes),
            ("body_bytes", self.body_bytes),
        ] {
            if bytes > LARGEST {
                return Err(format!("{name}: must be at most {LARGEST}, got {bytes}"));
            }
        }
        if self.delay.max(self.drip.unwrap_or_default()) > LONGEST {
            return Err("delay and drip: must be at most 1 hour".to_owned());
        }
        if self.end == End::Reset && self.cut_after.is_none() {
            return Err("reset: requires cut_after".to_owned());
        }
        chance::check_rate(self.rate)
    }

    fn chance(&self) -> Chance {
        Chance::new(self.times, self.rate)
    }

    fn view(&self) -> Map<String, Value> {
        let mut view = Map::new();
        let mut say = |name: &str, value: Value| {
            view.insert(name.to_owned(), value);
        };
        match &self.response {
            Given::Own => {}
            Given::Reply(reply) => say("status", json!(reply.status())),
            Given::Raw(text) => say("raw", json!(text)),
            Given::Nothing => say("no_response", json!(true)),
        }
        say("applied", json!(self.is_applied()));
        let milliseconds = |time: Duration| json!(u64::try_from(time.as_millis()).unwrap_or(0));
        for (name, given, value) in [
            ("interim", !self.interim.is_empty(), json!(self.interim)),
            ("delay_ms", !self.delay.is_zero(), milliseconds(self.delay)),
            (
                "drip_ms",
                self.drip.is_some(),
                milliseconds(self.drip.unwrap_or_default()),
            ),
            ("cut_after", self.cut_after.is_some(), json!(self.cut_after)),
            ("reset", self.end == End::Reset, json!(true)),
            ("close", self.closes, json!(true)),
            ("head_bytes", self.head_bytes > 0, json!(self.head_bytes)),
            ("body_bytes", self.body_bytes > 0, json!(self.body_bytes)),
            ("call_id", self.call_id.is_some(), json!(self.call_id)),
            (
                "rate",
                self.rate.is_some(),
                json!(self.rate.map(|rate| rate.0)),
            ),
            (
                "seed",
                self.rate.is_some(),
                json!(self.rate.map(|rate| rate.1)),
            ),
        ] {
            if given {
                say(name, value);
            }
        }
        view
    }
}
