//! Options by name: what the bindings and configuration files speak.

use serde_json::{Map, Value};

use super::Transfer;
use super::option_value::{NamedField, OptionValue, wrong_type};
use super::whisper_audio::WhisperAudio;
use crate::error::{Error, InvalidArgument};
use crate::redact;

/// Makes from one list of fields their names, and what sets and reads a field by its name.
macro_rules! named_fields {
    ($names:ident of $of:ident, $prefix:literal: $($field:ident)+) => {
        pub(super) const $names: &[&str] = &[$(stringify!($field)),+];

        impl $of {
            /// Sets the field of this name; `None` if there is none.
            fn set_named(&mut self, name: &str, value: Value) -> Option<Result<(), InvalidArgument>> {
                Some(match name {
                    $(stringify!($field) => {
                        self.$field.set(concat!($prefix, stringify!($field)), value)
                    })+
                    _ => return None,
                })
            }

            /// The value of the field of this name; `None` if it is not set or there is none.
            pub(super) fn named(&self, name: &str) -> Option<Value> {
                match name {
                    $(stringify!($field) => self.$field.value(),)+
                    _ => None,
                }
            }
        }
    };
}

// The options of a transfer. Each is the wire name in snake case, less a leading `transfer_`.
named_fields! { OPTIONS of Transfer, "":
    caller_id
    callback_url
    recording_enabled
    recording_file_format
    whisper_audio
    diversion_treatment
    diversion_reason
    caller_display_name
    privacy
    call_timeout
    tag
    uui
    transfer_answer_url
    extra
}

// The fields of the option `whisper_audio`.
named_fields! { WHISPER_FIELDS of WhisperAudio, "whisper_audio.":
    sentence
    file_url
    gender
    locale
    voice
    loop_enabled
    tag
    volume
}

/// What v2's documents call something that is an option under v1's word, in snake case.
const WORDS_OF_V2: &[(&str, &str)] = &[
    ("complete_url", "callback_url"),
    ("disconnect_url", "callback_url"),
    ("file_format", "recording_file_format"),
    ("phone_number", "to"),
    ("sip_uri", "to"),
];

pub(super) fn set(
    transfer: &mut Transfer,
    name: &str,
    value: Value,
) -> Result<(), InvalidArgument> {
    let set = transfer.set_named(name, value);
    set.unwrap_or_else(|| Err(unknown(None, name, OPTIONS)))
}

/// The options that are set: what [`set`] makes the same transfer of.
pub(super) fn of(transfer: &Transfer) -> Map<String, Value> {
    let names = OPTIONS.iter();
    let mut all: Map<_, _> = names
        .filter_map(|name| Some(((*name).to_owned(), transfer.get(name)?)))
        .collect();
    if !transfer.also_to.is_empty() {
        all.insert("also_to".to_owned(), transfer.also_to.clone().into());
    }
    all
}

impl WhisperAudio {
    /// From a JSON value, as [`Transfer::option`](crate::Transfer::option) takes it: a sentence or
    /// an object of fields by their names. For configuration files and bindings.
    ///
    /// # Errors
    /// The first field that is unknown or has a value of the wrong type.
    pub fn from_json(value: impl Into<serde_json::Value>) -> Result<Self, Error> {
        Ok(whisper_audio(value.into())?)
    }
}

fn whisper_audio(value: Value) -> Result<WhisperAudio, InvalidArgument> {
    let fields = match value {
        Value::String(sentence) => return Ok(WhisperAudio::sentence(sentence)),
        Value::Object(fields) => fields,
        other => {
            let allowed = "a sentence or an object";
            return Err(wrong_type("whisper_audio", allowed, &other));
        }
    };
    let mut audio = WhisperAudio::default();
    for (name, value) in fields {
        let set = audio.set_named(&name, value);
        set.unwrap_or_else(|| Err(unknown(Some("whisper_audio"), &name, WHISPER_FIELDS)))?;
    }
    Ok(audio)
}

impl OptionValue for WhisperAudio {
    fn read(_: &'static str, value: Value) -> Result<Self, InvalidArgument> {
        whisper_audio(value)
    }

    fn to_value(&self) -> Value {
        Value::Object(self.fields())
    }
}

/// An option, or a field of the option `of`, that does not exist.
fn unknown(of: Option<&str>, name: &str, known: &[&'static str]) -> InvalidArgument {
    let advice = match meant(name, known) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => format!("expected one of: {}", known.join(", ")),
    };
    let shown = redact::text_with_numbers(name);
    match of {
        Some(option) => InvalidArgument::with_message(
            format!("{option}.{shown}"),
            format!("{option}: unknown field \"{shown}\"; {advice}"),
        ),
        None => {
            let message = format!("unknown option \"{shown}\"; {advice}");
            InvalidArgument::with_message(shown, message)
        }
    }
}

/// The option or field that an unknown name stands for, among the known ones and `call_id` and `to`, which
/// are no options but may be meant.
fn meant(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let snake = snake_case(name);
    let other = WORDS_OF_V2.iter().find(|(word, _)| *word == bare(&snake));
    if let Some((_, option)) = other
        && known == OPTIONS
    {
        return Some(option);
    }
    suggestion(name, &[known, &["call_id", "to"]].concat())
}

