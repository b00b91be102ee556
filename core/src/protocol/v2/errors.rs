//! The error responses of v2. Only the status decides: no value in the body is known to add
//! anything.

use serde_json::{Map, Value};

use super::super::call;
use super::V2;
use crate::error::PlatformError;
use crate::redact;
use crate::response::{Call, Wording};

impl Wording for V2 {
    /// `type` as the code, `description` as the message, and `id`, which the vendor's support asks for.
    fn platform_error(&self, fields: &Map<String, Value>) -> PlatformError {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let id = text("id").map(|id| ("id".to_owned(), redact::text_with_numbers(id)));
        PlatformError {
            code: text("type").map(redact::text_with_numbers),
            message: text("description").map(redact::text_with_numbers),
            details: id.into_iter().collect(),
            ..PlatformError::default()
        }
    }

    /// Whether all is there that the platform says; it has no word for what is not found.
    fn is_call_not_found(&self, platform: &PlatformError) -> bool {
        let has_id = !platform.details.is_empty();
        platform.code.is_some() && (platform.message.is_some() || has_id)
    }

    fn call(&self, fields: Map<String, Value>) -> Option<Call> {
        call::read(fields, "callId", "answerTime")
    }
}
