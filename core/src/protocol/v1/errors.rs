//! The error responses of v1: categories and codes, in addition to the rows that the status
//! decides.

use std::time::Duration;

use serde_json::{Map, Value};

use super::super::call;
use super::V1;
use crate::error::{ErrorKind, PlatformError, Repeat};
use crate::redact;
use crate::response::{Call, Classification, Response, Wording};

/// The highest number of details.
const DETAILS: usize = 16;

impl Wording for V1 {
    /// `category`, `code`, `message` and `details`.
    fn platform_error(&self, fields: &Map<String, Value>) -> PlatformError {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let details = fields.get("details").and_then(Value::as_array);
        PlatformError {
            category: text("category").map(redact::text_with_numbers),
            code: text("code").map(redact::text_with_numbers),
            message: text("message").map(redact::text_with_numbers),
            details: details
                .into_iter()
                .flatten()
                .filter_map(|detail| {
                    let name = detail.get("name")?.as_str()?;
                    let value = detail.get("value").unwrap_or(&Value::Null);
                    let value = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    Some((
                        redact::text_with_numbers(name),
                        redact::text_with_numbers(&value),
                    ))
                })
                .take(DETAILS)
                .collect(),
        }
    }

    /// Another code is about something else that isn't there, as a user or an address.
    fn is_call_not_found(&self, platform: &PlatformError) -> bool {
        match &platform.code {
            Some(code) => code == "call-not-found",
            None => platform.category.as_deref() == Some("not-found"),
        }
    }

    /// The rows of the outcome table that a category or a code decides.
    fn classify(&self, response: &Response, platform: &PlatformError) -> Option<Classification> {
        let category = platform.category.as_deref().unwrap_or_default();
        let code = platform.code.as_deref().unwrap_or_default();
        let classification = match (response.status, category, code) {
            (401, "authorization", _) => Classification::refused(
                ErrorKind::Authorization,
                "the account may not do this, or not with this number",
            ),
            (401, ..) => Classification::refused(
                ErrorKind::Authentication,
                "the platform rejected this token and secret",
            ),
            (403, _, "call-invalid-state") => {
                Classification::refused(ErrorKind::CallNotActive, "the call is not active")
            }
            // This limit is an average over seconds: less than one is never enough.
            (403, _, "call-rate-limit") => {
                response.limited(Duration::from_secs(1), "too many calls at once")
            }
            (403, "credit", _) | (403, _, "insufficient-available-balance") => {
                Classification::refused(
                    ErrorKind::InsufficientCredit,
                    "the account has no credit left",
                )
            }
            (503, _, "call-unavailable") => {
                Classification::refused(ErrorKind::Unavailable, "the call is still being set up")
                    .repeatable(response.retry_after_or(Repeat::Soon))
            }
            _ => return None,
        };
        Some(classification)
    }

    fn call(&self, fields: Map<String, Value>) -> Option<Call> {
        call::read(fields, "id", "activeTime")
    }
}
