//! Targets and caller IDs: phone numbers and SIP addresses.

use std::borrow::Cow;

use super::number;
use crate::error::InvalidArgument;
use crate::redact;

/// The caller id that hides the caller.
pub(crate) const PRIVATE: &str = "private";

/// A target: an E.164 number or a SIP address.
pub(crate) fn check_target(to: &str) -> Result<(), InvalidArgument> {
    check_address("to", to)
}

/// An E.164 number or a SIP address.
pub(crate) fn check_address(field: &'static str, address: &str) -> Result<(), InvalidArgument> {
    if number::read(address).is_some() || is_sip(address) {
        return Ok(());
    }
    let allowed = "expected an E.164 number (+ and 2 to 15 digits, as +12025550123) or a SIP address (sip:user@host)";
    if address.is_empty() {
        return Err(InvalidArgument::new(field, format!("is empty; {allowed}")));
    }
    Err(refused(
        field,
        "phone number or SIP address",
        address,
        allowed,
    ))
}

/// A caller id: `private` or an E.164 number. Whose number it may be, only the platform knows.
pub(crate) fn check_caller_id(caller_id: &str) -> Result<(), InvalidArgument> {
    if caller_id == PRIVATE || number::read(caller_id).is_some() {
        return Ok(());
    }
    let allowed = "expected \"private\" or an E.164 number (+ and 2 to 15 digits)";
    Err(refused("caller_id", "caller ID", caller_id, allowed))
}

/// The error for a text that is not a valid `what`, with the reason if one can be seen.
pub(crate) fn refused(
    field: &'static str,
    what: &str,
    text: &str,
    allowed: &str,
) -> InvalidArgument {
    let shown = redact::number(text);
    let reason = number::reason(text).map(|reason| format!(": {reason}"));
    let reason = reason.unwrap_or_default();
    InvalidArgument::new(
        field,
        format!("\"{shown}\" is not a valid {what}{reason}; {allowed}"),
    )
}

/// A target or caller id on the wire: a number without the separators that people write.
pub(crate) fn wire(text: &str) -> Cow<'_, str> {
    number::read(text).unwrap_or(text.into())
}

/// Whether a target as it was given is the one that the platform shows.
pub(crate) fn is_same(given: &str, shown: &str) -> bool {
    let bare = |text: &str| text.strip_prefix("sip:").unwrap_or(text).to_owned();
    bare(&wire(given)) == bare(shown)
}

/// `sip:` or `sips:` with a host and perhaps a user, port, parameters and headers (RFC 3261,
/// section 19.1.1), or a bare `user@host`.
fn is_sip(text: &str) -> bool {
    if text.len() > 1024
        || !text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&b))
    {
        return false;
    }
    let (rest, bare) = match text.split_once(':') {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") =>
        {
            (rest, false)
        }
        _ => (text, true),
    };
    match rest.split_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _password)| user);
            !user.is_empty() && is_host_and_tail(host)
        }
        None => !bare && is_host_and_tail(rest),
    }
}

/// `host[:port][;parameters][?headers]`.
fn is_host_and_tail(text: &str) -> bool {
    let end = text.find([';', '?']).unwrap_or(text.len());
    let (host, tail) = text.split_at(end);
    if tail.contains('@') {
        return false;
    }
    let (host, port) = match host.rsplit_once(':') {
        // An IPv6 reference holds colons of its own.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (host, None),
    };
    port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0)) && is_host(host)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    (1..=253).contains(&name.len())
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_that_can_be_called_are_accepted() {
        for to in [
            "+18382947878",
            "+12",
            "+123456789012345",
            "+1 (838) 294-7878",
            "sip:user@example.com",
            "SIP:user@example.com",
            "sips:user:pw@example.com:5061;transport=tls?subject=x",
            "sip:example.com",
            "sip:+18382947878@10.0.0.1",
            "sip:u@[2001:db8::1]:5060",
            "user@example.com",
        ] {
            assert_eq!(check_target(to), Ok(()), "{to}");
        }
    }

    #[test]
    fn targets_that_cannot_be_called_are_refused() {
        for to in [
            "",
            "+",
            "+1",
            "+1234567890123456",
            "8382947878",
            "+1 838 294 7878 x9",
            "(838) 294-7878",
            "call mum",
            "sip:",
            "sip:@example.com",
            "sip:user@",
            "sip:user@ex ample.com",
            "sip:user@example.com:0",
            "sip:user@-a.com",
            "sip:u@h@h",
            "sip:+18382947878",
            "tel:+18382947878",
            "user@",
            "sip:u@[::1",
            "sip:u@h:99999",
            "user@example.com\r\nX: y",
            "+١٢٣٤",
        ] {
            assert!(check_target(to).is_err(), "{to}");
        }
    }

    #[test]
    fn refused_number_is_redacted_in_the_message() {
        let invalid = check_target("8382947878").err().map(|f| f.message);
        assert!(invalid.is_some_and(|m| {
            m.starts_with("to: \"********78\" is not a valid phone number or SIP address")
        }));
    }
}
