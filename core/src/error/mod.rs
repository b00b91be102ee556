//! Errors: what went wrong, whether the call was transferred, and whether to retry. Every other
//! module uses this one.

mod invalid_argument;
mod kind;
mod outcome;
mod platform;
mod sent;

pub(crate) use invalid_argument::InvalidArgument;
pub use kind::ErrorKind;
pub use outcome::{Outcome, Stage};
pub use platform::PlatformError;
pub use sent::SentTransfer;
pub(crate) use sent::{ClockReading, SentTimes};

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::redact;

/// Whether and when the library may send the request again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Never: it would not help, or might make the transfer twice.
    Never,
    /// After a random back-off.
    Backoff,
    /// Not before the limit clears.
    After(Duration),
    /// Soon: the call is being set up.
    Soon,
}

/// A transfer that was not made, or whose outcome is unknown.
///
/// [`outcome`](Self::outcome) says whether the call was transferred, and
/// [`is_safe_to_repeat`](Self::is_safe_to_repeat) whether sending again can't do it twice.
/// `Display` is one line that includes the causes; it contains no secret and no whole
/// phone number. An error is `Send` and `Sync`.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    outcome: Outcome,
    repeat: Repeat,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// The messages of the source and of its causes.
    causes: Vec<String>,
    field: Option<String>,
    call_id: Option<String>,
    sent: Option<Box<SentTransfer>>,
    stage: Option<Stage>,
    http_status: Option<u16>,
    platform: PlatformError,
    retry_after: Option<Duration>,
    attempts: u32,
    elapsed: Duration,
}

impl Error {
    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the call was transferred.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Whether sending the same transfer again can't make it twice.
    ///
    /// True after `not_sent` and `not_applied`. That does not mean that the next attempt succeeds.
    pub fn is_safe_to_repeat(&self) -> bool {
        matches!(self.0.outcome, Outcome::NotSent | Outcome::NotApplied)
    }

    /// The invalid argument or setting, as `whisper_audio.voice`.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The ID of the call, if a request was made for one.
    pub fn call_id(&self) -> Option<&str> {
        self.0.call_id.as_deref()
    }

    /// After an unknown outcome: the transfer that it is about, for
    /// [`Client::check`](crate::Client::check). `None` of everything else, and of
    /// [`Client::transfer_to_first`](crate::Client::transfer_to_first) that was stopped.
    pub fn sent_transfer(&self) -> Option<&SentTransfer> {
        self.0.sent.as_deref()
    }

    /// How far the request had come when it failed.
    pub fn stage(&self) -> Option<Stage> {
        self.0.stage
    }

    /// The HTTP status of the response, if one was read.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The platform's own error from the body of its response; empty if there is none that can be
    /// read.
    pub fn platform(&self) -> &PlatformError {
        &self.0.platform
    }

