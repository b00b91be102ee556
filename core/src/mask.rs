//! What may be shown of numbers, URLs and foreign text.

mod encoded;
mod secrets;

use std::fmt::Write as _;

pub(crate) use secrets::{Secrets, redact};

/// Longer text is cut here before it goes into a message.
const SHOWN: usize = 200;

/// A run of at least this many digits is taken for a phone number in foreign text.
const NUMBER_RUN: usize = 7;

/// A phone number or SIP address with all but the last two digits, and the SIP user, hidden.
pub(crate) fn number(value: &str) -> String {
    if let Some((user, host)) = value.rsplit_once('@') {
        let scheme = match user.split_once(':') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("sip") => "sip:",
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("sips") => "sips:",
            _ => "",
        };
        return format!("{scheme}***@{}", text(host));
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let mut seen = 0;
    let masked: String = value
        .chars()
        .map(|c| {
            seen += usize::from(c.is_ascii_digit());
            // Two digits or fewer are no number worth showing in part.
            if c.is_ascii_digit() && (seen + 2 <= digits || digits <= 2) {
                '*'
            } else {
                c
            }
        })
        .collect();
    text(&masked)
}

/// A URL without userinfo, query and fragment: any of them may carry a secret.
pub(crate) fn url(value: &str) -> String {
    let end = value.find(['?', '#']).unwrap_or(value.len());
    let head = &value[..end];
    let shown = match head.split_once("//") {
        Some((scheme, rest)) => {
            let authority_end = rest.find('/').unwrap_or(rest.len());
            match rest[..authority_end].rfind('@') {
                Some(at) => format!("{scheme}//***@{}", &rest[at + 1..]),
                None => head.to_owned(),
            }
        }
        // Without an authority, everything up to the last @ may be userinfo.
        None => match head.rsplit_once('@') {
            Some((_, rest)) => format!("***@{rest}"),
            None => head.to_owned(),
        },
    };
    text(&shown)
}

/// Foreign text made safe to print: control and direction characters escaped, length capped.
pub(crate) fn text(value: &str) -> String {
    let mut shown = String::with_capacity(value.len().min(SHOWN));
    for (count, c) in value.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        if is_unprintable(c) {
            let _ = write!(shown, "\\u{{{:x}}}", c as u32);
        } else {
            shown.push(c);
        }
    }
    shown
}

/// As [`text`], and long runs of digits hidden but for the last two: a server may echo numbers.
pub(crate) fn text_with_numbers(value: &str) -> String {
    let mut masked = String::with_capacity(value.len());
    let mut run = String::new();
    for c in value.chars().take(SHOWN + NUMBER_RUN).chain(['\0']) {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        if run.len() >= NUMBER_RUN {
            masked.extend(std::iter::repeat_n('*', run.len() - 2));
            masked.push_str(&run[run.len() - 2..]);
        } else {
            masked.push_str(&run);
        }
        run.clear();
        masked.push(c);
    }
    masked.pop(); // the terminator that flushed the last run
    text(&masked)
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_its_last_two_digits() {
        assert_eq!(number("+18382947878"), "+*********78");
        assert_eq!(number("838 294 7878"), "*** *** **78");
        assert_eq!(number("call mum"), "call mum");
        assert_eq!(number("7"), "*");
    }

    #[test]
    fn a_sip_address_shows_its_host() {
        assert_eq!(number("sip:alice@example.com"), "sip:***@example.com");
        assert_eq!(number("alice@example.com"), "***@example.com");
        assert_eq!(number("sip:alice@"), "sip:***@");
    }

    #[test]
    fn a_url_shows_neither_userinfo_nor_query() {
        let shown = url("https://hook:s3cret@example.com/cb?token=abc#x");
        assert_eq!(shown, "https://***@example.com/cb");
        assert_eq!(url("hook:s3cret@example.com?x"), "***@example.com");
    }

    #[test]
    fn control_and_direction_characters_are_escaped() {
        assert_eq!(text("a\r\nb\u{202e}c"), "a\\u{d}\\u{a}b\\u{202e}c");
        assert_eq!(text(&"x".repeat(500)).chars().count(), SHOWN + 1);
    }

    #[test]
    fn a_number_in_foreign_text_is_masked() {
        let shown = text_with_numbers("no route to +18382947878, code 404");
        assert_eq!(shown, "no route to +*********78, code 404");
        assert_eq!(text_with_numbers("18382947878"), "*********78");
    }
}
