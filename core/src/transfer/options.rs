//! Options by name: what the bindings and configuration files speak.

use serde_json::{Map, Value};

use super::Transfer;
use super::enums::ClosedSet;
use super::whisper_audio::WhisperAudio;
use crate::error::{Error, InvalidArgument};
use crate::redact;

/// The options of a transfer. Each is the wire name in snake case, less a leading `transfer_`.
pub(super) const OPTIONS: &[&str] = &[
    "caller_id",
    "callback_url",
    "recording_enabled",
    "recording_file_format",
    "whisper_audio",
    "diversion_treatment",
    "diversion_reason",
    "caller_display_name",
    "privacy",
    "call_timeout",
    "tag",
    "uui",
    "transfer_answer_url",
    "extra",
];

/// What v2's documents call something that is an option under v1's word, in snake case.
const WORDS_OF_V2: &[(&str, &str)] = &[
    ("complete_url", "callback_url"),
    ("disconnect_url", "callback_url"),
    ("file_format", "recording_file_format"),
    ("phone_number", "to"),
    ("sip_uri", "to"),
];

/// The fields of `whisper_audio`.
const WHISPER_FIELDS: &[&str] = &[
    "sentence",
    "file_url",
    "gender",
    "locale",
    "voice",
    "loop_enabled",
    "tag",
    "volume",
];

pub(super) fn set(
    transfer: &mut Transfer,
    name: &str,
    value: Value,
) -> Result<(), InvalidArgument> {
    match name {
        "caller_id" => transfer.caller_id = Some(string("caller_id", value)?),
        "callback_url" => transfer.callback_url = Some(string("callback_url", value)?),
        "recording_enabled" => {
            transfer.recording_enabled = Some(boolean("recording_enabled", value)?)
        }
        "recording_file_format" => {
            transfer.recording_file_format = Some(word("recording_file_format", value)?);
        }
        "whisper_audio" => transfer.whisper_audio = Some(whisper_audio(value)?),
        "diversion_treatment" => {
            transfer.diversion_treatment = Some(word("diversion_treatment", value)?);
        }
        "diversion_reason" => {
            transfer.diversion_reason = Some(word("diversion_reason", value)?);
        }
        "caller_display_name" => {
            transfer.caller_display_name = Some(string("caller_display_name", value)?);
        }
        "privacy" => transfer.privacy = Some(boolean("privacy", value)?),
        "call_timeout" => {
            let seconds = value.as_f64();
            let allowed = "a number of seconds";
            transfer.call_timeout =
                Some(seconds.ok_or_else(|| wrong_type("call_timeout", allowed, &value))?);
        }
        "tag" => transfer.tag = Some(string("tag", value)?),
        "uui" => transfer.uui = Some(string("uui", value)?),
        "transfer_answer_url" => {
            transfer.transfer_answer_url = Some(string("transfer_answer_url", value)?);
        }
        "extra" => match value {
            Value::Object(fields) => transfer.extra.extend(fields),
            other => return Err(wrong_type("extra", "an object of fields", &other)),
        },
        _ => return Err(unknown(None, name, OPTIONS)),
    }
    Ok(())
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

pub(super) fn whisper_audio(value: Value) -> Result<WhisperAudio, InvalidArgument> {
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
        match name.as_str() {
            "sentence" => audio.sentence = Some(string("whisper_audio.sentence", value)?),
            "file_url" => audio.file_url = Some(string("whisper_audio.file_url", value)?),
            "gender" => audio.gender = Some(word("whisper_audio.gender", value)?),
            "locale" => audio.locale = Some(string("whisper_audio.locale", value)?),
            "voice" => audio.voice = Some(string("whisper_audio.voice", value)?),
            "loop_enabled" => {
                audio.loop_enabled = Some(boolean("whisper_audio.loop_enabled", value)?)
            }
            "tag" => audio.tag = Some(string("whisper_audio.tag", value)?),
            "volume" => match value.as_i64() {
                Some(volume) => audio.volume = Some(volume),
                None => return Err(wrong_type("whisper_audio.volume", "an integer", &value)),
            },
            _ => {
                return Err(unknown(Some("whisper_audio"), &name, WHISPER_FIELDS));
            }
        }
    }
    Ok(audio)
}

fn string(field: &'static str, value: Value) -> Result<String, InvalidArgument> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong_type(field, "a string", &other)),
    }
}

fn boolean(field: &'static str, value: Value) -> Result<bool, InvalidArgument> {
    match value {
        Value::Bool(flag) => Ok(flag),
        other => Err(wrong_type(field, "a boolean", &other)),
    }
}

fn word<T: ClosedSet>(field: &'static str, value: Value) -> Result<T, InvalidArgument> {
    let text = string(field, value)?;
    T::read(&text).ok_or_else(|| {
        let shown = redact::text_with_numbers(&text);
        InvalidArgument::new(
            field,
            format!("\"{shown}\" is not valid; expected one of: {}", T::words()),
        )
    })
}

fn wrong_type(field: &'static str, allowed: &str, value: &Value) -> InvalidArgument {
    let given = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    InvalidArgument::new(field, format!("expected {allowed}, got {given}"))
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
