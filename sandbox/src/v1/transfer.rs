//! Reads a request for a transfer.

use serde_json::Value;

use crate::account::Account;
use crate::calls::call::Call;
use crate::calls::commands::{CallbackPlan, NewLeg, Whisper};
use crate::calls::diversion::{REASONS, TREATMENTS, Treatment};
use crate::calls::state::Direction;
use crate::v1::fields::Fields;
use crate::v1::refusal::Refusal;

/// The caller ID that the new party sees if the number is hidden.
const PRIVATE: &str = "Private";

#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) to: String,
    caller_id: Option<String>,
    callback_url: Option<String>,
    whisper: Option<Whisper>,
    treatment: Option<Treatment>,
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
            treatment: treatment.map(|word| Treatment::of_words(word, reason)),
        })
    }

    /// The requested leg, which shows this caller ID.
    pub(crate) fn leg(self, from: String) -> NewLeg {
        NewLeg {
            to: self.to,
            from,
            callbacks: CallbackPlan {
                url: self.callback_url,
                ..CallbackPlan::default()
            },
            whisper: self.whisper,
            treatment: self.treatment,
        }
    }

    /// The caller ID that the new party sees, if it is allowed for this call.
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
                Direction::In => "must be private, the caller's number or a number of the account",
                Direction::Out => "must be private or a number of the account",
            },
        ))
    }
}