/// The known name behind a wire name (`transferCallerId`), a long form (`transfer_caller_id`), a
/// short one (`callback`) or a slip of the pen (`calller_id`).
#[doc(hidden)]
#[must_use]
pub fn suggestion<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let snake = snake_case(name);
    let short = bare(&snake);
    if let Some(same) = known.iter().find(|candidate| bare(candidate) == short) {
        return Some(same);
    }
    let mut longer = known.iter().filter(|candidate| {
        bare(candidate)
            .strip_prefix(short)
            .is_some_and(|rest| rest.starts_with('_'))
    });
    if let (Some(only), None) = (longer.next(), longer.next()) {
        return Some(only);
    }
    known
        .iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(short, bare(candidate)),
                *candidate,
            )
        })
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars().take(64) {
        if c.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    snake
}

fn bare(name: &str) -> &str {
    name.strip_prefix("transfer_").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, value: Value) -> String {
        let refused = Transfer::new("c-1", "+18382947878")
            .option(name, value)
            .to_json();
        refused.map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn unknown_option_suggests_the_right_name() {
        for (given, right) in [
            ("transferCallerId", "caller_id"),
            ("transfer_caller_id", "caller_id"),
            ("callerId", "caller_id"),
            ("calller_id", "caller_id"),
            ("callbackUrl", "callback_url"),
            ("callback-url", "callback_url"),
            ("whisperAudio", "whisper_audio"),
            ("callback", "callback_url"),
            ("whisper", "whisper_audio"),
            ("transferTo", "to"),
            ("diversionReason", "diversion_reason"),
            ("transferAnswerUrl", "transfer_answer_url"),
            ("answer_url", "transfer_answer_url"),
            ("transferCallerDisplayName", "caller_display_name"),
            ("callTimeout", "call_timeout"),
            ("transferCompleteUrl", "callback_url"),
            ("transferDisconnectUrl", "callback_url"),
            ("fileFormat", "recording_file_format"),
            ("PhoneNumber", "to"),
            ("SipUri", "to"),
        ] {
            let text = message(given, Value::from("x"));
            let expected = format!("unknown option \"{given}\"; did you mean \"{right}\"?");
            assert_eq!(text, expected);
        }
        assert!(
            message("colour", Value::from("x"))
                .contains("expected one of: caller_id, callback_url")
        );
    }

    #[test]
    fn unknown_whisper_field_suggests_the_right_name() {
        let text = message(
            "whisper_audio",
            serde_json::json!({"fileUrl": "https://e.com/a.mp3"}),
        );
        assert!(
            text.starts_with("whisper_audio: unknown field \"fileUrl\"; "),
            "{text}"
        );
        assert!(text.ends_with("did you mean \"file_url\"?"), "{text}");
    }

    #[test]
    fn wrong_type_names_the_expected_type() {
        let text = message("recording_enabled", Value::from("yes"));
        assert_eq!(text, "recording_enabled: expected a boolean, got a string");
        let text = message(
            "whisper_audio",
            serde_json::json!({"sentence": "x", "volume": 1.5}),
        );
        assert_eq!(
            text,
            "whisper_audio.volume: expected an integer, got a number"
        );
        let text = message("extra", Value::from(1));
        assert_eq!(text, "extra: expected an object of fields, got a number");
    }

    #[test]
    fn every_option_is_known_by_its_name() {
        for name in OPTIONS {
            let text = message(name, Value::Null);
            assert!(text.starts_with(&format!("{name}: expected ")), "{text}");
        }
    }

    #[test]
    fn options_make_the_same_transfer_again() {
        let whisper_audio = serde_json::json!({"sentence": "x", "gender": "female", "locale": "en_UK",
            "voice": "Bridget", "loop_enabled": true, "tag": "t", "volume": -1});
        let given = serde_json::json!({"caller_id": "private", "callback_url": "https://e.com/",
            "recording_enabled": false, "recording_file_format": "wav", "whisper_audio": whisper_audio,
            "diversion_treatment": "stack", "diversion_reason": "away", "caller_display_name": "n",
            "privacy": false, "call_timeout": 1.5, "tag": "", "uui": "u;encoding=hex",
            "transfer_answer_url": "https://e.com/b", "extra": {"x": [1]}});
        let Value::Object(given) = given else {
            unreachable!()
        };
        assert_eq!(given.len(), OPTIONS.len(), "give the new option a value");
        let made = given
            .iter()
            .fold(Transfer::new("c-1", "a"), |transfer, (name, value)| {
                transfer.option(name, value.clone())
            });
        assert_eq!(made.options().ok().as_ref(), Some(&given));
        for (name, value) in &given {
            assert_eq!(Transfer::new("c-1", "a").get(name), None, "{name}");
            let alone = Transfer::new("c-1", "a").option(name, value.clone());
            assert_eq!(alone.get(name).as_ref(), Some(value), "{name}");
        }
        let more = made.also_to("b").also_to("c").options().unwrap_or_default();
        assert_eq!(more.get("also_to"), Some(&serde_json::json!(["b", "c"])));
        let file =
            Transfer::new("c-1", "a").whisper_audio(WhisperAudio::file("https://e.com/a.mp3"));
        let whole = serde_json::json!({"whisper_audio": {"file_url": "https://e.com/a.mp3"}});
        assert_eq!(file.options().ok().map(Value::Object), Some(whole));
        assert!(
            Transfer::new("c-1", "a")
                .option("tag", 1)
                .options()
                .is_err()
        );
    }

    #[test]
    fn first_invalid_option_is_reported() {
        let refused = Transfer::new("c-1", "+18382947878")
            .option("recording_enabled", 1)
            .option("extra", 2)
            .to_json();
        assert_eq!(
            refused
                .err()
                .and_then(|e| e.field().map(str::to_owned))
                .as_deref(),
            Some("recording_enabled")
        );
    }
}
