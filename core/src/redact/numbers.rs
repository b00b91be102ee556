//! Phone numbers in text from outside.
//!
//! A number is a run of 7 or more digits of any script, as people write them: between two digits
//! may be up to 4 separators (spaces, hyphens, dots, parentheses, slashes, plus signs and the
//! like) and any invisible characters. All of its digits but the last two are hidden. Digits count
//! in encoded form, too, as `%31`, `\u0031` and `&#49;`.
//!
//! The following are not numbers, unless a `+` precedes them:
//!
//! - a date with the year in four digits, as `2026-01-31` or `31.01.2026`, perhaps with a time;
//! - a time, as `12:34:56.789`, perhaps with its zone;
//! - an IPv4 address;
//! - a UUID, also with a group more in front, as v2's call ids, and also without its hyphens;
//! - seconds since 1970 that are called so, as `1767225600 (UNIX)`.
//!
//! Letters, colons and commas end a run, so that HTTP statuses, ports, IPv6 addresses, lists and
//! ids such as `c-abc123` stay. A version of 7 or more digits does not.

use super::encoded::{Unit, units};
use super::odd;

/// A run of at least this many digits is a number.
const NUMBER: usize = 7;
/// How many of its digits are shown.
const SHOWN: usize = 2;
/// The highest number of separators between two digits.
const GAP: usize = 4;

/// The text with the numbers in it hidden.
pub(super) fn hide(text: &str) -> String {
    // A digit in encoded form holds digits itself.
    if text.chars().filter(|c| c.is_numeric()).count() < NUMBER {
        return text.to_owned();
    }
    let units = units(text);
    let mut shown = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    while at < units.len() {
        let plus = is_digit(&units, at) && has_plus(&units, at);
        if let Some(end) = exempt(&units, at).filter(|_| !plus) {
            at = end;
            continue;
        }
        if !is_digit(&units, at) {
            at += 1;
            continue;
        }
        let run = run(&units, at, plus);
        at = run.last().map_or(at, |last| *last) + 1;
        if run.len() >= NUMBER {
            for digit in &run[..run.len() - SHOWN] {
                let Unit { start, end, .. } = units[*digit];
                shown.push_str(&text[copied..start]);
                shown.push('*');
                copied = end;
            }
        }
    }
    shown.push_str(&text[copied..]);
    shown
}

/// The digits of the run that begins here.
fn run(units: &[Unit], start: usize, plus: bool) -> Vec<usize> {
    let mut digits = vec![start];
    let mut gap = 0;
    for at in start + 1..units.len() {
        if is_digit(units, at) {
            let begins = !is_digit(units, at - 1);
            if begins && !plus && exempt(units, at).is_some() {
                break;
            }
            digits.push(at);
            gap = 0;
        } else if is_separator(units[at].c) {
            gap += usize::from(!odd::is_invisible(units[at].c));
            if gap > GAP {
                break;
            }
        } else {
            break;
        }
    }
    digits
}

/// Whether a plus sign stands before this, perhaps with other separators between.
fn has_plus(units: &[Unit], at: usize) -> bool {
    let before = units[..at].iter().rev().map(|unit| unit.c);
    before
        .take_while(|c| is_separator(*c))
        .filter(|c| !odd::is_invisible(*c))
        .take(GAP)
        .any(|c| matches!(c, '+' | '\u{ff0b}'))
}

fn is_separator(c: char) -> bool {
    odd::is_odd(c)
        || matches!(
            c,
            ' ' | '-' | '.' | '(' | ')' | '/' | '+' | '_' | '~' | '\u{b7}' | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2022}'
                    | '\u{2024}'
                    | '\u{2027}'
                    | '\u{2212}'
                    | '\u{30fb}'
                    | '\u{fe58}'
                    | '\u{fe63}'
                    | '\u{ff08}'
                    | '\u{ff09}'
                    | '\u{ff0b}'
                    | '\u{ff0d}'
                    | '\u{ff0e}'
        )
}

fn is_digit(units: &[Unit], at: usize) -> bool {
    units.get(at).is_some_and(|unit| unit.c.is_numeric())
}

