//! Events of a call.

use jiff::Timestamp;

use crate::calls::state::CallState;

/// An event of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub time: Timestamp,
    /// The call's state after the event.
    pub call_state: CallState,
    /// The tag of the whisper, or else of the call.
    pub tag: Option<String>,
    /// The recording that is complete, on [`EventKind::Recording`].
    pub recording: Option<String>,
    /// The number of the API request that caused it; `None` if time or a test did.
    pub request: Option<u64>,
}

/// The documented kinds of event, with the data of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A call came in.
    IncomingCall,
    /// The call was answered.
    Answer,
    /// It wasn't answered in time.
    Timeout,
    /// A recording is complete.
    Recording,
    /// A sentence is spoken.
    Speak(Progress),
    /// An audio file is played.
    Playback(Progress),
    /// The call ended.
    Hangup(Cause),
}

impl EventKind {
    /// The event's name on the wire, such as `incomingcall`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IncomingCall => "incomingcall",
            Self::Answer => "answer",
            Self::Timeout => "timeout",
            Self::Recording => "recording",
            Self::Speak(_) => "speak",
            Self::Playback(_) => "playback",
            Self::Hangup(_) => "hangup",
        }
    }
}

/// The progress of audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// It begins.
    Started,
    /// It is over.
    Done,
}

impl Progress {
    /// The word in `status`: `started` or `done`.
    pub fn status(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
        }
    }

    /// The word in `state`: `PLAYBACK_START` or `PLAYBACK_STOP`.
    pub fn state(self) -> &'static str {
        match self {
            Self::Started => "PLAYBACK_START",
            Self::Done => "PLAYBACK_STOP",
        }
    }
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// Someone hung up after talking.
    NormalClearing,
    /// The side that placed the call hung up before an answer.
    OriginatorCancel,
    /// The called side rejected it.
    CallRejected,
    /// The called side is busy.
    UserBusy,
    /// The called side did not answer in time.
    NoAnswer,
    /// The number does not exist.
    UnallocatedNumber,
    /// The network failed.
    NormalTemporaryFailure,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::NormalClearing,
        Self::OriginatorCancel,
        Self::CallRejected,
        Self::UserBusy,
        Self::NoAnswer,
        Self::UnallocatedNumber,
        Self::NormalTemporaryFailure,
    ];

    /// The word on the wire, such as `NORMAL_CLEARING`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NormalClearing => "NORMAL_CLEARING",
            Self::OriginatorCancel => "ORIGINATOR_CANCEL",
            Self::CallRejected => "CALL_REJECTED",
            Self::UserBusy => "USER_BUSY",
            Self::NoAnswer => "NO_ANSWER",
            Self::UnallocatedNumber => "UNALLOCATED_NUMBER",
            Self::NormalTemporaryFailure => "NORMAL_TEMPORARY_FAILURE",
        }
    }
}
