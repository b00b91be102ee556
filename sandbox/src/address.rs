//! Whether a text is a phone number, a SIP address or a web address.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// E.164: a plus and 2 to 15 digits.
pub(crate) fn is_phone_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A `sip:` or `sips:` URI (RFC 3261, section 19.1), or a bare `user@host`.
pub(crate) fn is_sip_address(text: &str) -> bool {
    if text.len() > 255 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return false;
    }
    match strip_sip_scheme(text) {
        Some(rest) => is_sip_rest(rest),
        None => text.contains('@') && is_sip_rest(text),
    }
}

/// A phone number or SIP address.
pub(crate) fn is_callable(text: &str) -> bool {
    is_phone_number(text) || is_sip_address(text)
}

/// An absolute `http` or `https` URL; user, password and query are allowed.
pub(crate) fn is_web_url(text: &str) -> bool {
    // The parser accepts missing slashes and inner white space; a callback URL must not have them.
    let lower = text.to_ascii_lowercase();
    let (Some(rest), 1..=2048) = (
        lower
            .strip_prefix("http://")
            .or_else(|| lower.strip_prefix("https://")),
        text.len(),
    ) else {
        return false;
    };
    !rest.starts_with('/')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && Url::parse(text).is_ok_and(|url| url.has_host())
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn strip_sip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    (scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")).then_some(rest)
}

/// `[user[:password]@]host[:port][;parameters][?headers]`
fn is_sip_rest(rest: &str) -> bool {
    let place = match rest.rsplit_once('@') {
        Some((user, place)) => {
            if !is_sip_user(user) {
                return false;
            }
            place
        }
        None => rest,
    };
    let end = place.find([';', '?']).unwrap_or(place.len());
    is_host_and_port(&place[..end])
}

fn is_sip_user(user: &str) -> bool {
    !user.is_empty()
        && !user.starts_with(':')
        && user
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/:%".contains(&b))
}

fn is_host_and_port(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((host, port)) = rest.split_once(']') else {
            return false;
        };
        return host.parse::<Ipv6Addr>().is_ok()
            && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && is_port(port),
        None => is_host(text),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn is_host(text: &str) -> bool {
    if text
        .rsplit('.')
        .next()
        .is_some_and(|last| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
    {
        return text.parse::<Ipv4Addr>().is_ok();
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    !name.is_empty()
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_number_is_a_plus_and_2_to_15_digits() {
        for good in ["+12", "+18382947878", "+123456789012345"] {
            assert!(is_phone_number(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "+1",
            "18382947878",
            "+1234567890123456",
            "+1 838",
            "+1838294787a",
        ] {
            assert!(!is_phone_number(bad), "{bad}");
        }
    }

    #[test]
    fn sip_address_is_a_uri_or_a_user_at_a_host() {
        for good in [
            "sip:user@example.com",
            "SIPS:user@example.com:5061",
            "sip:example.com",
            "sip:+18382947878@10.0.0.1;user=phone",
            "sip:user:password@[2001:db8::1]:5060?subject=x",
            "user@example.com",
        ] {
            assert!(is_sip_address(good), "{good}");
        }
        for bad in [
            "",
            "sip:",
            "sip:user@",
            "sip:@example.com",
            "@example.com",
            "user@",
            "user",
            "example.com",
            "sip:us er@example.com",
            "sip:user@exa_mple.com",
            "sip:user@host:port",
            "sip:user@1.2.3.456",
            "sip:user@[::1",
            "tel:+18382947878",
            "user@-example.com",
        ] {
            assert!(!is_sip_address(bad), "{bad}");
        }
    }

    #[test]
    fn web_address_is_absolute_and_http() {
        for good in [
            "http://example.com",
            "https://hook:s3cret@example.com/cb?a=1&b=%20",
            "HTTP://127.0.0.1:8080/x",
        ] {
            assert!(is_web_url(good), "{good}");
        }
        for bad in [
            "",
            "example",
            "ftp://example.com/",
            "http://",
            "http:example.com",
            "http:///example.com",
            "http://exa mple.com",
            "http://example.com:99999/",
            " http://example.com",
        ] {
            assert!(!is_web_url(bad), "{bad}");
        }
    }
}
