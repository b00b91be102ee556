//! What became of the call: results, errors, and how an answer is read. Nothing here does I/O.

mod answer;
mod call;
mod class;
mod error;
mod excerpt;
mod finding;
mod kind;
mod platform;
mod rate_limit;
mod transferred;

pub(crate) use answer::{Answer, BODY_LIMIT, Reading, Verdict};
pub use call::{Call, CallState};
pub use class::{Outcome, Stage};
pub use error::Error;
pub(crate) use error::Repeat;
pub(crate) use excerpt::is_web_page;
pub use finding::Finding;
pub use kind::ErrorKind;
pub use platform::PlatformError;
pub use transferred::Transferred;

/// What the fuzzer throws bytes at.
#[cfg(fuzzing)]
pub(crate) mod fuzzing {
    use super::Answer;
    use crate::dialect::v1;

    /// An answer of any status, with this `Location` and body; both readings of it.
    pub fn read_answer(status: u16, location: &[u8], body: &[u8]) {
        let mut headers = http::HeaderMap::new();
        if let Ok(value) = http::HeaderValue::from_bytes(location) {
            headers.insert(http::header::LOCATION, value);
        }
        let is_web_page = super::is_web_page(&headers, body, body.is_empty());
        let body = body.to_vec();
        let answer = Answer {
            status,
            headers,
            body,
            is_web_page,
            ..Answer::default()
        };
        let made = v1::read_transfer(&answer, "u-1", "c-1");
        let names_call = made.as_ref().is_ok_and(|made| made.new_call_id.is_some());
        assert_eq!(
            made.is_ok(),
            (200..300).contains(&status) && (names_call || !is_web_page)
        );
        let _ = answer.read_call(&v1::READING, |id| id == "c-1");
    }

    /// The id in a `Location`, which must be one.
    pub fn location(text: &str) {
        if let Some(id) = v1::location::call_id(text, "u-1") {
            assert!(crate::request::id::is_id(&id) && text.contains(&id));
        }
    }

    /// The wait that three headers ask for, which must stay within a week.
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
        let wait = super::rate_limit::wait(&headers, std::time::SystemTime::now());
        assert!(wait <= super::rate_limit::LONGEST);
    }
}
