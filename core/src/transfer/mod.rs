//! A transfer and its options, and their validation. No I/O.

mod diversion;
mod enums;
pub(crate) mod id;
mod named;
pub(crate) mod number;
mod option_value;
mod options;
pub(crate) mod phone;
pub(crate) mod timeout;
pub(crate) mod url;
mod values;
mod voices;
mod whisper_audio;

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

pub use diversion::Diversion;
pub use enums::{DiversionReason, DiversionTreatment, Gender, RecordingFileFormat};
#[doc(hidden)]
pub use options::suggestion;
pub use whisper_audio::WhisperAudio;

use crate::error::{Error, InvalidArgument};
use crate::redact;

/// A request to connect a live call to someone else.
///
/// Setters never fail: an invalid value is refused by [`to_json`](Self::to_json) and when the
/// transfer is sent, with an [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) that
/// names the field. `Debug` redacts numbers.
///
/// ```
/// use calltransfer::{Transfer, WhisperAudio};
///
/// let transfer = Transfer::new("c-call123", "+18382947878")
///     .caller_id("private")
///     .whisper_audio(WhisperAudio::sentence("You have an incoming call"));
/// assert_eq!(
///     transfer.to_json()?,
///     r#"{"state":"transferring","transferTo":"+18382947878","transferCallerId":"private","whisperAudio":{"sentence":"You have an incoming call"}}"#,
/// );
/// # Ok::<(), calltransfer::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Transfer {
    pub(crate) call_id: String,
    pub(crate) to: String,
    /// More targets, which ring at the same time. v2 only.
    pub(crate) also_to: Vec<String>,
    pub(crate) caller_id: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) recording_enabled: Option<bool>,
    pub(crate) recording_file_format: Option<RecordingFileFormat>,
    pub(crate) whisper_audio: Option<WhisperAudio>,
    pub(crate) diversion_treatment: Option<DiversionTreatment>,
    pub(crate) diversion_reason: Option<DiversionReason>,
    pub(crate) caller_display_name: Option<String>,
    pub(crate) privacy: Option<bool>,
    pub(crate) call_timeout: Option<f64>,
    pub(crate) tag: Option<String>,
    pub(crate) uui: Option<String>,
    pub(crate) transfer_answer_url: Option<String>,
    pub(crate) extra: Map<String, Value>,
    pub(crate) timeout: Option<Duration>,
    /// The first value that could not even be stored; reported when the transfer is checked.
    pub(crate) invalid: Option<InvalidArgument>,
}

