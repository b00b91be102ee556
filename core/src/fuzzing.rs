//! Entry points for fuzzing: not part of any other build.

use crate::protocol::{Protocol, v1};
use crate::response::{Response, rate_limit as limits};

/// A response of any status, with this `Location` and body; both readings of it.
pub fn read_response(status: u16, location: &[u8], body: &[u8]) {
    let mut headers = http::HeaderMap::new();
    if let Ok(value) = http::HeaderValue::from_bytes(location) {
        headers.insert(http::header::LOCATION, value);
    }
    let is_web_page = crate::response::is_web_page(&headers, body, body.is_empty());
    let body = body.to_vec();
    let response = Response {
        status,
        headers,
        body,
        is_web_page,
        ..Response::default()
    };
    let made = v1::V1.read_transfer(&response, "u-1", "c-1");
    let names_call = made.as_ref().is_ok_and(|made| made.new_call_id.is_some());
    assert_eq!(
        made.is_ok(),
        (200..300).contains(&status) && (names_call || !is_web_page)
    );
    let _ = response.read_call(&v1::V1, |id| id == "c-1");
    let _ = response.read_calls(&v1::V1);
}

/// An event or an error; an event's fields, as JSON, make the same event again.
pub fn event(body: &[u8], content_type: Option<&str>) {
    let Ok(event) = crate::Event::parse(body, content_type) else {
        return;
    };
    let json = serde_json::Value::Object(event.fields.clone()).to_string();
    // Written again, a body may be longer than is read.
    if let Ok(again) = crate::Event::parse(json, Some("application/json")) {
        assert_eq!(format!("{event} {event:?}"), format!("{again} {again:?}"));
    }
}

/// The id in a `Location`, which must be one.
pub fn location(text: &str) {
    if let Some(id) = v1::location::call_id(text, "u-1") {
        assert!(crate::transfer::id::is_id(&id) && text.contains(&id));
    }
}

/// The wait that three headers request, which must stay within a week.
pub fn rate_limit(date: &[u8], reset: &[u8], retry_after: &[u8]) {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("date", date),
        ("x-ratelimit-reset", reset),
        ("retry-after", retry_after),
    ] {
        if let Ok(value) = http::HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    let wait = limits::wait(&headers, std::time::SystemTime::now());
    assert!(wait <= limits::LONGEST);
}