/// The end of text that starts here and is not a number.
fn exempt(units: &[Unit], at: usize) -> Option<usize> {
    // Inside a word there is none.
    if at > 0 && units[at - 1].c.is_alphanumeric() {
        return None;
    }
    let end = uuid(units, at)
        .or_else(|| date(units, at))
        .or_else(|| time(units, at))
        .or_else(|| ip(units, at))
        .or_else(|| seconds(units, at))?;
    let after = units.get(end).map(|unit| unit.c);
    after.is_none_or(|c| !c.is_numeric()).then_some(end)
}

fn c(units: &[Unit], at: usize) -> Option<char> {
    units.get(at).map(|unit| unit.c)
}

/// A number of exactly so many ASCII digits, and where it ends.
fn digits(units: &[Unit], at: usize, count: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for unit in units.get(at..at + count)? {
        value = value * 10 + u64::from(unit.c.to_digit(10)?);
    }
    Some((value, at + count))
}

fn date(units: &[Unit], at: usize) -> Option<usize> {
    let part = |at, count, allowed: std::ops::RangeInclusive<u64>| {
        digits(units, at, count).filter(|(value, _)| allowed.contains(value))
    };
    let parts = match part(at, 4, 1900..=2099) {
        Some(_) => [(4, 1900..=2099), (2, 1..=12), (2, 1..=31)],
        None => [(2, 1..=31), (2, 1..=31), (4, 1900..=2099)],
    };
    let (mut end, mut between) = (at, None);
    for (count, allowed) in parts {
        if end > at {
            let separator = c(units, end).filter(|c| matches!(c, '-' | '/' | '.'))?;
            if *between.get_or_insert(separator) != separator {
                return None;
            }
            end += 1;
        }
        (_, end) = part(end, count, allowed)?;
    }
    let timed = matches!(c(units, end), Some('T' | 't' | ' ' | '_')).then(|| time(units, end + 1));
    Some(timed.flatten().unwrap_or(end))
}

fn time(units: &[Unit], at: usize) -> Option<usize> {
    let part = |at, most| digits(units, at, 2).filter(|(value, _)| *value <= most);
    let (_, end) = part(at, 24)?;
    let colon = |at| c(units, at) == Some(':');
    let (_, mut end) = colon(end).then(|| part(end + 1, 59)).flatten()?;
    if colon(end) {
        (_, end) = part(end + 1, 60)?;
        if matches!(c(units, end), Some('.' | ',')) {
            let fraction = units[end + 1..]
                .iter()
                .take_while(|unit| unit.c.is_ascii_digit());
            match fraction.count() {
                0 => {}
                count @ 1..=9 => end += 1 + count,
                _ => return None,
            }
        }
    }
    if matches!(c(units, end), Some('+' | '-'))
        && let Some((_, hours)) = part(end + 1, 14)
    {
        let minutes = if colon(hours) { hours + 1 } else { hours };
        if let Some((_, zone)) = part(minutes, 59)
            && !is_digit(units, zone)
        {
            end = zone;
        }
    }
    Some(end)
}

fn ip(units: &[Unit], at: usize) -> Option<usize> {
    // The end of a longer sequence of numbers is not an address.
    if at > 1 && c(units, at - 1) == Some('.') && is_digit(units, at - 2) {
        return None;
    }
    let mut end = at;
    for part in 0..4 {
        if part > 0 {
            end += c(units, end).filter(|c| *c == '.').map(|_| 1)?;
        }
        let rest = units.get(end..)?.iter().map(|unit| unit.c);
        let octet: String = rest.take_while(char::is_ascii_digit).take(4).collect();
        // u8 also reads leading zeros.
        if octet.parse::<u8>().ok()?.to_string() != octet {
            return None;
        }
        end += octet.len();
    }
    let goes_on = c(units, end) == Some('.') && is_digit(units, end + 1);
    (!goes_on).then_some(end)
}

fn uuid(units: &[Unit], at: usize) -> Option<usize> {
    let group = |at: usize| {
        let rest = units[at..].iter();
        rest.take_while(|unit| unit.c.is_ascii_hexdigit())
            .take(33)
            .count()
    };
    let mut end = at + group(at);
    let mut groups = vec![end - at];
    while groups.len() < 6 && c(units, end) == Some('-') {
        let len = group(end + 1);
        groups.push(len);
        end += 1 + len;
    }
    let word_ends = c(units, end).is_none_or(|c| !c.is_alphanumeric());
    let is_uuid = match groups[..] {
        [8, 4, 4, 4, 12] | [8, 8, 4, 4, 4, 12] => true,
        [32] => {
            units[at..end]
                .iter()
                .filter(|unit| unit.c.is_alphabetic())
                .count()
                >= 4
        }
        _ => false,
    };
    (is_uuid && word_ends).then_some(end)
}

