//! Classifying a response: what its status and its body prove.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::LOCATION;
use serde_json::{Map, Value};

use super::call::Call;
use super::call_event::CallEvent;
use super::excerpt;
use super::rate_limit;
use crate::error::{Error, ErrorKind, Outcome, PlatformError, Repeat};
use crate::redact;

/// The highest number of bytes of a response's body that are read.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;
/// The highest number of bytes of a page of a list that are read: a call takes about 1 KiB.
pub(crate) const PAGE_BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A response as the transport read it; the body is read only if it is needed.
#[derive(Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Host and port that the request went to.
    pub(crate) host: String,
    /// Whether the response is a page for a browser, which the platform never sends.
    pub(crate) is_web_page: bool,
}

/// How the responses of an API are read.
pub(crate) trait Wording {
    /// Reads the fields of a refusal's body.
    fn platform_error(&self, fields: &Map<String, Value>) -> PlatformError;

    /// Whether the body of a 404 is the platform's own and about a call.
    fn is_call_not_found(&self, platform: &PlatformError) -> bool;

    /// What the body proves beyond the status, if anything.
    fn classify(&self, _: &Response, _: &PlatformError) -> Option<Classification> {
        None
    }

    /// The call that the fields of a body describe.
    fn call(&self, fields: Map<String, Value>) -> Option<Call>;
}

/// What an error response proves. The class decides what happens next, not the status.
pub(crate) struct Classification {
    kind: ErrorKind,
    outcome: Outcome,
    repeat: Repeat,
    what: Cow<'static, str>,
}

impl Classification {
    /// The platform did nothing, and a repeat wouldn't help.
    pub(crate) fn refused(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            outcome: Outcome::NotApplied,
            repeat: Repeat::Never,
            what: what.into(),
        }
    }

    fn unknown(what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            outcome: Outcome::Unknown,
            ..Self::refused(ErrorKind::OutcomeUnknown, what)
        }
    }

    pub(crate) fn repeatable(self, repeat: Repeat) -> Self {
        Self { repeat, ..self }
    }
}

impl Response {
    /// What the response to an update proves.
    ///
    /// A web page proves nothing: another server sent it, because the base URL is wrong or the
    /// network requires a login first.
    pub(crate) fn read_update(&self, wording: &dyn Wording) -> Result<(), Error> {
        match self.status {
            200..300 if self.is_web_page => Err(self.to_error(
                Classification::unknown(format!(
                    "{} responded with a web page, which does not say whether the request was \
                     carried out; check base_url and the network",
                    self.host
                )),
                PlatformError::default(),
            )),
            200..300 => Ok(()),
            _ => Err(self.refusal(wording)),
        }
    }

    /// The result of reading a call. A read changes nothing, so its outcome is never unknown.
    pub(crate) fn read_call(
        &self,
        wording: &dyn Wording,
        is_requested: impl Fn(&str) -> bool,
    ) -> Result<Call, Error> {
        if (200..300).contains(&self.status) {
            let call = match serde_json::from_slice(&self.body) {
                Ok(Value::Object(fields)) => wording.call(fields),
                _ => None,
            };
            let what = match call {
                Some(call) if is_requested(&call.id) => return Ok(call),
                Some(call) => format!(
                    "the response describes another call, \"{}\", than the one that was requested",
                    redact::text_with_numbers(&call.id)
                ),
                None => "the response describes no call".to_owned(),
            };
            let classification = Classification::refused(ErrorKind::Unavailable, what);
            return Err(self.to_error(classification, PlatformError::default()));
        }
        Err(self.read_failure(wording))
    }

    /// The calls that the response to a request for a page of the list describes.
    pub(crate) fn read_calls(&self, wording: &dyn Wording) -> Result<Vec<Call>, Error> {
        if self.status == 404 {
            let what = format!(
                "{} has no list of calls at this address; check base_url and the ID of the account",
                self.host
            );
            let platform = self.platform(|fields| wording.platform_error(fields));
            return Err(self.to_error(Classification::refused(ErrorKind::Rejected, what), platform));
        }
        if !(200..300).contains(&self.status) {
            return Err(self.read_failure(wording));
        }
        let unavailable = |what| Classification::refused(ErrorKind::Unavailable, what);
        let classification = match serde_json::from_slice(&self.body) {
            Ok(Value::Array(items)) => {
                let calls = items.into_iter().map(|item| match item {
                    Value::Object(fields) => wording.call(fields),
                    _ => None,
                });
                match calls.collect() {
                    Some(calls) => return Ok(calls),
                    None => unavailable("the response lists something that is not a call"),
                }
            }
            Ok(_) => unavailable("the response is not a list of calls"),
            Err(_) if self.is_web_page => unavailable("the response is a web page, not a list"),
            Err(_) if self.body.len() >= PAGE_BODY_LIMIT => {
                unavailable("the list is longer than 16 MiB; request fewer calls with page_size")
            }
            // Usually cut off. A read changes nothing, so it may be repeated.
            Err(_) => unavailable("the response is not a complete list of calls")
                .repeatable(Repeat::Backoff),
        };
        Err(self.to_error(classification, PlatformError::default()))
    }

    /// What the response to a read of a call's events lists.
    pub(crate) fn read_call_events(&self, wording: &dyn Wording) -> Result<Vec<CallEvent>, Error> {
        if !(200..300).contains(&self.status) {
            return Err(self.read_failure(wording));
        }
        let unavailable = |what| Classification::refused(ErrorKind::Unavailable, what);
        let classification = match serde_json::from_slice(&self.body) {
            Ok(Value::Array(items)) => {
                let events = items.into_iter().map(|item| match item {
                    Value::Object(fields) => CallEvent::read(fields),
                    _ => None,
                });
                match events.collect() {
                    Some(events) => return Ok(events),
                    None => unavailable("the response lists something that is not an event"),
                }
            }
            Ok(_) => unavailable("the response is not a list of events"),
            Err(_) if self.is_web_page => unavailable("the response is a web page, not a list"),
            Err(_) => unavailable("the response is not a complete list of events")
                .repeatable(Repeat::Backoff),
        };
        Err(self.to_error(classification, PlatformError::default()))
    }

