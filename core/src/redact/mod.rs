//! Redaction: what may be shown of numbers, URLs and text from outside.

mod addresses;
mod encoded;
mod numbers;
mod odd;
mod secrets;

use std::fmt::Write as _;

pub(crate) use secrets::{Secrets, redact};

/// Longer text is cut here before it goes into a message.
const SHOWN: usize = 200;

/// A phone number or SIP address with all but the last two digits, of any script, and the SIP
/// user hidden. Characters that are not seen are escaped: they are why a number is refused.
pub fn number(value: &str) -> String {
    if let Some((user, host)) = value.rsplit_once(['@', '\u{fe6b}', '\u{ff20}']) {
        let scheme = match user.split_once(':') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("sip") => "sip:",
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("sips") => "sips:",
            _ => "",
        };
        return format!("{scheme}***@{}", text_with_numbers(host));
    }
    let digits = value.chars().filter(|c| c.is_numeric()).count();
    let mut seen = 0;
    let redacted: String = value
        .chars()
        .map(|c| {
            seen += usize::from(c.is_numeric());
            // Two digits or fewer are no number worth showing in part.
            if c.is_numeric() && (seen + 2 <= digits || digits <= 2) {
                '*'
            } else {
                c
            }
        })
        .collect();
    text(&redacted)
}

/// A URL without userinfo, query and fragment: any of them may carry a secret.
pub(crate) fn url(value: &str) -> String {
    text(&numbers::hide(&addresses::hide_url(value)))
}

/// Text made safe to print: characters that are not seen escaped, length capped.
pub(crate) fn text(value: &str) -> String {
    let mut shown = String::with_capacity(value.len().min(SHOWN));
    for (count, c) in value.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        if odd::is_odd(c) {
            let _ = write!(shown, "\\u{{{:x}}}", c as u32);
        } else {
            shown.push(c);
        }
    }
    shown
}

/// As [`text`], with numbers and addresses [`hidden`]: a server may echo them.
pub(crate) fn text_with_numbers(value: &str) -> String {
    text(&hidden(value))
}

/// A text with what people may not see of it hidden, and otherwise as it is: phone numbers but for
/// their last two digits, the user of SIP and mail addresses, user, password and query of URLs,
/// and passwords that are named so.
pub fn hidden(value: &str) -> String {
    numbers::hide(&addresses::hide(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn number_shows_its_last_two_digits() {
        assert_eq!(number("+18382947878"), "+*********78");
        assert_eq!(number("838 294 7878"), "*** *** **78");
        assert_eq!(number("call mum"), "call mum");
        assert_eq!(number("7"), "*");
        assert_eq!(number("+1 (838) 294-7878"), "+* (***) ***-**78");
        assert_eq!(number("٨٣٨٢٩٤٧٨٧٨"), "********٧٨");
        assert_eq!(number("＋１８３８２９４７８７８"), "＋*********７８");
    }

    #[test]
    fn character_that_is_not_seen_is_shown_escaped() {
        for odd in [
            '\u{fe0d}',
            '\u{ad}',
            '\u{3164}',
            '\u{a0}',
            '\u{e0001}',
            '\u{200b}',
            '\u{2800}',
            '\t',
        ] {
            let shown = number(&format!("+183829{odd}47878"));
            let escape = format!("\\u{{{:x}}}", odd as u32);
            assert_eq!(shown, format!("+******{escape}***78"));
            assert_eq!(
                text_with_numbers(&format!("a{odd}b")),
                format!("a{escape}b")
            );
        }
    }

    #[test]
    fn sip_address_shows_its_host() {
        assert_eq!(number("sip:alice@example.com"), "sip:***@example.com");
        assert_eq!(number("alice@example.com"), "***@example.com");
        assert_eq!(number("sip:alice@"), "sip:***@");
        assert_eq!(number("sip:alice@8382947878"), "sip:***@********78");
        assert_eq!(number("alice＠example.com"), "***@example.com");
    }

    #[test]
    fn url_shows_neither_userinfo_nor_query() {
        let shown = url("https://hook:s3cret@example.com/cb?token=abc#x");
        assert_eq!(shown, "https://***@example.com/cb");
        assert_eq!(url("hook:s3cret@example.com?x"), "***@example.com");
        assert_eq!(
            url("http://CORP\\me:pw@proxy:3128"),
            "http://***@proxy:3128"
        );
        assert_eq!(
            url("https://example.com/8382947878"),
            "https://example.com/********78"
        );
        assert_eq!(url("https://exa mple.com/ä?x"), "https://exa mple.com/ä");
    }

    #[test]
    fn control_and_direction_characters_are_escaped() {
        assert_eq!(text("a\r\nb\u{202e}c"), "a\\u{d}\\u{a}b\\u{202e}c");
        assert_eq!(text(&"x".repeat(500)).chars().count(), SHOWN + 1);
    }

    #[test]
    fn number_in_text_from_outside_is_redacted() {
        let shown = text_with_numbers("no route to +18382947878, code 404");
        assert_eq!(shown, "no route to +*********78, code 404");
        assert_eq!(text_with_numbers("18382947878"), "*********78");
        let long = "x".repeat(SHOWN - 4) + "18382947878";
        let shown = text_with_numbers(&long);
        assert_eq!(shown, "x".repeat(SHOWN - 4) + "****…");
    }

    #[test]
    fn number_an_address_and_a_url_are_hidden_together() {
        let shown =
            hidden("from sip:+18382947878@h at 2026-01-01T00:00:00Z by https://a:b@h/8382947878?x");
        assert_eq!(
            shown,
            "from sip:***@h at 2026-01-01T00:00:00Z by https://***@h/********78"
        );
    }

    proptest! {
        #[test]
        fn shown_text_stays_as_it_is(text in "([0-9a-f+@:/.()\u{a0}\u{200b}٣-]|sip:|%40|%31){0,40}|.{0,300}") {
            let shown = text_with_numbers(&text);
            prop_assert!(shown.chars().count() <= 10 * SHOWN);
            prop_assert_eq!(text_with_numbers(&shown), if shown.chars().count() > SHOWN { cut(&shown) } else { shown.clone() });
            let shown = hidden(&text);
            prop_assert_eq!(hidden(&shown), shown.clone(), "{}", shown);
            number(&text);
            url(&text);
        }
    }

    /// As it is shown again: escapes make it longer.
    fn cut(shown: &str) -> String {
        shown.chars().take(SHOWN).chain(['…']).collect()
    }
}
