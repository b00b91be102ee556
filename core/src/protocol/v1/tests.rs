//! Whatever a server sends, the outcome follows from the status.

use http::HeaderValue;
use proptest::prelude::*;

use super::*;
use crate::error::{ErrorKind, Outcome, Repeat};
use crate::response::is_web_page;

const USER: &str = "u-1";
const CALL: &str = "c-1";

/// Any status, odd and plausible headers, and bodies from JSON to noise.
fn responses() -> impl Strategy<Value = Response> {
    let code = prop_oneof![
        Just("call-unavailable".to_owned()),
        Just("call-invalid-state".to_owned()),
        Just("call-rate-limit".to_owned()),
        Just("call-transfer-error".to_owned()),
        ".{0,40}",
    ];
    let json = code.prop_map(|code| {
        serde_json::json!({"code": code, "message": code})
            .to_string()
            .into_bytes()
    });
    let page = Just(b"<html><title>Sign in</title>".to_vec());
    let body = prop_oneof![json, page, proptest::collection::vec(any::<u8>(), 0..200)];
    let value = prop_oneof![
        "/v1/users/u-1/calls/[a-z./%-]{0,12}",
        "[0-9]{0,22}",
        "[ -~]{0,40}",
    ];
    let name = prop_oneof![
        Just("location"),
        Just("retry-after"),
        Just("x-ratelimit-reset"),
        Just("date"),
        Just("content-type")
    ];
    let headers = proptest::collection::vec((name, value), 0..5);
    (100..1000u16, headers, body).prop_map(|(status, headers, body)| {
        let headers = headers.into_iter().filter_map(|(name, value)| {
            Some((
                http::HeaderName::from_static(name),
                HeaderValue::from_str(&value).ok()?,
            ))
        });
        let headers: HeaderMap = headers.collect();
        Response {
            status,
            is_web_page: is_web_page(&headers, &body, body.is_empty()),
            headers,
            body,
            host: "platform.example".to_owned(),
        }
    })
}

proptest! {
    #[test]
    fn transfer_is_applied_only_if_the_status_is_2xx(response in responses()) {
        match V1.read_transfer(&response, USER, CALL) {
            Ok(done) => {
                prop_assert!((200..300).contains(&response.status));
                prop_assert_eq!(done.note.is_none(), done.new_call_id.is_some());
                prop_assert!(done.new_call_id.is_none_or(|id| crate::transfer::id::is_id(&id)));
            }
            Err(error) => {
                prop_assert!(!(200..300).contains(&response.status) || response.is_web_page);
                prop_assert!(matches!(error.outcome(), Outcome::NotApplied | Outcome::Unknown));
                prop_assert_eq!(error.http_status(), Some(response.status));
            }
        }
    }

    #[test]
    fn nothing_that_may_have_been_made_is_ever_repeated(response in responses()) {
        if let Err(error) = V1.read_transfer(&response, USER, CALL) {
            let repeated = error.repeat() != Repeat::Never;
            let class = matches!(response.status, 403 | 429 | 503);
            prop_assert!(!repeated || (class && error.outcome() == Outcome::NotApplied));
            prop_assert_eq!(error.outcome() == Outcome::Unknown, error.kind() == ErrorKind::OutcomeUnknown);
            prop_assert!(error.retry_after().is_none_or(|wait| wait <= crate::response::rate_limit::LONGEST));
        }
    }

    #[test]
    fn error_text_is_short_and_has_no_control_characters(response in responses()) {
        if let Err(error) = V1.read_transfer(&response, USER, CALL) {
            let shown = format!("{error} {error:?}");
            prop_assert!(shown.chars().all(|c| !c.is_control()));
            prop_assert!(error.to_string().chars().count() < 1000);
        }
    }

    #[test]
    fn read_is_never_unknown(response in responses()) {
        if let Err(error) = response.read_call(&V1, |id| id == CALL) {
            prop_assert_eq!(error.outcome(), Outcome::NotApplied);
        }
    }
}