impl Transfer {
    /// A transfer of the call `call_id` to the number or SIP address `to`.
    ///
    /// `call_id`: 1 to 128 letters, digits, `-`, `_`, `.`, `~`. `to` (source: `transferTo`): an
    /// E.164 number (`+` and 2 to 15 digits), a `sip:` or `sips:` URI, or `user@host`. Spaces,
    /// hyphens, dots and parentheses in a number are removed: `+1 (838) 294-7878` is sent as
    /// `+18382947878`.
    pub fn new(call_id: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            call_id: call_id.into(),
            to: to.into(),
            also_to: Vec::new(),
            caller_id: None,
            callback_url: None,
            recording_enabled: None,
            recording_file_format: None,
            whisper_audio: None,
            diversion_treatment: None,
            diversion_reason: None,
            caller_display_name: None,
            privacy: None,
            call_timeout: None,
            tag: None,
            uui: None,
            transfer_answer_url: None,
            extra: Map::new(),
            timeout: None,
            invalid: None,
        }
    }

    /// The same transfer to another target.
    #[must_use]
    pub(crate) fn with_target(mut self, to: impl Into<String>) -> Self {
        self.to = to.into();
        self
    }

    /// The call to transfer.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The target, as it was given; the first one if there are several.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// The timeout of this transfer, if it was given.
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    /// The options that are set, by their names, as [`option`](Self::option) takes them; more targets
    /// are a list under `also_to`. Phone numbers in it are whole.
    ///
    /// # Errors
    /// Returns the error of the first option that [`option`](Self::option) could not store, because
    /// it is unknown or has a value of the wrong type. Nothing else is checked.
    pub fn options(&self) -> Result<Map<String, Value>, Error> {
        match &self.invalid {
            Some(invalid) => Err(invalid.clone().into()),
            None => Ok(options::of(self)),
        }
    }

    /// The number that the new party sees: `private` or an E.164 number, with or without
    /// separators as in `to`. Source: `transferCallerId`.
    ///
    /// The platform allows the `from` of an incoming call and numbers of the account. If it is left
    /// out, the platform shows the calling party's number.
    #[must_use]
    pub fn caller_id(mut self, caller_id: impl Into<String>) -> Self {
        self.caller_id = Some(caller_id.into());
        self
    }

    /// The http(s) URL that gets the events of the new call. Source: `callbackUrl`.
    #[must_use]
    pub fn callback_url(mut self, callback_url: impl Into<String>) -> Self {
        self.callback_url = Some(callback_url.into());
        self
    }

    /// Whether the call is recorded. `false` is sent too: it ends a recording. Source:
    /// `recordingEnabled`.
    #[must_use]
    pub fn recording_enabled(mut self, recording_enabled: bool) -> Self {
        self.recording_enabled = Some(recording_enabled);
        self
    }

    /// The file format of a recording. Source: `recordingFileFormat`.
    #[must_use]
    pub fn recording_file_format(mut self, format: RecordingFileFormat) -> Self {
        self.recording_file_format = Some(format);
        self
    }

    /// What the new party hears before being connected; a string is a sentence. Source:
    /// `whisperAudio`.
    #[must_use]
    pub fn whisper_audio(mut self, whisper_audio: impl Into<WhisperAudio>) -> Self {
        self.whisper_audio = Some(whisper_audio.into());
        self
    }

    /// The Diversion headers of the new leg. Sets treatment and reason together.
    ///
    /// Use `Stack` for incoming calls only: the vendor warns that an outbound call may drop with
    /// it.
    #[must_use]
    pub fn diversion(mut self, diversion: Diversion) -> Self {
        self.diversion_treatment = Some(diversion.treatment());
        self.diversion_reason = diversion.reason();
        self
    }

    /// What is done with Diversion headers. Source: `diversionTreatment`.
    ///
    /// Use `Stack` for incoming calls only: the vendor warns that an outbound call may drop with
    /// it.
    #[must_use]
    pub fn diversion_treatment(mut self, treatment: DiversionTreatment) -> Self {
        self.diversion_treatment = Some(treatment);
        self
    }

    /// Why the call is diverted; only with `stack`. Source: `diversionReason`.
    #[must_use]
    pub fn diversion_reason(mut self, reason: DiversionReason) -> Self {
        self.diversion_reason = Some(reason);
        self
    }

    /// v2 only: one more target, which rings at the same time; the first to answer is connected. At
    /// most 8 in all.
    #[must_use]
    pub fn also_to(mut self, to: impl Into<String>) -> Self {
        self.also_to.push(to.into());
        self
    }

    /// v2 only: the name that the new party sees: 1 to 256 characters. Source:
    /// `transferCallerDisplayName`.
    #[must_use]
    pub fn caller_display_name(mut self, name: impl Into<String>) -> Self {
        self.caller_display_name = Some(name.into());
        self
    }

    /// v2 only: whether the caller's number is hidden; not together with a `caller_id` that is not
    /// a number. With it `caller_display_name` may only be one of `Restricted`, `Anonymous`,
    /// `Private` and `Unavailable`. Source: `privacy`.
    #[must_use]
    pub fn privacy(mut self, privacy: bool) -> Self {
        self.privacy = Some(privacy);
        self
    }

    /// v2 only: how many seconds the new party's phone rings: 1 to 300, by default 30; decimals are
    /// allowed. Source: `callTimeout`.
    #[must_use]
    pub fn call_timeout(mut self, seconds: impl Into<f64>) -> Self {
        self.call_timeout = Some(seconds.into());
        self
    }

    /// v2 only: a text that is contained in the events of the transfer: at most 256 characters; an
    /// empty one clears an earlier tag. Source: `tag`.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// v2 only: the User-To-User header (RFC 7433) for the targets that are SIP addresses: a value
    /// and its encoding (`base64`, `jwt` or `hex`), such as `bXktdXVp;encoding=base64`; at most 256
    /// characters. Source: `uui`.
    #[must_use]
    pub fn uui(mut self, uui: impl Into<String>) -> Self {
        self.uui = Some(uui.into());
        self
    }

    /// v2 only: the http(s) URL to which the platform sends a request when the target answers; the
    /// response says what the new party hears before being connected. [`WhisperAudio::to_bxml`]
    /// makes that response. Source: `transferAnswerUrl`.
    #[must_use]
    pub fn transfer_answer_url(mut self, url: impl Into<String>) -> Self {
        self.transfer_answer_url = Some(url.into());
        self
    }

    /// One more field of the body, under the platform's name, sent unchanged and unchecked.
    ///
    /// v1 only, for fields that this library doesn't know yet. `state`, `transferTo` and a field
    /// that an option has set are refused.
    #[must_use]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// The timeout of this transfer, including all attempts and waits, instead of the client's:
    /// more than 0, at most 1 hour.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets an option by its name, from a JSON value: for configuration files and bindings.
    ///
    /// The names are [`Transfer::OPTIONS`]. `whisper_audio` takes a sentence or an object, `extra`
    /// an object. An unknown name, the platform's name of an option and a value of the wrong type
    /// are refused when the transfer is checked; the error names the option that was probably
    /// meant.
    ///
    /// ```
    /// use calltransfer::Transfer;
    ///
    /// let error = Transfer::new("c-1", "+18382947878")
    ///     .option("transferCallerId", "private")
    ///     .to_json()
    ///     .unwrap_err();
    /// assert_eq!(error.field(), Some("transferCallerId"));
    /// assert!(error.to_string().contains("caller_id"));
    /// ```
    #[must_use]
    pub fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Err(invalid) = options::set(&mut self, name, value.into()) {
            self.invalid.get_or_insert(invalid);
        }
        self
    }

    /// The names that [`option`](Self::option) takes.
    pub const OPTIONS: &'static [&'static str] = options::OPTIONS;

    /// What holds in either API, but for the caller id.
    pub(crate) fn check(
        &self,
        check_caller_id: fn(&str) -> Result<(), InvalidArgument>,
    ) -> Result<(), InvalidArgument> {
        id::check("call_id", &self.call_id)?;
        phone::check_target(&self.to)?;
        self.also_to
            .iter()
            .try_for_each(|to| phone::check_target(to))?;
        if let Some(invalid) = &self.invalid {
            return Err(invalid.clone());
        }
        if let Some(caller_id) = &self.caller_id {
            check_caller_id(caller_id)?;
        }
        if let Some(callback_url) = &self.callback_url {
            url::check("callback_url", callback_url)?;
        }
        if let Some(whisper_audio) = &self.whisper_audio {
            whisper_audio.check()?;
        }
        diversion::check(self.diversion_treatment, self.diversion_reason)?;
        self.timeout.map_or(Ok(()), timeout::check)
    }
}

