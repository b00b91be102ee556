//! The kinds of events, each with the fields that only it has.

use std::fmt;

use serde_json::{Map, Value};

use crate::memory;
use crate::redact;

/// A value that only some kinds of events have.
trait Detail: Sized {
    fn read(fields: &Map<String, Value>, wire: &str) -> Self;
    fn value(&self) -> Option<Value>;
    fn redacted(&self) -> Option<String>;
}

impl Detail for Option<String> {
    fn read(fields: &Map<String, Value>, wire: &str) -> Self {
        super::text(fields, wire)
    }

    fn value(&self) -> Option<Value> {
        self.clone().map(Value::String)
    }

    fn redacted(&self) -> Option<String> {
        self.as_deref().map(redact::text_with_numbers)
    }
}

impl Detail for Option<Map<String, Value>> {
    fn read(fields: &Map<String, Value>, wire: &str) -> Self {
        match fields.get(wire)? {
            Value::Object(object) => Some(object.clone()),
            // A query string has room for texts only.
            Value::String(text) if !memory::has_room_to_parse(text.as_bytes()) => None,
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    fn value(&self) -> Option<Value> {
        self.clone().map(Value::Object)
    }

    fn redacted(&self) -> Option<String> {
        let text = Value::Object(self.clone()?).to_string();
        Some(redact::text_with_numbers(&text))
    }
}

macro_rules! event_kinds {
    ($(
        $(#[$doc:meta])+
        $variant:ident = $number:literal $name:literal ($($word:literal)|*) {
            $($(#[$fdoc:meta])+ $field:ident: $type:ty = $wire:literal,)*
        }
    )+) => {
        /// What happened, with the fields that only such events have.
        ///
        /// `Debug` redacts numbers. Later versions may add kinds, and fields to a kind.
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub enum EventKind {
            $(
                $(#[$doc])+
                #[non_exhaustive]
                $variant {
                    $($(#[$fdoc])+ $field: $type,)*
                },
            )+
            /// An event that this library doesn't know; its fields are in
            /// [`Event::fields`](crate::Event::fields).
            Unknown,
        }

        impl EventKind {
            /// The number and name of every kind.
            #[doc(hidden)]
            pub const KINDS: &'static [(i32, &'static str)] = &[$(($number, $name),)+ (399, "unknown")];

            /// The name that every language uses, as `transfer_complete`.
            pub const fn as_str(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name,)+ Self::Unknown => "unknown" }
            }

            /// The number that the C interface uses; never changed, never reused.
            pub const fn number(&self) -> i32 {
                match self { $(Self::$variant { .. } => $number,)+ Self::Unknown => 399 }
            }

            pub(super) fn read(event_type: &str, fields: &Map<String, Value>) -> Self {
                match event_type {
                    $($($word)|* => {
                        let _ = fields;
                        Self::$variant { $($field: <$type as Detail>::read(fields, $wire),)* }
                    })+
                    _ => Self::Unknown,
                }
            }

            pub(super) fn details(&self) -> Vec<(&'static str, Option<Value>)> {
                match self {
                    $(Self::$variant { $($field,)* } => vec![$((stringify!($field), $field.value()),)*],)+
                    Self::Unknown => Vec::new(),
                }
            }
        }

        impl fmt::Debug for EventKind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant { $($field,)* } => f
                        .debug_struct(stringify!($variant))
                        $(.field(stringify!($field), &$field.redacted()))*
                        .finish(),)+
                    Self::Unknown => f.write_str("Unknown"),
                }
            }
        }
    };
}

