//! What the creation of an outbound call asks for.

use serde_json::{Map, Value};

use crate::account::Account;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::update::Recording;

const METHODS: [&str; 4] = ["get", "post", "GET", "POST"];
const TAG_CHARACTERS: usize = 256;

#[derive(Debug)]
pub(crate) struct OutgoingCall {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) callback_url: Option<String>,
    pub(crate) recording: Recording,
    pub(crate) tag: Option<String>,
    /// Fields that are kept and shown, but have no effect yet.
    pub(crate) settings: Map<String, Value>,
}

impl OutgoingCall {
    pub(crate) fn read(fields: Fields<'_>, account: &Account) -> Result<Self, Refusal> {
        let from = fields.callable("from")?;
        let to = fields.callable("to")?;
        let callback_url = fields.callback_url("callbackUrl")?;
        fields.callback_url("fallbackUrl")?;
        fields.word("callbackHttpMethod", &METHODS)?;
        fields.integer("callbackTimeout", 0..=600_000)?;
        fields.integer("callTimeout", 1..=3_600)?;
        fields.integer("recordingMaxDuration", 0..=86_400)?;
        let recording = Recording::read(fields)?;
        let tag = fields.text("tag")?;
        if tag.is_some_and(|tag| tag.chars().count() > TAG_CHARACTERS) {
            return Err(fields.refuse("tag", "is longer than 256 characters"));
        }
        if let Some(headers) = fields.object("sipHeaders")?
            && !headers.values().all(Value::is_string)
        {
            return Err(fields.refuse("sipHeaders", "has to hold strings only"));
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
            callback_url: callback_url.map(str::to_owned),
            recording,
            tag: tag.map(str::to_owned),
            settings: kept
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), fields.value(name)?.clone())))
                .collect(),
        })
    }
}
