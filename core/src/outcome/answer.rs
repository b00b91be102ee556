//! Reading an answer: which class its status, code and `Location` prove.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::LOCATION;

use super::call::Call;
use super::class::Outcome;
use super::error::{Error, Repeat};
use super::kind::ErrorKind;
use super::platform::PlatformError;
use super::transferred::Transferred;
use super::{location, rate_limit};
use crate::mask;

/// An answer as the transport read it; the body is read only where it has something to say.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// What the answer to a transfer proves.
    pub(crate) fn read_transfer(&self, user_id: &str, call_id: &str) -> Result<Transferred, Error> {
        self.read_update()?;
        Ok(self.transferred(user_id, call_id))
    }

    /// What the answer to another update proves.
    pub(crate) fn read_update(&self) -> Result<(), Error> {
        if (200..300).contains(&self.status) {
            return Ok(());
        }
        Err(self.refusal())
    }

    /// What the answer to a read says. A read changes nothing, so no outcome of it is unknown.
    pub(crate) fn read_call(&self) -> Result<Call, Error> {
        match self.read_update() {
            Ok(()) => Call::read(&self.body).ok_or_else(|| {
                let message = format!("the answer describes no call (HTTP {})", self.status);
                Error::new(ErrorKind::Unavailable, Outcome::NotApplied, message)
                    .answered(self.status, PlatformError::default())
            }),
            Err(error) if error.outcome() == Outcome::Unknown => {
                let message = format!("the platform failed to answer (HTTP {})", self.status);
                Err(
                    Error::new(ErrorKind::Unavailable, Outcome::NotApplied, message)
                        .answered(self.status, error.platform().clone())
                        .repeatable(Repeat::Backoff),
                )
            }
            Err(error) => Err(error),
        }
    }

    /// A 2xx is a transfer that was made, whatever else is odd about it.
    fn transferred(&self, user_id: &str, call_id: &str) -> Transferred {
        let (new_call_id, note) = match self.headers.get(LOCATION) {
            None => (None, Some("the answer had no Location header")),
            Some(value) => match value
                .to_str()
                .ok()
                .and_then(|l| location::call_id(l, user_id))
            {
                Some(call_id) => (Some(call_id), None),
                None => (None, Some("the Location header names no call of this user")),
            },
        };
        Transferred {
            call_id: new_call_id,
            transferred_call_id: call_id.to_owned(),
            http_status: self.status,
            attempts: 1,
            elapsed: Duration::ZERO,
            note,
        }
    }

    fn refusal(&self) -> Error {
        let platform = PlatformError::read(&self.body);
        let (kind, outcome, repeat, what) = self.verdict(&platform);
        let mut message = format!("{what} (HTTP {}", self.status);
        for part in [&platform.code, &platform.message].into_iter().flatten() {
            message.push_str(": ");
            message.push_str(part);
        }
        message.push(')');
        if kind == ErrorKind::RedirectRefused {
            message.push_str(&self.redirect_target());
        }
        Error::new(kind, outcome, message)
            .answered(self.status, platform)
            .repeatable(repeat)
    }

    /// The outcome table, row by row. The class decides what happens next, not the status.
    fn verdict(&self, platform: &PlatformError) -> (ErrorKind, Outcome, Repeat, &'static str) {
        use Outcome::{NotApplied, Unknown};
        use Repeat::{Never, Soon};
        let limited = |at_least: Duration, what| {
            let wait = rate_limit::wait(&self.headers, SystemTime::now()).max(at_least);
            (
                ErrorKind::RateLimited,
                NotApplied,
                Repeat::After(wait),
                what,
            )
        };
        let refused = |kind, what| (kind, NotApplied, Never, what);
        match (self.status, platform.category(), platform.code()) {
            (301 | 302 | 307 | 308, ..) => refused(
                ErrorKind::RedirectRefused,
                "the platform answered with a redirect, which is never followed",
            ),
            (400 | 405 | 413 | 415 | 422 | 431, ..) => refused(
                ErrorKind::BadRequest,
                "the platform found the request wrong",
            ),
            (401, "authorization", _) => refused(
                ErrorKind::Authorization,
                "the account may not do this, or not with this number",
            ),
            (401, ..) => refused(
                ErrorKind::Authentication,
                "the platform doesn't know this token and secret",
            ),
            (403, _, "call-invalid-state") => {
                refused(ErrorKind::CallNotActive, "the call isn't active")
            }
            // This limit is an average over seconds: less than one is never enough.
            (403, _, "call-rate-limit") => {
                limited(Duration::from_secs(1), "too many calls at once")
            }
            (403, "credit", _) | (403, _, "insufficient-available-balance") => refused(
                ErrorKind::InsufficientCredit,
                "the account has no credit left",
            ),
            (403, ..) => refused(ErrorKind::Forbidden, "the platform refuses this transfer"),
            (404, ..) => refused(ErrorKind::CallNotFound, "the platform knows no such call"),
            (409, ..) => refused(
                ErrorKind::Conflict,
                "another update of this call is under way",
            ),
            (429, ..) => limited(Duration::ZERO, "too many requests"),
            (503, _, "call-unavailable") => (
                ErrorKind::Unavailable,
                NotApplied,
                Soon,
                "the call is still being set up",
            ),
            // A request timeout may be told after the request was read.
            (408, ..) => (
                ErrorKind::OutcomeUnknown,
                Unknown,
                Never,
                "the platform gave up waiting; the transfer may have been made",
            ),
            (400..500, ..) => refused(ErrorKind::Rejected, "the platform refused the transfer"),
            _ => (
                ErrorKind::OutcomeUnknown,
                Unknown,
                Never,
                "the answer doesn't say whether the transfer was made",
            ),
        }
    }

    fn redirect_target(&self) -> String {
        let target = self
            .headers
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let host = target.and_then(|target| url::Url::parse(target).ok());
        match host.as_ref().and_then(url::Url::host_str) {
            Some(host) => format!(", to {}", mask::text(host)),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

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
        let body = prop_oneof![json, proptest::collection::vec(any::<u8>(), 0..200)];
        let value = prop_oneof![
            "/v1/users/u-1/calls/[a-z./%-]{0,12}",
            "[0-9]{0,22}",
            "[ -~]{0,40}",
        ];
        let name = prop_oneof![
            Just("location"),
            Just("retry-after"),
            Just("x-ratelimit-reset"),
            Just("date")
        ];
        let headers = proptest::collection::vec((name, value), 0..5);
        (100..1000u16, headers, body).prop_map(|(status, headers, body)| {
            let headers = headers.into_iter().filter_map(|(name, value)| {
                Some((
                    http::HeaderName::from_static(name),
                    HeaderValue::from_str(&value).ok()?,
                ))
            });
            Answer {
                status,
                headers: headers.collect(),
                body,
            }
        })
    }

    proptest! {
        #[test]
        fn a_transfer_is_told_as_made_if_and_only_if_the_status_says_so(answer in answers()) {
            match answer.read_transfer(USER, CALL) {
                Ok(done) => {
                    prop_assert!((200..300).contains(&answer.status));
                    prop_assert_eq!(done.note.is_none(), done.call_id.is_some());
                    prop_assert!(done.call_id.is_none_or(|id| crate::request::id::is_id(&id)));
                }
                Err(error) => {
                    prop_assert!(!(200..300).contains(&answer.status));
                    prop_assert!(matches!(error.outcome(), Outcome::NotApplied | Outcome::Unknown));
                    prop_assert_eq!(error.http_status(), Some(answer.status));
                }
            }
        }

        #[test]
        fn nothing_that_may_have_been_made_is_ever_repeated(answer in answers()) {
            if let Err(error) = answer.read_transfer(USER, CALL) {
                let repeated = error.repeat() != Repeat::Never;
                let class = matches!(answer.status, 403 | 429 | 503);
                prop_assert!(!repeated || (class && error.outcome() == Outcome::NotApplied));
                prop_assert_eq!(error.outcome() == Outcome::Unknown, error.kind() == ErrorKind::OutcomeUnknown);
                prop_assert!(error.retry_after().is_none_or(|wait| wait <= Duration::from_secs(60)));
            }
        }

        #[test]
        fn what_the_platform_says_is_fit_to_print(answer in answers()) {
            if let Err(error) = answer.read_transfer(USER, CALL) {
                let shown = format!("{error} {error:?}");
                prop_assert!(shown.chars().all(|c| !c.is_control()));
                prop_assert!(error.to_string().chars().count() < 1000);
            }
        }

        #[test]
        fn a_read_is_never_unknown(answer in answers()) {
            if let Err(error) = answer.read_call() {
                prop_assert_eq!(error.outcome(), Outcome::NotApplied);
            }
        }
    }
}
