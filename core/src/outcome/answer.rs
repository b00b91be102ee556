//! Reading an answer: which class its status proves, with what the dialect knows of its words.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::LOCATION;
use serde_json::{Map, Value};

use super::call::Call;
use super::class::Outcome;
use super::error::{Error, Repeat};
use super::excerpt;
use super::kind::ErrorKind;
use super::platform::PlatformError;
use super::rate_limit;
use crate::mask;

/// More of a response's body is not read.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// An answer as the transport read it; the body is read only where it has something to say.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Host and port that the request went to.
    pub(crate) host: String,
    /// Whether the response is a page for a browser, which the platform never sends.
    pub(crate) is_web_page: bool,
}

/// What a dialect knows of answers: the words of its bodies.
pub(crate) struct Reading {
    /// What a refusal says, of the fields of its body.
    pub(crate) platform: fn(&Map<String, Value>) -> PlatformError,
    /// Whether these words of a 404 are the platform's own about a call.
    pub(crate) is_call_not_found: fn(&PlatformError) -> bool,
    /// What these words prove beyond the status, if anything.
    pub(crate) verdict: fn(&Answer, &PlatformError) -> Option<Verdict>,
    /// The call that the fields of a body describe.
    pub(crate) call: fn(Map<String, Value>) -> Option<Call>,
}

/// What a refusal proves. The class decides what happens next, not the status.
pub(crate) struct Verdict {
    kind: ErrorKind,
    outcome: Outcome,
    repeat: Repeat,
    what: Cow<'static, str>,
}

impl Verdict {
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

impl Answer {
    /// What the answer to an update proves.
    ///
    /// A web page proves nothing: another server sent it, as behind a wrong base URL or in a
    /// network that wants a login first.
    pub(crate) fn read_update(&self, reading: &Reading) -> Result<(), Error> {
        match self.status {
            200..300 if self.is_web_page => Err(self.told(
                Verdict::unknown(format!(
                    "{} responded with a web page, which does not say whether the request was \
                     carried out; check base_url and the network",
                    self.host
                )),
                PlatformError::default(),
            )),
            200..300 => Ok(()),
            _ => Err(self.refusal(reading)),
        }
    }

    /// What the answer to a read of a call says. A read changes nothing, so no outcome of it is
    /// unknown.
    pub(crate) fn read_call(
        &self,
        reading: &Reading,
        is_requested: impl Fn(&str) -> bool,
    ) -> Result<Call, Error> {
        if (200..300).contains(&self.status) {
            let call = match serde_json::from_slice(&self.body) {
                Ok(Value::Object(fields)) => (reading.call)(fields),
                _ => None,
            };
            let what = match call {
                Some(call) if is_requested(&call.id) => return Ok(call),
                Some(call) => format!(
                    "the response describes another call, \"{}\", than the one that was requested",
                    mask::text_with_numbers(&call.id)
                ),
                None => "the response describes no call".to_owned(),
            };
            let verdict = Verdict::refused(ErrorKind::Unavailable, what);
            return Err(self.told(verdict, PlatformError::default()));
        }
        let error = self.refusal(reading);
        if error.outcome() != Outcome::Unknown {
            return Err(error);
        }
        let what = "the platform failed to respond; nothing was changed";
        let verdict = Verdict::refused(ErrorKind::Unavailable, what)
            .repeatable(self.retry_after_or(Repeat::Backoff));
        Err(self.told(verdict, error.platform().clone()))
    }

    fn refusal(&self, reading: &Reading) -> Error {
        let platform = self.platform(reading.platform);
        let verdict = match (reading.verdict)(self, &platform) {
            Some(verdict) => verdict,
            None if self.status == 404 && !(reading.is_call_not_found)(&platform) => {
                self.not_found_elsewhere()
            }
            None => self.verdict(),
        };
        self.told(verdict, platform)
    }

    /// Every web server has a 404; only the platform's own is about the call.
    fn not_found_elsewhere(&self) -> Verdict {
        let what = format!(
            "{} has nothing at this address, and does not say so as the platform says it of a \
             call; check base_url",
            self.host
        );
        Verdict::refused(ErrorKind::Rejected, what)
    }

    /// A refusal of another endpoint than a call's, which has rules of its own.
    pub(crate) fn refused(
        &self,
        kind: ErrorKind,
        outcome: Outcome,
        repeat: Repeat,
        what: &'static str,
        platform: fn(&Map<String, Value>) -> PlatformError,
    ) -> Error {
        let verdict = Verdict {
            kind,
            outcome,
            repeat,
            what: what.into(),
        };
        self.told(verdict, self.platform(platform))
    }

    fn platform(&self, read: fn(&Map<String, Value>) -> PlatformError) -> PlatformError {
        // Lossy, so that one wrong byte doesn't hide the code beside it.
        match serde_json::from_str(&String::from_utf8_lossy(&self.body)) {
            Ok(Value::Object(fields)) => read(&fields),
            _ => PlatformError::default(),
        }
    }

    fn told(&self, verdict: Verdict, platform: PlatformError) -> Error {
        let mut message = format!("{} (HTTP {}", verdict.what, self.status);
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
        if verdict.kind == ErrorKind::RedirectRefused {
            message.push_str(&self.redirect_target());
        }
        Error::new(verdict.kind, verdict.outcome, message)
            .answered(self.status, platform)
            .repeatable(verdict.repeat)
    }

