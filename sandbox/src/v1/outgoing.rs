//! Reads a request that creates an outbound call.

use serde_json::Value;

use crate::account::Account;
use crate::calls::commands::{CallbackPlan, NewCall, RecordingRequest};
use crate::v1::fields::Fields;
use crate::v1::refusal::Refusal;

const METHODS: [&str; 4] = ["get", "post", "GET", "POST"];
const TAG_CHARACTERS: usize = 256;

impl NewCall {
    pub(crate) fn read(fields: Fields<'_>, account: &Account) -> Result<Self, Refusal> {
        let from = fields.callable("from")?;
        let to = fields.callable("to")?;
        let callback_url = fields.callback_url("callbackUrl")?;
        let fallback_url = fields.callback_url("fallbackUrl")?;
        let method = fields.word("callbackHttpMethod", &METHODS)?;
        let timeout_ms = fields.integer("callbackTimeout", 0..=600_000)?;
        let call_timeout_s = fields.integer("callTimeout", 1..=3_600)?;
        let recording_max_s = fields.integer("recordingMaxDuration", 0..=86_400)?;
        let recording = RecordingRequest::read(fields)?;
        let tag = fields.text("tag")?;
        if tag.is_some_and(|tag| tag.chars().count() > TAG_CHARACTERS) {
            return Err(fields.refuse("tag", "must be at most 256 characters"));
        }
        if let Some(headers) = fields.object("sipHeaders")?
            && !headers.values().all(Value::is_string)
        {
            return Err(fields.refuse("sipHeaders", "must be an object of strings"));
        }
        if !account.owns(from) {
            return Err(Refusal::number("from", from));
        }
        let kept = [
            "callbackHttpMethod",
            "callbackTimeout",
            "callTimeout",
            "fallbackUrl",
            "recordingMaxDuration",
            "sipHeaders",
        ];
        Ok(Self {
            from: from.to_owned(),
            to: to.to_owned(),
            callbacks: CallbackPlan {
                url: callback_url.map(str::to_owned),
                fallback_url: fallback_url.map(str::to_owned),
                by_get: method.is_some_and(|method| method.eq_ignore_ascii_case("get")),
                timeout_ms: timeout_ms.and_then(|ms| u64::try_from(ms).ok()),
            },
            recording,
            recording_max_s: recording_max_s.and_then(|s| u32::try_from(s).ok()),
            call_timeout_s: call_timeout_s.and_then(|s| u32::try_from(s).ok()),
            tag: tag.map(str::to_owned),
            program: None,
            settings: kept
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), fields.value(name)?.clone())))
                .collect(),
        })
    }
}
