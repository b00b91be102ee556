//! The platform's error in the body of a response.

/// The platform's own error. Every field may be missing: gateways send HTML or no body at all.
///
/// The client's own secrets are replaced by `***`, phone numbers are redacted to their last two
/// digits, the user of a SIP address and user, password and query of a URL are hidden, invisible
/// characters are escaped, and long texts are cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformError {
    /// The category, such as `bad-request`.
    pub category: Option<String>,
    /// The code, such as `call-invalid-state`.
    pub code: Option<String>,
    /// The message, for people.
    pub message: Option<String>,
    /// Further names and values, such as `callId`.
    pub details: Vec<(String, String)>,
}
