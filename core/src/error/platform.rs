//! What the platform says in the body of a refusal.

/// The platform's own words. Every part may be missing: gateways answer in HTML or not at all.
///
/// The client's own secrets are replaced by `***`, phone numbers are redacted to their last two
/// digits, the user of a SIP address and user, password and query of a URL are hidden, characters
/// that are not seen are escaped, and long texts are cut.
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
