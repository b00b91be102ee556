//! What the platform says in the body of a refusal.

use serde_json::Value;

use crate::mask;

/// More details than this are not kept.
const DETAILS: usize = 16;

/// The platform's own words. Every part may be missing: gateways answer in HTML or not at all.
///
/// Control characters are escaped, long texts cut and long numbers masked to their last two
/// digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformError {
    /// The category, as `bad-request`.
    pub category: Option<String>,
    /// The code, as `call-invalid-state`.
    pub code: Option<String>,
    /// The message, for people.
    pub message: Option<String>,
    /// Names and values that say more, as `callId`.
    pub details: Vec<(String, String)>,
}

impl PlatformError {
    /// Reads what can be read; a body that is no JSON object says nothing.
    pub(super) fn read(body: &[u8]) -> Self {
        // Lossy, so that one wrong byte doesn't hide the code beside it.
        let Ok(Value::Object(fields)) = serde_json::from_str(&String::from_utf8_lossy(body)) else {
            return Self::default();
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let details = fields.get("details").and_then(Value::as_array);
        Self {
            category: text("category").map(mask::text),
            code: text("code").map(mask::text),
            message: text("message").map(mask::text_with_numbers),
            details: details
                .into_iter()
                .flatten()
                .filter_map(|detail| {
                    let name = detail.get("name")?.as_str()?;
                    let value = detail.get("value").unwrap_or(&Value::Null);
                    let value = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    Some((mask::text(name), mask::text_with_numbers(&value)))
                })
                .take(DETAILS)
                .collect(),
        }
    }

    pub(super) fn category(&self) -> &str {
        self.category.as_deref().unwrap_or_default()
    }

    pub(super) fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }
}
