//! What came back from a server, without the secrets that the client knows: the one place where
//! text from outside is read.
//!
//! The outcome never depends on it: the words by which the library reads a response stay as they
//! are, whatever the secrets are.

use http::header::{CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::config::{Config, Credentials};
use crate::error::Error;
use crate::http_request::Action;
use crate::redact::{Secrets, redact};
use crate::response::Response;

/// Words that the library looks for in a body, as names and as values.
const WORDS: &[&str] = &[
    "active",
    "activeTime",
    "answerTime",
    "answer",
    "answered",
    "authorization",
    "call-invalid-state",
    "call-rate-limit",
    "call-unavailable",
    "callId",
    "category",
    "cause",
    "code",
    "completed",
    "credit",
    "data",
    "description",
    "details",
    "direction",
    "disconnectCause",
    "disconnected",
    "endTime",
    "error",
    "error_description",
    "eventType",
    "from",
    "hangup",
    "id",
    "initiated",
    "insufficient-available-balance",
    "message",
    "name",
    "parentCallId",
    "queued",
    "rejected",
    "startTime",
    "started",
    "state",
    "time",
    "timeout",
    "to",
    "transferring",
    "type",
    "value",
];

/// Headers that the library reads but does not show.
const READ: [HeaderName; 4] = [
    CONTENT_TYPE,
    DATE,
    RETRY_AFTER,
    HeaderName::from_static("x-ratelimit-reset"),
];

/// The result of a request for a call, without the secrets of this configuration.
pub(crate) fn of_call(
    result: Result<Response, Error>,
    action: Action,
    config: &Config,
) -> Result<Response, Error> {
    let mut response = match result {
        Ok(response) => response,
        Err(error) => return Err(with_secrets(config, |known| of_error(error, known))),
    };
    if !(200..300).contains(&response.status) {
        with_secrets(config, |known| of_response(&mut response, known));
        return Ok(response);
    }
    // Of a transfer that was made only the new call's id is read.
    if let Some(location) = response.headers.get_mut(LOCATION) {
        let id = location.as_bytes().rsplit(|byte| *byte == b'/').next();
        let id = id.and_then(|id| std::str::from_utf8(id).ok());
        if id.is_some_and(|id| redact(id, &[config.secrets()]).is_some()) {
            of_header(location, &[config.secrets()]);
        }
    }
    if action.is_read() || response.is_web_page {
        with_secrets(config, |known| of_body(&mut response.body, known));
    }
    Ok(response)
}

/// Whether `text` is shown as `shown`, because of the secrets in it.
pub(crate) fn is_shown_as(text: &str, shown: &str, config: &Config) -> bool {
    with_secrets(config, |known| redact(text, known)).is_some_and(|text| text == shown)
}

/// The result of a request for a token. A token that was granted stays as it is.
pub(crate) fn of_token(
    result: Result<Response, Error>,
    known: &Secrets,
) -> Result<Response, Error> {
    match result {
        Ok(mut response) => {
            if !(200..300).contains(&response.status) {
                of_response(&mut response, &[known]);
            }
            Ok(response)
        }
        Err(error) => Err(of_error(error, &[known])),
    }
}

/// Calls `work` with all that this configuration knows now, access tokens too.
fn with_secrets<T>(config: &Config, work: impl FnOnce(&[&Secrets]) -> T) -> T {
    match config.credentials() {
        Credentials::Basic(_) => work(&[config.secrets()]),
        Credentials::Tokens(tokens) => work(&[config.secrets(), &tokens.secrets()]),
    }
}

fn of_error(error: Error, known: &[&Secrets]) -> Error {
    error.redacted(&|text| redact(text, known))
}

fn of_response(response: &mut Response, known: &[&Secrets]) {
    for (name, value) in &mut response.headers {
        if !READ.contains(name) {
            of_header(value, known);
        }
    }
    of_body(&mut response.body, known);
}

fn of_header(value: &mut HeaderValue, known: &[&Secrets]) {
    let text = String::from_utf8_lossy(value.as_bytes());
    if let Some(shown) = redact(&text, known) {
        let hidden = HeaderValue::from_static("***");
        *value = HeaderValue::from_str(&shown).unwrap_or(hidden);
    }
}

/// In JSON each text is looked at by itself; a body that is not JSON is one text.
fn of_body(body: &mut Vec<u8>, known: &[&Secrets]) {
    let text = String::from_utf8_lossy(body);
    let shown = match serde_json::from_str::<Value>(&text) {
        Ok(mut value) => of_value(&mut value, known).then(|| value.to_string()),
        Err(_) => redact(&text, known),
    };
    if let Some(shown) = shown {
        *body = shown.into_bytes();
    }
}

/// Whether something was replaced.
fn of_value(value: &mut Value, known: &[&Secrets]) -> bool {
    match value {
        Value::String(text) if WORDS.contains(&text.as_str()) => false,
        Value::String(text) => match redact(text, known) {
            Some(shown) => {
                *text = shown;
                true
            }
            None => false,
        },
        Value::Number(number) => match redact(&number.to_string(), known) {
            Some(shown) => {
                *value = Value::String(shown);
                true
            }
            None => false,
        },
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |changed, item| of_value(item, known) | changed),
        Value::Object(fields) => of_fields(fields, known),
        Value::Null | Value::Bool(_) => false,
    }
}

