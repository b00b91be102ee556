//! What must not be seen of addresses in a text: the user of a SIP or mail address, user and
//! password, query and fragment of a URL, and passwords that are named so.

use super::encoded::{Unit, units};

const HIDDEN: &str = "***";

/// Names whose quoted values are hidden, as in `password="…"` and `"password":"…"`.
const NAMES: &[&str] = &[
    "access_token",
    "authorization",
    "passwd",
    "password",
    "secret",
    "username",
];

/// Bytes of the text, and what is shown instead.
type Edit = (usize, usize, &'static str);

/// The text with the addresses in it hidden as far as they must be.
pub(super) fn hide(text: &str) -> String {
    let text = hide_named(text);
    let all = units(&text);
    let mut edits = Vec::new();
    for word in all.split(is_end_of_word) {
        address(word, &mut edits);
    }
    edited(&text, edits)
}

/// As [`hide`], of a text that is one URL, whatever it holds.
pub(super) fn hide_url(text: &str) -> String {
    let all = units(text);
    let mut edits = Vec::new();
    if find_url(&all).is_some() {
        address(&all, &mut edits);
    } else {
        // Without an authority, everything up to the last @ may be userinfo.
        let begin = all.iter().position(|unit| unit.c != '/').unwrap_or(0);
        authority(&all[begin..], false, &mut edits);
    }
    edited(text, edits)
}

fn edited(text: &str, edits: Vec<Edit>) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, end, instead) in edits {
        shown.push_str(&text[copied..start]);
        shown.push_str(instead);
        copied = end;
    }
    shown.push_str(&text[copied..]);
    shown
}

/// Percent-encoded, it stands inside of a word.
fn is_end_of_word(unit: &Unit) -> bool {
    !unit.is_percent
        && (unit.c.is_whitespace()
            || unit.c.is_control()
            || matches!(unit.c, '<' | '>' | '"' | '`'))
}

fn is_at(c: char) -> bool {
    matches!(c, '@' | '\u{fe6b}' | '\u{ff20}')
}

fn edit(units: &[Unit], instead: &'static str, edits: &mut Vec<Edit>) {
    if let (Some(first), Some(last)) = (units.first(), units.last()) {
        edits.push((first.start, last.end, instead));
    }
}

fn address(word: &[Unit], edits: &mut Vec<Edit>) {
    match find_url(word) {
        Some(end) => {
            let scheme = word[..end].iter().rev().skip(3);
            let scheme = scheme
                .take_while(|unit| unit.c.is_ascii_alphanumeric())
                .count();
            users(&word[..end - 3 - scheme], edits);
            authority(&word[end..], word[end - 1].is_percent, edits);
        }
        None => users(word, edits),
    }
}

/// Where the first `://` of a URL ends.
fn find_url(word: &[Unit]) -> Option<usize> {
    let mut after = 3..=word.len();
    after.find(|end| {
        let slashes = word[end - 3..*end]
            .iter()
            .map(|unit| unit.c)
            .eq("://".chars());
        let drive = end.checked_sub(4).map(|at| word[at].c);
        slashes && drive.is_some_and(|c| c.is_ascii_alphanumeric())
    })
}

/// What follows `://`. In a URL that is percent-encoded as a whole, its separators are, too.
fn authority(rest: &[Unit], is_encoded: bool, edits: &mut Vec<Edit>) {
    let find = |from: usize, separators: &[char]| {
        let mut after = rest[from..].iter();
        after
            .position(|unit| separators.contains(&unit.c) && (is_encoded || !unit.is_percent))
            .map_or(rest.len(), |at| from + at)
    };
    let mut host_end = find(0, &['/', '?', '#']);
    let last_at = |end: usize| rest[..end].iter().rposition(|unit| is_at(unit.c));
    let mut at = last_at(host_end);
    if at.is_none() && !is_host_and_port(&rest[..host_end]) {
        // A password may hold what should have been encoded.
        at = last_at(rest.len());
    }
    let host = at.map_or(0, |at| at + 1);
    edit(&rest[..at.unwrap_or(0)], HIDDEN, edits);
    host_end = host_end.max(find(host, &['/', '?', '#']));
    let end = find(host_end.min(find(host, &['?', '#'])), &['?', '#']);
    users(&rest[host_end.min(end)..end], edits);
    edit(&rest[end..], "", edits);
}

/// Without a user: no colon but that of a port, or those of an IPv6 address.
fn is_host_and_port(units: &[Unit]) -> bool {
    let colon = units.iter().rposition(|unit| unit.c == ':');
    let tail = colon.map_or(&[][..], |at| &units[at + 1..]);
    tail.iter().all(|unit| unit.c.is_ascii_digit()) || tail.last().is_some_and(|unit| unit.c == ']')
}

/// Every `user@` is hidden, all but the scheme of a SIP address.
fn users(word: &[Unit], edits: &mut Vec<Edit>) {
    let mut from = 0;
    for at in 0..word.len() {
        if !is_at(word[at].c) {
            continue;
        }
        let before = &word[from..at];
        let begin = after_sip(before).or_else(|| {
            let separator =
                |unit: &Unit| matches!(unit.c, ',' | '(' | '[' | '{' | '=' | '&' | '/' | '|');
            before.iter().rposition(separator).map(|at| at + 1)
        });
        edit(&before[begin.unwrap_or(0)..], HIDDEN, edits);
        from = at + 1;
    }
}

