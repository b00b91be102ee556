//! Call and user ids: the only caller's text that becomes part of a URL.

use crate::error::InvalidArgument;
use crate::redact;

/// Ids are refused rather than encoded, so that no id can reach into another user's calls.
pub(crate) fn check(field: &'static str, id: &str) -> Result<(), InvalidArgument> {
    if is_id(id) {
        return Ok(());
    }
    let allowed =
        "expected 1 to 128 letters, digits, '-', '_', '.' and '~', other than \".\" and \"..\"";
    if id.is_empty() {
        return Err(InvalidArgument::new(field, format!("is empty; {allowed}")));
    }
    Err(InvalidArgument::new(
        field,
        format!(
            "\"{}\" is not a valid ID; {allowed}",
            redact::text_with_numbers(id)
        ),
    ))
}

/// Whether `id` may stand as one path segment.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
        && id != "."
        && id != ".."
}
