//! Reads a request that updates a call.

use serde_json::Value;

use crate::calls::commands::{Act, RecordingRequest};
use crate::v1::fields::Fields;
use crate::v1::refusal::Refusal;
use crate::v1::transfer::Transfer;

const FORMATS: [&str; 2] = ["wav", "mp3"];
const STATES: [&str; 4] = ["active", "completed", "rejected", "transferring"];

#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) step: Step,
    pub(crate) recording: RecordingRequest,
}

#[derive(Debug)]
pub(crate) enum Step {
    Answer,
    HangUp,
    Reject,
    Transfer(Transfer),
    /// Only the recording changes.
    Stay,
}

impl RecordingRequest {
    pub(crate) fn read(fields: Fields<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            enabled: fields.flag("recordingEnabled")?,
            file_format: fields.word("recordingFileFormat", &FORMATS)?,
        })
    }

    fn is_nothing(self) -> bool {
        self.enabled.is_none() && self.file_format.is_none()
    }
}

impl Step {
    pub(crate) fn act(&self) -> Act {
        match self {
            Self::Answer => Act::Answer,
            Self::HangUp => Act::HangUp,
            Self::Reject => Act::Reject,
            Self::Transfer(_) => Act::Transfer,
            Self::Stay => Act::Record,
        }
    }
}

impl Update {
    pub(crate) fn read(fields: Fields<'_>) -> Result<Self, Refusal> {
        let recording = RecordingRequest::read(fields)?;
        let step = match fields.word("state", &STATES)? {
            Some("active") => Step::Answer,
            Some("completed") => Step::HangUp,
            Some("rejected") => Step::Reject,
            Some(_) => Step::Transfer(Transfer::read(fields)?),
            None if recording.is_nothing() => {
                return Err(Refusal::field(
                    "state",
                    &Value::from(""),
                    "is missing; expected state or recordingEnabled",
                ));
            }
            None => Step::Stay,
        };
        Ok(Self { step, recording })
    }
}
