//! The JSON body of a transfer: one order of fields, so that every language sends the same bytes.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::error::InvalidArgument;
use crate::redact;
use crate::transfer::{
    DiversionReason, DiversionTreatment, Gender, RecordingFileFormat, Transfer, WhisperAudio, phone,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    state: &'static str,
    transfer_to: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_caller_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording_file_format: Option<RecordingFileFormat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whisper_audio: Option<Whisper<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diversion_treatment: Option<DiversionTreatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diversion_reason: Option<DiversionReason>,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whisper<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<Gender>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loop_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume: Option<i64>,
}

impl<'a> From<&'a WhisperAudio> for Whisper<'a> {
    fn from(audio: &'a WhisperAudio) -> Self {
        Self {
            sentence: audio.sentence.as_deref(),
            file_url: audio.file_url.as_deref(),
            gender: audio.gender,
            locale: audio.locale.as_deref(),
            voice: audio.voice.as_deref(),
            loop_enabled: audio.loop_enabled,
            tag: audio.tag.as_deref(),
            volume: audio.volume,
        }
    }
}

impl Transfer {
    /// The JSON body as it would be sent to v1. Nothing is sent.
    ///
    /// # Errors
    /// The first invalid argument: the same error as when the transfer is sent.
    pub fn to_json(&self) -> Result<String, Error> {
        json(self)
    }
}

/// The body of a transfer, once it is checked.
pub(super) fn json(transfer: &Transfer) -> Result<String, Error> {
    transfer.check(phone::check_caller_id)?;
    check_extra(transfer)?;
    check_that_v1_has_it(transfer)?;
    let body = Body {
        state: "transferring",
        transfer_to: phone::wire(&transfer.to),
        transfer_caller_id: transfer.caller_id.as_deref().map(phone::wire),
        callback_url: transfer.callback_url.as_deref(),
        recording_enabled: transfer.recording_enabled,
        recording_file_format: transfer.recording_file_format,
        whisper_audio: transfer.whisper_audio.as_ref().map(Whisper::from),
        diversion_treatment: transfer.diversion_treatment,
        diversion_reason: transfer.diversion_reason,
        extra: &transfer.extra,
    };
    serde_json::to_string(&body)
        .map_err(|cause| Error::internal("the body can't be written", &cause))
}

/// An option that only v2 has is refused by name, not left out.
fn check_that_v1_has_it(transfer: &Transfer) -> Result<(), InvalidArgument> {
    if !transfer.also_to.is_empty() {
        let reason = "has several targets, which only the v2 API rings at once; this is v1";
        return Err(InvalidArgument::new("to", reason));
    }
    for (field, given) in [
        ("call_timeout", transfer.call_timeout.is_some()),
        ("tag", transfer.tag.is_some()),
        (
            "caller_display_name",
            transfer.caller_display_name.is_some(),
        ),
        ("privacy", transfer.privacy.is_some()),
        ("uui", transfer.uui.is_some()),
        (
            "transfer_answer_url",
            transfer.transfer_answer_url.is_some(),
        ),
    ] {
        if given {
            let reason = "is an option of the v2 API only; this is v1";
            return Err(InvalidArgument::new(field, reason));
        }
    }
    Ok(())
}

/// `extra` may add fields to the body, but not repeat those of options.
fn check_extra(transfer: &Transfer) -> Result<(), InvalidArgument> {
    if transfer.extra.is_empty() {
        return Ok(());
    }
    for (wire_name, taken) in [
        ("state", true),
        ("transferTo", true),
        ("transferCallerId", transfer.caller_id.is_some()),
        ("callbackUrl", transfer.callback_url.is_some()),
        ("recordingEnabled", transfer.recording_enabled.is_some()),
        (
            "recordingFileFormat",
            transfer.recording_file_format.is_some(),
        ),
        ("whisperAudio", transfer.whisper_audio.is_some()),
        ("diversionTreatment", transfer.diversion_treatment.is_some()),
        ("diversionReason", transfer.diversion_reason.is_some()),
    ] {
        if taken && transfer.extra.contains_key(wire_name) {
            return Err(InvalidArgument::new(
                "extra",
                format!("\"{}\" is already in the body", redact::text(wire_name)),
            ));
        }
    }
    Ok(())
}
