//! A response that a test writes: status, headers, body.

use std::ops::RangeInclusive;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::http::response::Response;
use crate::timestamp::wall_ms;

/// A header that is not sent: it says that the body is encoded as Latin-1.
const BODY_ENCODING: &str = "x-body-encoding";

/// A response to the next request, whatever that request is.
///
/// Header values may contain `{host}` (the sandbox's own host and port),
/// `{now_ms}` and `{now_ms+200}` (UNIX milliseconds when it is sent, plus this
/// number). A header `x-body-encoding: latin1` is not sent; with it, the body's
/// characters are sent as one byte each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    /// A reply with a status from 200 to 599, no headers and no body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// Adds a header; the same name may be added again.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body. It does not set a Content-Type.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    fn is_latin1(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case(BODY_ENCODING) && value.eq_ignore_ascii_case("latin1")
        })
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn check(&self, allowed: RangeInclusive<u16>) -> Result<(), String> {
        if !allowed.contains(&self.status) {
            let (least, most) = (allowed.start(), allowed.end());
            return Err(format!(
                "status: must be {least} to {most}, got {}",
                self.status
            ));
        }
        for (name, value) in &self.headers {
            let Ok(known) = HeaderName::from_bytes(name.as_bytes()) else {
                return Err(format!("{name:?} is not a valid header name"));
            };
            if known == CONTENT_LENGTH || known == TRANSFER_ENCODING {
                return Err(format!("{name}: cannot be set; it follows from the body"));
            }
            if known == BODY_ENCODING && !value.eq_ignore_ascii_case("latin1") {
                return Err(format!("{name}: must be latin1, got {value:?}"));
            }
            if HeaderValue::from_str(value).is_err() {
                return Err(format!("{name}: {value:?} is not a valid header value"));
            }
        }
        if self.is_latin1() && self.body.chars().any(|c| u8::try_from(c).is_err()) {
            return Err("body: has characters that Latin-1 cannot encode".to_owned());
        }
        Ok(())
    }

    pub(crate) fn into_response(self, host: &str) -> Response {
        let body = if self.is_latin1() {
            let bytes = self.body.chars().filter_map(|c| u8::try_from(c).ok());
            bytes.collect()
        } else {
            Bytes::from(self.body)
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(&fill_in(value, host));
            if let (Ok(name), Ok(value)) = (name, value)
                && name != BODY_ENCODING
            {
                headers.append(name, value);
            }
        }
        Response {
            status: StatusCode::from_u16(self.status).unwrap_or_default(),
            headers,
            body,
        }
    }
}

/// Replaces the placeholders; anything else in braces stays as it is.
fn fill_in(value: &str, host: &str) -> String {
    let mut filled = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let meaning = after
            .split_once('}')
            .and_then(|(name, behind)| Some((placeholder(name, host)?, behind)));
        match meaning {
            Some((text, behind)) => {
                filled.push_str(&text);
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn placeholder(name: &str, host: &str) -> Option<String> {
    if name == "host" {
        return Some(host.to_owned());
    }
    let later = match name.strip_prefix("now_ms")? {
        "" => 0,
        later => later.strip_prefix('+')?.parse::<u32>().ok()?,
    };
    Some((wall_ms() + i64::from(later)).to_string())
}