fn of_fields(fields: &mut Map<String, Value>, known: &[&Secrets]) -> bool {
    let mut changed = false;
    for value in fields.values_mut() {
        changed |= of_value(value, known);
    }
    let hide = |name: &str| match WORDS.contains(&name) {
        true => None,
        false => redact(name, known),
    };
    if fields.keys().any(|name| hide(name).is_some()) {
        let named = std::mem::take(fields).into_iter();
        *fields = named
            .map(|(name, value)| (hide(&name).unwrap_or(name), value))
            .collect();
        changed = true;
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Outcome};

    fn config() -> Config {
        let builder = Config::builder().user_id("u-1").token("t-4711");
        let builder = builder
            .secret("s-0815")
            .proxy("http://me:pro%20xy@proxy:3128");
        builder.build().unwrap_or_else(|error| panic!("{error}"))
    }

    fn shown(text: &str) -> String {
        with_secrets(&config(), |known| redact(text, known)).unwrap_or_default()
    }

    #[test]
    fn password_of_a_proxy_is_replaced_in_plain_and_encoded() {
        assert_eq!(shown("user me, password pro xy"), "user me, password ***");
        assert_eq!(shown("http://me:pro%20xy@proxy"), "http://***@proxy");
        assert_eq!(shown("Basic bWU6cHJvIHh5"), "Basic ***");
    }

    #[test]
    fn error_loses_a_source_that_holds_a_secret() {
        let sources = [("wrong: S-0815", true), ("wrong", false)];
        for (words, holds_secret) in sources {
            let error = Error::new(ErrorKind::Proxy, Outcome::NotSent, "not sent")
                .caused_by(std::io::Error::other(words));
            let result = of_call(Err(error), Action::Transfer, &config());
            let Err(error) = result else {
                panic!("an error stays one");
            };
            let source = std::error::Error::source(&error);
            assert_eq!(source.is_none(), holds_secret, "{error}");
            let shown = format!("{error} {error:?} {:?} {source:?}", error.causes());
            assert!(!shown.contains("0815"), "{shown}");
            assert_eq!(error.causes().len(), 1);
        }
    }

    #[test]
    fn body_without_a_secret_keeps_its_bytes() {
        for text in [r#"{ "code":"x" , "b":1.0 }"#, "no json", ""] {
            let mut body = text.as_bytes().to_vec();
            with_secrets(&config(), |known| of_body(&mut body, known));
            assert_eq!(body, text.as_bytes());
        }
    }
}