fn seconds(units: &[Unit], at: usize) -> Option<usize> {
    let (_, end) = digits(units, at, 10)?;
    let marked = " (UNIX)"
        .chars()
        .eq(units[end..].iter().take(7).map(|unit| unit.c));
    marked.then_some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn number_is_hidden_however_it_is_written() {
        for (text, shown) in [
            (
                "no route to +18382947878, code 404",
                "no route to +*********78, code 404",
            ),
            ("18382947878", "*********78"),
            ("838-294-7878", "***-***-**78"),
            ("(838) 294-7878", "(***) ***-**78"),
            ("+1 838 294 7878", "+* *** *** **78"),
            ("+1 (838) - 294 - 7878", "+* (***) - *** - **78"),
            ("1.838.294.7878", "*.***.***.**78"),
            ("838\u{a0}294\u{2011}7878", "***\u{a0}***\u{2011}**78"),
            ("838\u{200b}2947878", "***\u{200b}*****78"),
            ("٨٣٨٢٩٤٧٨٧٨", "********٧٨"),
            ("＋１８３８２９４７８７８", "＋*********７８"),
            ("838%20294%207878", "***%20***%20**78"),
            ("%2B18382947878", "%2B*********78"),
            ("838&nbsp;294&nbsp;7878", "***&nbsp;***&nbsp;**78"),
            (r"\u0038382947878", "********78"),
            ("tel:8382947878;x", "tel:********78;x"),
            ("838 2947878 on 2026-01-31", "*** *****78 on 2026-01-31"),
            ("2026-01-31 8382947878", "2026-01-31 ********78"),
            ("+2026-01-31", "+****-**-31"),
            ("06.12.34.56.78", "**.**.**.**.78"),
            ("2012-10-1234567", "****-**-*****67"),
        ] {
            assert_eq!(hide(text), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for text in [
            "",
            "HTTP 503",
            "2026-01-01T00:00:00Z",
            "2026-01-01 12:34:56.123456+01:00",
            "2026/01/31 and 31.01.2026",
            "at 12:34:56.789012, HTTP 503",
            "Thu, 01 Jan 2026 00:00:00 GMT",
            "Jan 01 2026 00:00:00",
            "127.0.0.1:8080",
            "10.200.100.255",
            "2001:db8:1234:5678::1",
            "c-abc123",
            "c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85",
            "12345678-1234-1234-1234-123456789012",
            "3f2504e04f8911d39a0c0305e82c3301",
            "1767225600 (UNIX)",
            "nginx/1.25.3, OpenSSL/3.0.13",
            "400, 401, 403 or 404",
        ] {
            assert_eq!(hide(text), text);
        }
    }

    proptest! {
        #[test]
        fn number_of_any_script_with_separators_is_hidden(
            zero in prop_oneof![Just('0'), Just('٠'), Just('०'), Just('０'), Just('𝟎')],
            groups in proptest::collection::vec("[3-9]{3,5}", 3..5),
            separators in proptest::collection::vec("[-./() \u{a0}\u{2011}\u{200b}\u{ad}]{0,2}", 5),
            around in "[a-z,:;* ]{0,5}",
        ) {
            let mut number = String::new();
            for (group, separator) in groups.iter().zip(&separators) {
                let digits = group.chars().filter_map(|c| char::from_u32(zero as u32 + c.to_digit(10)?));
                number.extend(digits);
                number.push_str(separator);
            }
            let shown = hide(&format!("{around}{number}{around}"));
            prop_assert_eq!(shown.chars().filter(|c| c.is_numeric()).count(), SHOWN, "{}", shown);
        }

        #[test]
        fn hidden_text_stays_as_it_is_and_is_not_longer(text in "[-+./() :TZa-f0-9&#%;\u{a0}٣]{0,60}|.{0,60}") {
            let shown = hide(&text);
            prop_assert!(shown.len() <= text.len());
            prop_assert_eq!(hide(&shown), shown.clone(), "{}", shown);
        }
    }
}