    /// The outcome table, row by row, as far as the status alone decides.
    fn verdict(&self) -> Verdict {
        match self.status {
            301 | 302 | 307 | 308 => Verdict::refused(
                ErrorKind::RedirectRefused,
                "the platform responded with a redirect, which is never followed",
            ),
            400 | 405 | 413 | 415 | 422 | 431 => Verdict::refused(
                ErrorKind::BadRequest,
                "the platform rejected the request as invalid",
            ),
            401 => Verdict::refused(
                ErrorKind::Authentication,
                "the platform rejected these credentials",
            ),
            403 => Verdict::refused(ErrorKind::Forbidden, "the platform forbids this request"),
            404 => Verdict::refused(ErrorKind::CallNotFound, "the platform has no such call"),
            409 => Verdict::refused(
                ErrorKind::Conflict,
                "another update of this call is in progress",
            ),
            429 => self.limited(Duration::ZERO, "too many requests"),
            // A request timeout may be told after the request was read.
            408 => {
                Verdict::unknown("the platform timed out; the request may have been carried out")
            }
            400..500 => Verdict::refused(ErrorKind::Rejected, "the platform refused the request"),
            _ => Verdict::unknown("the response does not say whether the request was carried out"),
        }
    }

    /// A limit that clears when the answer's headers say, but not before `at_least` is over.
    pub(crate) fn limited(&self, at_least: Duration, what: &'static str) -> Verdict {
        let wait = self.clears().max(at_least);
        Verdict::refused(ErrorKind::RateLimited, what).repeatable(Repeat::After(wait))
    }

    /// When the limit clears that the headers speak of.
    pub(crate) fn clears(&self) -> Duration {
        rate_limit::wait(&self.headers, SystemTime::now())
    }

    /// As `otherwise`, unless the platform says when to come back.
    pub(crate) fn retry_after_or(&self, otherwise: Repeat) -> Repeat {
        let asked = rate_limit::asked(&self.headers, SystemTime::now());
        asked.map_or(otherwise, Repeat::After)
    }

    fn redirect_target(&self) -> String {
        let target = self
            .headers
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let host = target.and_then(|target| url::Url::parse(target).ok());
        match host.as_ref().and_then(url::Url::host_str) {
            Some(host) => format!(", to {}", mask::text_with_numbers(host)),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::dialect::v1;

    const USER: &str = "u-1";
    const CALL: &str = "c-1";

    /// Any status, odd and plausible headers, and bodies from JSON to noise.
    fn answers() -> impl Strategy<Value = Answer> {
        let code = prop_oneof![
            Just("call-unavailable".to_owned()),
            Just("call-invalid-state".to_owned()),
            Just("call-rate-limit".to_owned()),
            Just("call-transfer-error".to_owned()),
            ".{0,40}",
        ];
        let json = code.prop_map(|code| {
            serde_json::json!({"code": code, "message": code})
                .to_string()
                .into_bytes()
        });
        let page = Just(b"<html><title>Sign in</title>".to_vec());
        let body = prop_oneof![json, page, proptest::collection::vec(any::<u8>(), 0..200)];
        let value = prop_oneof![
            "/v1/users/u-1/calls/[a-z./%-]{0,12}",
            "[0-9]{0,22}",
            "[ -~]{0,40}",
        ];
        let name = prop_oneof![
            Just("location"),
            Just("retry-after"),
            Just("x-ratelimit-reset"),
            Just("date"),
            Just("content-type")
        ];
        let headers = proptest::collection::vec((name, value), 0..5);
        (100..1000u16, headers, body).prop_map(|(status, headers, body)| {
            let headers = headers.into_iter().filter_map(|(name, value)| {
                Some((
                    http::HeaderName::from_static(name),
                    HeaderValue::from_str(&value).ok()?,
                ))
            });
            let headers: HeaderMap = headers.collect();
            Answer {
                status,
                is_web_page: excerpt::is_web_page(&headers, &body, body.is_empty()),
                headers,
                body,
                host: "platform.example".to_owned(),
            }
        })
    }

    proptest! {
        #[test]
        fn a_transfer_is_told_as_made_if_and_only_if_the_status_says_so(answer in answers()) {
            match v1::read_transfer(&answer, USER, CALL) {
                Ok(done) => {
                    prop_assert!((200..300).contains(&answer.status));
                    prop_assert_eq!(done.note.is_none(), done.new_call_id.is_some());
                    prop_assert!(done.new_call_id.is_none_or(|id| crate::request::id::is_id(&id)));
                }
                Err(error) => {
                    prop_assert!(!(200..300).contains(&answer.status) || answer.is_web_page);
                    prop_assert!(matches!(error.outcome(), Outcome::NotApplied | Outcome::Unknown));
                    prop_assert_eq!(error.http_status(), Some(answer.status));
                }
            }
        }

        #[test]
        fn nothing_that_may_have_been_made_is_ever_repeated(answer in answers()) {
            if let Err(error) = v1::read_transfer(&answer, USER, CALL) {
                let repeated = error.repeat() != Repeat::Never;
                let class = matches!(answer.status, 403 | 429 | 503);
                prop_assert!(!repeated || (class && error.outcome() == Outcome::NotApplied));
                prop_assert_eq!(error.outcome() == Outcome::Unknown, error.kind() == ErrorKind::OutcomeUnknown);
                prop_assert!(error.retry_after().is_none_or(|wait| wait <= rate_limit::LONGEST));
            }
        }

        #[test]
        fn what_the_platform_says_is_fit_to_print(answer in answers()) {
            if let Err(error) = v1::read_transfer(&answer, USER, CALL) {
                let shown = format!("{error} {error:?}");
                prop_assert!(shown.chars().all(|c| !c.is_control()));
                prop_assert!(error.to_string().chars().count() < 1000);
            }
        }

        #[test]
        fn a_read_is_never_unknown(answer in answers()) {
            if let Err(error) = answer.read_call(&v1::READING, |id| id == CALL) {
                prop_assert_eq!(error.outcome(), Outcome::NotApplied);
            }
        }
    }
}