/// Where the user of a SIP address begins.
fn after_sip(units: &[Unit]) -> Option<usize> {
    ["sip:", "sips:"].into_iter().find_map(|scheme| {
        let mut begins = 0..(units.len() + 1).saturating_sub(scheme.len());
        begins
            .find(|at| starts_with(&units[*at..], scheme))
            .map(|at| at + scheme.len())
    })
}

/// `scheme` is ASCII; case does not count.
fn starts_with(units: &[Unit], word: &str) -> bool {
    let begins = units.iter().map(|unit| unit.c.to_ascii_lowercase());
    begins.take(word.len()).eq(word.chars())
}

/// Hides the quoted values of names that say what they are.
fn hide_named(text: &str) -> String {
    let all = units(text);
    let mut edits = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let value = NAMES
            .iter()
            .filter(|name| starts_with(&all[at..], name))
            .find_map(|name| value(&all, at + name.len()));
        match value {
            Some((begin, end)) => {
                edit(&all[begin..end], HIDDEN, &mut edits);
                at = end;
            }
            None => at += 1,
        }
    }
    edited(text, edits)
}

/// The value in quotes that follows a name: ` = "value"` or `": "value"`.
fn value(all: &[Unit], after_name: usize) -> Option<(usize, usize)> {
    let is_quote = |at: usize| all.get(at).is_some_and(|unit| matches!(unit.c, '"' | '\''));
    let skip = |at: usize| {
        let spaces = all.get(at..).unwrap_or_default().iter();
        at + spaces.take_while(|unit| unit.c == ' ').count()
    };
    let mut at = skip(after_name + usize::from(is_quote(after_name)));
    if !matches!(all.get(at)?.c, '=' | ':') {
        return None;
    }
    at = skip(at + 1);
    if !is_quote(at) {
        return None;
    }
    // Within the value, quotes are encoded once more than around it.
    let (quote, len) = (all[at].c, all[at].end - all[at].start);
    let mut rest = all[at + 1..].iter();
    let len = rest.position(|unit| unit.c == quote && unit.end - unit.start == len);
    Some((at + 1, len.map_or(all.len(), |len| at + 1 + len)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn user_of_an_address_is_hidden() {
        for (text, shown) in [
            ("sip:alice@example.com", "sip:***@example.com"),
            (
                "to SIPS:alice:pw@example.com;x=y now",
                "to SIPS:***@example.com;x=y now",
            ),
            ("<sip:+18382947878@10.0.0.1>", "<sip:***@10.0.0.1>"),
            ("sip:a;b,c=d@h", "sip:***@h"),
            ("to=alice@h,from=sip:bob@h", "to=***@h,from=sip:***@h"),
            ("alice＠example.com", "***＠example.com"),
            ("sip%3Aalice%40example.com", "sip%3A***%40example.com"),
            (r#"{\"to\":\"sip:alice@h\"}"#, r#"{\"to\":\"sip:***@h\"}"#),
            ("@home, me @ work", "@home, me @ work"),
        ] {
            assert_eq!(hide(text), shown, "{text}");
        }
    }

    #[test]
    fn user_password_and_query_of_a_url_are_hidden() {
        for (text, shown) in [
            (
                "at https://me:pw@h:8/cb?token=x#y.",
                "at https://***@h:8/cb",
            ),
            ("ftp://me@h/a, no", "ftp://***@h/a, no"),
            ("http://me:p/w@h/a", "http://***@h/a"),
            ("http://me:p?w@h/a?b", "http://***@h/a"),
            ("http://me:p%2Fw%20x@h/a", "http://***@h/a"),
            ("http://CORP\\me:pw@h:3128", "http://***@h:3128"),
            (
                "https%3A%2F%2Fme%3Apw%40h%2Fcb%3Ftoken",
                "https%3A%2F%2F***%40h%2Fcb",
            ),
            ("https://h:80/@me/a@b", "https://h:80/@me/***@b"),
            ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
            ("me:pw@proxy:3128", "***@proxy:3128"),
            ("a://b,https://me:pw@h", "a://b,https://***@h"),
        ] {
            assert_eq!(hide(text), shown, "{text}");
        }
    }

    #[test]
    fn named_password_is_hidden() {
        for (text, shown) in [
            (
                r#"<T username="me" password="pw"/>"#,
                r#"<T username="***" password="***"/>"#,
            ),
            (r#"{"Password": "p\u0022w"}"#, r#"{"Password": "***"}"#),
            (
                r#"{\"access_token\":\"x\"}"#,
                r#"{\"access_token\":\"***\"}"#,
            ),
            ("password: missing", "password: missing"),
            (
                r#""category":"authorization","x":"y""#,
                r#""category":"authorization","x":"y""#,
            ),
        ] {
            assert_eq!(hide(text), shown, "{text}");
        }
    }

    proptest! {
        #[test]
        fn hidden_text_stays_as_it_is(text in "([a-c]|sip:|://|[@/?#:;,=%&\\\\\"<> ]|%40|password=\"){0,24}|.{0,60}") {
            let shown = hide(&text);
            prop_assert_eq!(hide(&shown), shown.clone(), "{}", shown);
            let shown = hide_url(&text);
            prop_assert_eq!(hide_url(&shown), shown.clone(), "{}", shown);
        }
    }
}
