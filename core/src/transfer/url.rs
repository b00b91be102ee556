//! URLs to which the platform sends requests.

use crate::error::InvalidArgument;
use crate::redact;

/// An absolute http or https URL. It is sent as given, so a URL that a parser would correct is
/// refused.
pub(crate) fn check(field: &'static str, value: &str) -> Result<(), InvalidArgument> {
    let readable = !value.is_empty() && !value.chars().any(|c| c.is_whitespace() || c.is_control());
    let parsed = readable.then(|| url::Url::parse(value).ok()).flatten();
    let good = parsed.is_some_and(|url| {
        // The parser takes "https:host" and "https:\\host"; a stricter server would not.
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && value
                .get(url.scheme().len()..)
                .is_some_and(|rest| rest.starts_with("://"))
            && !value.contains('\\')
    });
    if good {
        return Ok(());
    }
    Err(InvalidArgument::new(
        field,
        format!(
            "\"{}\" is not a valid URL; expected an absolute http:// or https:// URL",
            redact::url(value)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_urls_are_accepted() {
        for url in [
            "https://example.com",
            "HTTP://example.com/a",
            "https://hook:s3cret@example.com/cb?a=1&b=%20",
            "http://[::1]:8080/x",
        ] {
            assert_eq!(check("callback_url", url), Ok(()), "{url}");
        }
        for url in [
            "",
            "example",
            "ftp://example.com/",
            "https:example.com",
            "https:\\\\example.com",
            "https://",
            "//example.com",
            "https://exa mple.com",
            "https://example.com/\n",
            " https://example.com",
            "javascript:alert(1)",
        ] {
            assert!(check("callback_url", url).is_err(), "{url}");
        }
    }
}
