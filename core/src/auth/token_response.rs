//! Reading the token endpoint's response (RFC 6749, sections 5.1 and 5.2).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::{Error, ErrorKind, Outcome, PlatformError, Repeat};
use crate::redact;
use crate::response::Response;

/// A token that was granted.
pub(super) struct Grant {
    /// As the header has it.
    pub(super) bearer: Zeroizing<String>,
    pub(super) lifetime: Option<Duration>,
}

#[derive(Deserialize)]
struct Body {
    access_token: String,
    #[serde(default)]
    expires_in: Value,
}

/// Whatever went wrong, nothing of the transfer was sent.
pub(super) fn read(response: Response) -> Result<Grant, Error> {
    if (200..300).contains(&response.status) {
        let status = response.status;
        return grant(response).ok_or_else(|| {
            let message = format!("the token endpoint gave no token (HTTP {status})");
            Error::new(ErrorKind::Unavailable, Outcome::NotSent, message)
                .with_response(status, PlatformError::default())
        });
    }
    let (kind, repeat, what) = match response.status {
        301 | 302 | 307 | 308 => (
            ErrorKind::RedirectRefused,
            Repeat::Never,
            "the token endpoint responded with a redirect, which is never followed",
        ),
        400 | 401 | 403 => (
            ErrorKind::Authentication,
            Repeat::Never,
            "the token endpoint rejected this client_id and client_secret",
        ),
        429 => (
            ErrorKind::RateLimited,
            Repeat::After(response.clears()),
            "too many requests for tokens",
        ),
        408 | 500.. => (
            ErrorKind::Unavailable,
            response.retry_after_or(Repeat::Backoff),
            "the token endpoint failed",
        ),
        _ => (
            ErrorKind::Rejected,
            Repeat::Never,
            "the token endpoint refused",
        ),
    };
    Err(response.refused(kind, Outcome::NotSent, repeat, what, platform))
}

fn grant(response: Response) -> Option<Grant> {
    let text = Zeroizing::new(response.body);
    let mut body: Body = serde_json::from_slice(&text).ok()?;
    let mut bearer = Zeroizing::new(String::with_capacity(7 + body.access_token.len()));
    bearer.push_str("Bearer ");
    bearer.push_str(&body.access_token);
    // A token that could end the header is invalid.
    let good =
        !body.access_token.is_empty() && body.access_token.bytes().all(|b| b.is_ascii_graphic());
    body.access_token.zeroize();
    let seconds = match &body.expires_in {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    let lifetime = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    good.then_some(Grant { bearer, lifetime })
}

/// `error` and `error_description`, or the platform's own `type` and `description`.
fn platform(fields: &Map<String, Value>) -> PlatformError {
    let text = |names: [&str; 2]| {
        let mut names = names.iter();
        names.find_map(|name| fields.get(*name).and_then(Value::as_str))
    };
    PlatformError {
        code: text(["error", "type"]).map(redact::text_with_numbers),
        message: text(["error_description", "description"]).map(redact::text_with_numbers),
        ..PlatformError::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(body: &str) -> Option<(String, Option<Duration>)> {
        let response = Response {
            status: 200,
            headers: http::HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            ..Response::default()
        };
        read(response)
            .ok()
            .map(|grant| (grant.bearer.to_string(), grant.lifetime))
    }

    #[test]
    fn token_comes_with_its_lifetime_if_there_is_one() {
        let hour = Some(Duration::from_secs(3600));
        for (said, lifetime) in [
            (",\"expires_in\":3600", hour),
            (",\"expires_in\":\"3600\"", hour),
            (",\"expires_in\":3600.0", hour),
            (",\"expires_in\":-1", None),
            (",\"expires_in\":1e99", None),
            (",\"expires_in\":null", None),
            ("", None),
        ] {
            let body = format!("{{\"access_token\":\"a.b-c\"{said}}}");
            assert_eq!(
                granted(&body),
                Some(("Bearer a.b-c".to_owned(), lifetime)),
                "{said}"
            );
        }
    }

    #[test]
    fn invalid_token_response_is_rejected() {
        for body in [
            "",
            "{}",
            "[]",
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":"a b"}"#,
            r#"{"access_token":"a\r\nX: y"}"#,
        ] {
            assert_eq!(granted(body), None, "{body}");
        }
    }
}