/// So that functions take a transfer by value or by reference.
impl AsRef<Transfer> for Transfer {
    fn as_ref(&self) -> &Transfer {
        self
    }
}

impl fmt::Debug for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfer")
            .field("call_id", &redact::text(&self.call_id))
            .field("to", &redact::number(&self.to))
            .field(
                "also_to",
                &self
                    .also_to
                    .iter()
                    .map(|to| redact::number(to))
                    .collect::<Vec<_>>(),
            )
            .field("caller_id", &self.caller_id.as_deref().map(redact::number))
            .field(
                "callback_url",
                &self.callback_url.as_deref().map(redact::url),
            )
            .field("recording_enabled", &self.recording_enabled)
            .field("recording_file_format", &self.recording_file_format)
            .field("whisper_audio", &self.whisper_audio)
            .field("diversion_treatment", &self.diversion_treatment)
            .field("diversion_reason", &self.diversion_reason)
            .field("caller_display_name", &self.caller_display_name.is_some())
            .field("privacy", &self.privacy)
            .field("call_timeout", &self.call_timeout)
            .field("tag", &self.tag.is_some())
            .field("uui", &self.uui.is_some())
            .field(
                "transfer_answer_url",
                &self.transfer_answer_url.as_deref().map(redact::url),
            )
            .field("timeout", &self.timeout)
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
