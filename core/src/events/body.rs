//! The body of an event as a map of fields: JSON, or the query string of a GET.

use percent_encoding::percent_decode_str;
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::Event;
use crate::error::{Error, InvalidArgument};
use crate::memory;

enum Form {
    Json,
    Query,
}

pub(super) fn invalid(field: &'static str, reason: impl std::fmt::Display) -> Error {
    InvalidArgument::new(field, reason).into()
}

pub(super) fn fields(body: &[u8], content_type: Option<&str>) -> Result<Map<String, Value>, Error> {
    if body.len() > Event::MAX_BODY {
        let (limit, got) = (Event::MAX_BODY, body.len());
        return Err(invalid(
            "body",
            format_args!("must be at most {limit} bytes, got {got}"),
        ));
    }
    if !memory::has_room_to_parse(body) {
        return Err(invalid("body", "is too long for the memory that is left"));
    }
    let text = std::str::from_utf8(body).map_err(|_| invalid("body", "isn't UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let form = form_of(content_type, text)?;
    if text.is_empty() {
        return Err(invalid("body", "is empty"));
    }
    match form {
        Form::Json => json(text),
        Form::Query => query(text),
    }
}

fn form_of(content_type: Option<&str>, text: &str) -> Result<Form, Error> {
    let given = content_type.unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "" if !text.starts_with('{') && text.contains('=') => Ok(Form::Query),
        "" | "application/json" | "text/json" => Ok(Form::Json),
        "application/x-www-form-urlencoded" => Ok(Form::Query),
        other if other.starts_with("application/") && other.ends_with("+json") => Ok(Form::Json),
        _ => Err(invalid(
            "content_type",
            "must be application/json or application/x-www-form-urlencoded",
        )),
    }
}

fn json(text: &str) -> Result<Map<String, Value>, Error> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(invalid("body", "must be a JSON object")),
        // The parser's own message may quote the body.
        Err(error) => Err(invalid(
            "body",
            format_args!(
                "isn't JSON: {} at line {}, column {}",
                match error.classify() {
                    Category::Eof => "it ends too early",
                    _ => "it is wrong, or nested too deep,",
                },
                error.line(),
                error.column()
            ),
        )),
    }
}

/// If a name occurs twice, the last one is used, because the platform adds its fields after those
/// of the URL.
fn query(text: &str) -> Result<Map<String, Value>, Error> {
    let mut fields = Map::new();
    let text = text.strip_prefix('?').unwrap_or(text);
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, mut value) = (decoded(name)?, decoded(value)?);
        // A plus sign that was not encoded means a space; no number begins with one.
        if matches!(name.as_str(), "from" | "to") && is_number_after_space(&value) {
            value.replace_range(..1, "+");
        }
        fields.insert(name, Value::String(value));
    }
    Ok(fields)
}

fn is_number_after_space(value: &str) -> bool {
    let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    value.strip_prefix(' ').is_some_and(digit)
}

fn decoded(text: &str) -> Result<String, Error> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let decoded = decoded.map_err(|_| invalid("body", "isn't UTF-8 once percent-decoded"))?;
    Ok(decoded.into_owned())
}
