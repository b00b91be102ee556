//! The program of a call in v2: steps such as a transfer, and the webhooks that continue it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::calls::diversion::Treatment;
use crate::calls::event::Cause;
use crate::calls::key::CallKey;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Transfer(Dial),
    StartRecording { file_format: &'static str },
    StopRecording,
    SpeakSentence { text: String },
    PlayAudio { url: String },
    Hangup,
}

/// A transfer: the targets to ring, and what they see.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dial {
    pub(crate) caller_id: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) privacy: bool,
    pub(crate) call_timeout: Duration,
    pub(crate) tag: Option<String>,
    pub(crate) treatment: Option<Treatment>,
    pub(crate) complete: Option<Webhook>,
    pub(crate) targets: Vec<Target>,
}

/// One of the targets that ring at the same time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    /// A number, or an address that begins with `sip:`.
    pub(crate) to: String,
    pub(crate) uui: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) answer: Option<Webhook>,
    pub(crate) disconnect: Option<Webhook>,
}

/// Where an event goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) by_get: bool,
    pub(crate) login: Option<(String, String)>,
}

/// How a call continues.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Program {
    pub(super) steps: VecDeque<Step>,
    /// The legs of its transfer.
    pub(super) legs: Vec<CallKey>,
    /// The webhook that says what the call does when its transfer is over.
    pub(super) complete: Option<Webhook>,
    /// The webhook that says what the call does when it is answered.
    pub(super) answer: Option<Webhook>,
    /// Where its end is reported.
    pub(crate) disconnect: Option<Webhook>,
    pub(crate) tag: Option<String>,
    pub(crate) application_id: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) uui: Option<String>,
    /// Whether the webhook's response is awaited.
    pub(super) waits: bool,
    /// Whether its end is not reported to the call that was transferred: another leg answered, or the
    /// transfer was interrupted.
    pub(super) detached: bool,
    /// Whether the current step speaks; false if it plays a file.
    pub(super) plays: Option<bool>,
    /// Why it ended, if no cause of the telephone network says so.
    pub(crate) end_reason: Option<&'static str>,
}

impl Program {
    /// The program of a call that is placed: when it is answered, the webhook says what to do.
    pub(crate) fn of_new_call(
        answer: Webhook,
        disconnect: Option<Webhook>,
        application_id: String,
        tag: Option<String>,
    ) -> Self {
        Self {
            answer: Some(answer),
            disconnect,
            application_id: Some(application_id),
            tag,
            ..Self::default()
        }
    }
}

/// Why a webhook did not continue a call, as v2 writes it.
pub(crate) type EndReason = &'static str;

/// A cause as v2 writes it.
pub(crate) fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::NormalClearing => "hangup",
        Cause::OriginatorCancel => "cancel",
        Cause::CallRejected => "rejected",
        Cause::UserBusy => "busy",
        Cause::NoAnswer => "timeout",
        Cause::UnallocatedNumber | Cause::NormalTemporaryFailure => "error",
    }
}