    /// The time until the platform's limit clears, counted from the response.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Number of attempts; 0 if the request was refused before the first one.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The time that it took, including the waits between attempts.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    pub(crate) fn new(kind: ErrorKind, outcome: Outcome, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            outcome,
            repeat: Repeat::Never,
            message: message.into(),
            source: None,
            causes: Vec::new(),
            field: None,
            call_id: None,
            sent: None,
            stage: None,
            http_status: None,
            platform: PlatformError::default(),
            retry_after: None,
            attempts: 0,
            elapsed: Duration::ZERO,
        }))
    }

    /// A wrong setting, with the reason.
    pub(crate) fn configuration(field: &str, reason: impl fmt::Display) -> Self {
        Self::misconfigured(field, format!("{field}: {reason}"))
    }

    /// A wrong configuration, with a message of its own.
    pub(crate) fn misconfigured(field: &str, message: String) -> Self {
        let mut error = Self::new(ErrorKind::Configuration, Outcome::NotSent, message);
        error.0.field = Some(field.to_owned());
        error
    }

    /// A setting whose value is invalid as an argument would be.
    pub(crate) fn of_setting(invalid: InvalidArgument) -> Self {
        Self::misconfigured(&invalid.field, invalid.message)
    }

    /// The messages of its causes, the nearest first. Unlike those of [`source`](StdError::source),
    /// they contain no phone number and no secret.
    pub fn causes(&self) -> Vec<String> {
        self.0.causes.clone()
    }

    /// A bug in this library, before anything was sent.
    pub(crate) fn internal(what: &str, cause: &dyn fmt::Display) -> Self {
        let message = format!("{what}: {}", redact::text_with_numbers(&cause.to_string()));
        Self::new(ErrorKind::Internal, Outcome::NotSent, message)
    }

    /// A panic on a thread of this library; `outcome` is what is known of the call.
    pub(crate) fn panicked(outcome: Outcome) -> Self {
        let message = "the library or its observer panicked; please report it";
        Self::new(ErrorKind::Internal, outcome, message)
    }

    /// Keeps `source` and adds it and its causes to the message.
    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        let mut next: Option<&(dyn StdError + 'static)> = Some(&source);
        while let Some(cause) = next {
            let text = redact::text_with_numbers(&cause.to_string());
            next = cause.source();
            // Some libraries repeat their cause in their own words.
            if !self.0.message.ends_with(&text) {
                self.0.message.push_str(": ");
                self.0.message.push_str(&text);
            }
            self.0.causes.push(text);
        }
        self.0.source = Some(Box::new(source));
        self
    }

    /// The same without the secrets that `redact` finds; a source that contains one is dropped.
    pub(crate) fn redacted(mut self, redact: &dyn Fn(&str) -> Option<String>) -> Self {
        let hide = |text: &mut String| {
            if let Some(shown) = redact(text) {
                *text = shown;
            }
        };
        let inner = &mut *self.0;
        hide(&mut inner.message);
        inner.causes.iter_mut().for_each(hide);
        let platform = &mut inner.platform;
        let words = [
            &mut platform.category,
            &mut platform.code,
            &mut platform.message,
        ];
        words.into_iter().flatten().for_each(hide);
        for (name, value) in &mut platform.details {
            hide(name);
            hide(value);
        }
        let mut next = inner
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static));
        let mut holds_secret = false;
        while let Some(cause) = next {
            holds_secret |= redact(&cause.to_string()).is_some();
            next = cause.source();
        }
        if holds_secret {
            inner.source = None;
        }
        self
    }

    pub(crate) fn with_stage(mut self, stage: Stage) -> Self {
        self.0.stage = Some(stage);
        self
    }

    pub(crate) fn repeatable(mut self, repeat: Repeat) -> Self {
        if let Repeat::After(wait) = repeat {
            self.0.retry_after = Some(wait);
        }
        self.0.repeat = repeat;
        self
    }

    pub(crate) fn with_response(mut self, http_status: u16, platform: PlatformError) -> Self {
        self.0.http_status = Some(http_status);
        self.0.platform = platform;
        self.with_stage(Stage::Status)
    }

    pub(crate) fn with_call_id(mut self, call_id: &str) -> Self {
        // A list of calls has no call ID.
        self.0.call_id = (!call_id.is_empty()).then(|| call_id.to_owned());
        self
    }

    pub(crate) fn with_sent(mut self, sent: Option<SentTransfer>) -> Self {
        self.0.sent = sent.map(Box::new);
        self
    }

    pub(crate) fn with_timing(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    /// A copy for another caller: the message includes the causes, `source` can't be cloned.
    pub(crate) fn clone_without_source(&self) -> Self {
        let inner = &self.0;
        Self(Box::new(Inner {
            message: inner.message.clone(),
            source: None,
            causes: Vec::new(),
            field: inner.field.clone(),
            call_id: inner.call_id.clone(),
            sent: inner.sent.clone(),
            platform: inner.platform.clone(),
            ..**inner
        }))
    }

    /// The request can't be sent without an access token.
    pub(crate) fn into_token_error(mut self) -> Self {
        self.0.message = format!("no access token: {}", self.0.message);
        self.0.outcome = Outcome::NotSent;
        if self.0.kind == ErrorKind::OutcomeUnknown {
            self.0.kind = ErrorKind::Connection;
            self.0.repeat = Repeat::Backoff;
        }
        self.with_stage(Stage::Token)
    }

    pub(crate) fn repeat(&self) -> Repeat {
        self.0.repeat
    }

    /// An earlier attempt reached the platform, so `not_sent` would be wrong.
    pub(crate) fn mark_previously_refused(mut self) -> Self {
        if self.0.outcome == Outcome::NotSent {
            self.0.outcome = Outcome::NotApplied;
        }
        self
    }
}

impl From<InvalidArgument> for Error {
    fn from(invalid: InvalidArgument) -> Self {
        let mut error = Self::new(
            ErrorKind::InvalidArgument,
            Outcome::NotSent,
            invalid.message,
        );
        error.0.field = Some(invalid.field.into_owned());
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("outcome", &self.0.outcome)
            .field("message", &self.0.message)
            .field("field", &self.0.field)
            .field("call_id", &self.0.call_id)
            .field("stage", &self.0.stage)
            .field("http_status", &self.0.http_status)
            .field("platform", &self.0.platform)
            .field("retry_after", &self.0.retry_after)
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