    /// The error of a read. A read changes nothing, so its outcome is never unknown.
    fn read_failure(&self, wording: &dyn Wording) -> Error {
        let error = self.refusal(wording);
        if error.outcome() != Outcome::Unknown {
            return error;
        }
        let what = "the platform failed to respond; nothing was changed";
        let classification = Classification::refused(ErrorKind::Unavailable, what)
            .repeatable(self.retry_after_or(Repeat::Backoff));
        self.to_error(classification, error.platform().clone())
    }

    fn refusal(&self, wording: &dyn Wording) -> Error {
        let platform = self.platform(|fields| wording.platform_error(fields));
        let classification = match wording.classify(self, &platform) {
            Some(classification) => classification,
            None if self.status == 404 && !wording.is_call_not_found(&platform) => {
                self.not_found_elsewhere()
            }
            None => self.classify(),
        };
        self.to_error(classification, platform)
    }

    /// Any web server may respond with 404; only the platform's own 404 says something about the
    /// call.
    fn not_found_elsewhere(&self) -> Classification {
        let what = format!(
            "{} has nothing at this address, and the response is not the platform's own; check \
             base_url",
            self.host
        );
        Classification::refused(ErrorKind::Rejected, what)
    }

    /// An error response of another endpoint than a call's, which has rules of its own.
    pub(crate) fn refused(
        &self,
        kind: ErrorKind,
        outcome: Outcome,
        repeat: Repeat,
        what: &'static str,
        platform: fn(&Map<String, Value>) -> PlatformError,
    ) -> Error {
        let classification = Classification {
            kind,
            outcome,
            repeat,
            what: what.into(),
        };
        self.to_error(classification, self.platform(platform))
    }

    fn platform(&self, read: impl Fn(&Map<String, Value>) -> PlatformError) -> PlatformError {
        // Lossy, so that one wrong byte doesn't hide the code.
        match serde_json::from_str(&String::from_utf8_lossy(&self.body)) {
            Ok(Value::Object(fields)) => read(&fields),
            _ => PlatformError::default(),
        }
    }

    fn to_error(&self, classification: Classification, platform: PlatformError) -> Error {
        let mut message = format!("{} (HTTP {}", classification.what, self.status);
        for part in [&platform.code, &platform.message].into_iter().flatten() {
            message.push_str(": ");
            message.push_str(part);
        }
        if platform.code.is_none()
            && platform.message.is_none()
            && let Some(excerpt) = excerpt::describe(&self.headers, &self.body, BODY_LIMIT)
        {
            message.push_str("; the response is ");
            message.push_str(&excerpt);
        }
        message.push(')');
        if classification.kind == ErrorKind::RedirectRefused {
            message.push_str(&self.redirect_target());
        }
        Error::new(classification.kind, classification.outcome, message)
            .with_response(self.status, platform)
            .repeatable(classification.repeat)
    }

    /// The outcome table, row by row, for what the status alone decides.
    fn classify(&self) -> Classification {
        match self.status {
            301 | 302 | 307 | 308 => Classification::refused(
                ErrorKind::RedirectRefused,
                "the platform responded with a redirect, which is never followed",
            ),
            400 | 405 | 413 | 415 | 422 | 431 => Classification::refused(
                ErrorKind::BadRequest,
                "the platform rejected the request as invalid",
            ),
            401 => Classification::refused(
                ErrorKind::Authentication,
                "the platform rejected these credentials",
            ),
            403 => {
                Classification::refused(ErrorKind::Forbidden, "the platform forbids this request")
            }
            404 => {
                Classification::refused(ErrorKind::CallNotFound, "the platform has no such call")
            }
            409 => Classification::refused(
                ErrorKind::Conflict,
                "another update of this call is in progress",
            ),
            429 => self.limited(Duration::ZERO, "too many requests"),
            // A request timeout may come after the request was read.
            408 => Classification::unknown(
                "the platform timed out; the request may have been carried out",
            ),
            400..500 => {
                Classification::refused(ErrorKind::Rejected, "the platform refused the request")
            }
            _ => Classification::unknown(
                "the response does not say whether the request was carried out",
            ),
        }
    }

    /// A limit that clears at the time in the response's headers, but not before `at_least` is
    /// over.
    pub(crate) fn limited(&self, at_least: Duration, what: &'static str) -> Classification {
        let wait = self.clears().max(at_least);
        Classification::refused(ErrorKind::RateLimited, what).repeatable(Repeat::After(wait))
    }

    /// When the limit clears, from the headers.
    pub(crate) fn clears(&self) -> Duration {
        rate_limit::wait(&self.headers, SystemTime::now())
    }

    /// As `otherwise`, unless the platform says when to try again.
    pub(crate) fn retry_after_or(&self, otherwise: Repeat) -> Repeat {
        let wait = rate_limit::requested_wait(&self.headers, SystemTime::now());
        wait.map_or(otherwise, Repeat::After)
    }

    fn redirect_target(&self) -> String {
        let target = self
            .headers
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let host = target.and_then(|target| url::Url::parse(target).ok());
        match host.as_ref().and_then(url::Url::host_str) {
            Some(host) => format!(", to {}", redact::text_with_numbers(host)),
            None => String::new(),
        }
    }
}