event_kinds! {
    /// A call comes in. v1: `incomingcall`; v2: `initiate`, which expects BXML.
    IncomingCall = 301 "incoming_call" ("incomingcall" | "initiate") {
        /// The application whose number was called. Source: `applicationId`.
        application_id: Option<String> = "applicationId",
        /// The Diversion header that the call has: `origTo`, `reason` and more. Source: `diversion`.
        diversion: Option<Map<String, Value>> = "diversion",
    }
    /// A call, or in v1 the new leg, was answered. v1 and v2: `answer`, which expects BXML in v2.
    Answer = 302 "answer" ("answer") {
        /// The application of the call. Source: `applicationId`.
        application_id: Option<String> = "applicationId",
        /// The Diversion header that the call has: `origTo`, `reason` and more. Source: `diversion`.
        diversion: Option<Map<String, Value>> = "diversion",
    }
    /// v1 `timeout`: the leg was not answered in time.
    Timeout = 303 "timeout" ("timeout") {}
    /// The call ended. v1: `hangup`; v2: `disconnect`.
    Hangup = 304 "hangup" ("hangup" | "disconnect") {
        /// v2: the error, as a text for people. Source: `errorMessage`.
        error_message: Option<String> = "errorMessage",
        /// v2: the ID of the error, for the vendor's support. Source: `errorId`.
        error_id: Option<String> = "errorId",
    }
    /// v1 `speak`: a sentence, such as the whisper, begins or has ended.
    Speak = 305 "speak" ("speak") {
        /// `started` or `done`. Source: `status`.
        status: Option<String> = "status",
    }
    /// v1 `playback`: an audio file begins or has ended.
    Playback = 306 "playback" ("playback") {
        /// `started` or `done`. Source: `status`.
        status: Option<String> = "status",
    }
    /// v1 `recording`: a recording was saved, or failed.
    Recording = 307 "recording" ("recording") {
        /// `complete` or `error`. Source: `status`.
        status: Option<String> = "status",
        /// Source: `recordingId`.
        recording_id: Option<String> = "recordingId",
        /// The URL of its description at the platform. Source: `recordingUri`.
        recording_uri: Option<String> = "recordingUri",
        /// When it began, as received. Source: `startTime`.
        start_time: Option<String> = "startTime",
        /// When it ended, as received. Source: `endTime`.
        end_time: Option<String> = "endTime",
    }
    /// v2 `transferAnswer`: a target has answered; expects the BXML of its whisper.
    TransferAnswer = 308 "transfer_answer" ("transferAnswer") {
        /// The caller ID that the target sees. Source: `transferCallerId`.
        transfer_caller_id: Option<String> = "transferCallerId",
        /// The target. Source: `transferTo`.
        transfer_to: Option<String> = "transferTo",
    }
    /// v2 `transferComplete`: a transfer is over; expects BXML for the original call, which goes on.
    TransferComplete = 309 "transfer_complete" ("transferComplete") {
        /// The caller ID that the target saw. Source: `transferCallerId`.
        transfer_caller_id: Option<String> = "transferCallerId",
        /// The target. Source: `transferTo`.
        transfer_to: Option<String> = "transferTo",
        /// The error, as a text for people. Source: `errorMessage`.
        error_message: Option<String> = "errorMessage",
        /// The ID of the error, for the vendor's support. Source: `errorId`.
        error_id: Option<String> = "errorId",
    }
    /// v2 `transferDisconnect`: the leg to a target ended.
    TransferDisconnect = 310 "transfer_disconnect" ("transferDisconnect") {
        /// The caller ID that the target saw. Source: `transferCallerId`.
        transfer_caller_id: Option<String> = "transferCallerId",
        /// The target. Source: `transferTo`.
        transfer_to: Option<String> = "transferTo",
        /// The error, as a text for people. Source: `errorMessage`.
        error_message: Option<String> = "errorMessage",
        /// The ID of the error, for the vendor's support. Source: `errorId`.
        error_id: Option<String> = "errorId",
    }
    /// v2 `redirect`: the call was redirected by a request; expects BXML.
    Redirect = 311 "redirect" ("redirect") {
        /// The caller ID that the target sees. Source: `transferCallerId`.
        transfer_caller_id: Option<String> = "transferCallerId",
        /// The target. Source: `transferTo`.
        transfer_to: Option<String> = "transferTo",
    }
}

impl EventKind {
    pub(super) fn status(&self) -> Option<&str> {
        match self {
            Self::Speak { status } | Self::Playback { status } | Self::Recording { status, .. } => {
                status.as_deref()
            }
            _ => None,
        }
    }
}

/// Whether the event is one of v2: it has a field or a name that only v2 has.
pub(super) fn is_v2(event_type: &str, fields: &Map<String, Value>) -> bool {
    let own = ["eventTime", "accountId", "callUrl"];
    let v1 = ["time", "callUri"];
    own.iter().any(|name| fields.contains_key(*name))
        || (event_type.starts_with("transfer")
            || ["initiate", "disconnect", "redirect"].contains(&event_type))
            && !v1.iter().any(|name| fields.contains_key(*name))
}
