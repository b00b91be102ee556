//! What a transfer asks for.

use serde_json::Value;

use crate::account::Account;
use crate::call::{Call, Direction};
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::whisper::Whisper;

const TREATMENTS: [&str; 3] = ["none", "propagate", "stack"];
const REASONS: [&str; 11] = [
    "unknown",
    "user-busy",
    "no-answer",
    "unavailable",
    "unconditional",
    "time-of-day",
    "do-not-disturb",
    "deflection",
    "follow-me",
    "out-of-service",
    "away",
];

/// What the new party sees of a caller who hides the number.
const PRIVATE: &str = "Private";

#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) to: String,
    caller_id: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) whisper: Option<Whisper>,
    pub(crate) diversion_treatment: Option<&'static str>,
    pub(crate) diversion_reason: Option<&'static str>,
}

impl Transfer {
    pub(crate) fn read(fields: Fields<'_>) -> Result<Self, Refusal> {
        let to = fields.callable("transferTo")?;
        let caller_id = fields.text("transferCallerId")?;
        let callback_url = fields.callback_url("callbackUrl")?;
        let whisper = Whisper::read(fields)?;
        let treatment = fields.word("diversionTreatment", &TREATMENTS)?;
        let reason = fields.word("diversionReason", &REASONS)?;
        Ok(Self {
            to: to.to_owned(),
            caller_id: caller_id.map(str::to_owned),
            callback_url: callback_url.map(str::to_owned),
            whisper,
            diversion_treatment: treatment,
            // A reason counts only beside `stack`.
            diversion_reason: (treatment == Some("stack")).then(|| reason.unwrap_or("unknown")),
        })
    }

    /// What the new party sees, if this call may be transferred with that caller id.
    pub(crate) fn shown_caller(&self, call: &Call, account: &Account) -> Result<String, Refusal> {
        let Some(wanted) = &self.caller_id else {
            return Ok(call.from.clone());
        };
        if wanted == "private" {
            return Ok(PRIVATE.to_owned());
        }
        let own_from = call.direction == Direction::In && *wanted == call.from;
        if own_from || account.owns(wanted) {
            return Ok(wanted.clone());
        }
        Err(Refusal::field(
            "transferCallerId",
            &Value::from(wanted.as_str()),
            match call.direction {
                Direction::In => {
                    "has to be private, the caller's number or a number of the account"
                }
                Direction::Out => "has to be private or a number of the account",
            },
        ))
    }
}
