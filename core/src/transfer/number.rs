//! Phone numbers as people write them, and why a text is not a phone number.

use std::borrow::Cow;

/// What may stand in a refused text, so that it is taken for a number that is written wrong.
const DIGITS: usize = 3;

/// The number as it goes out: `+` and digits.
///
/// Visual separators (RFC 3966: `-`, `.`, parentheses; and spaces) are left out of an international
/// number. A national one is not completed: which country it is of, its text doesn't say.
pub(crate) fn read(text: &str) -> Option<Cow<'_, str>> {
    if is_e164(text) {
        return Some(text.into());
    }
    let rest = text.strip_prefix('+')?;
    if rest.len() > 64 || !rest.ends_with(|c: char| c.is_ascii_digit() || c == ')') {
        return None;
    }
    let mut number = String::from("+");
    let mut group = None;
    for c in rest.chars() {
        match c {
            '0'..='9' => {
                // "(0)" is dialled inside a country only: without its parentheses the number would
                // be another one.
                if c == '0' && group == Some(0) {
                    return None;
                }
                number.push(c);
                group = group.map(|digits| digits + 1);
            }
            '(' if group.is_none() => group = Some(0),
            ')' if group.is_some_and(|digits| digits > 0) => group = None,
            ' ' | '-' | '.' => {}
            _ => return None,
        }
    }
    (group.is_none() && is_e164(&number)).then_some(number.into())
}

/// Why a text is not a number, if it looks as if it was meant to be one.
pub(super) fn reason(text: &str) -> Option<String> {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    if digits < DIGITS || text.contains('@') {
        return None;
    }
    let lower = text.to_lowercase();
    let after = lower.trim_start_matches(|c: char| c.is_ascii_digit() || "+-. ()".contains(c));
    let extended = ["x", "ext", "#", ",", ";ext"];
    let said = if lower.starts_with(['\'', '\u{2019}', '\u{2018}', '`']) {
        "it begins with an apostrophe, as a spreadsheet marks text; leave the apostrophe out"
    } else if is_shortened(&lower) {
        "it looks like a number that a spreadsheet shortened; format the column as text"
    } else if text.chars().any(|c| c.is_numeric() && !c.is_ascii()) {
        "it contains digits of another script; write the digits 0 to 9"
    } else if let Some(odd) = text.chars().find(|c| !c.is_ascii() || c.is_ascii_control()) {
        return Some(format!(
            "it contains U+{:04X}, which is not part of a phone number; remove it",
            u32::from(odd)
        ));
    } else if text.trim() != text {
        "it starts or ends with a space; remove it"
    } else if lower.starts_with("tel:") {
        "it begins with \"tel:\"; give the number alone"
    } else if after.len() < lower.len() && extended.iter().any(|word| after.starts_with(word)) {
        "it has an extension, which a transfer does not dial; give the number alone"
    } else if !after.is_empty() {
        return None;
    } else if text.starts_with('+') && text.replace([' ', '-', '.'], "").contains("(0") {
        "it has a 0 in parentheses, which is not dialled from abroad; write the number as it is \
         dialled from abroad"
    } else if text.starts_with('+') {
        match digits {
            2..=15 => "its separators are not in place",
            _ => return Some(format!("it has {digits} digits")),
        }
    } else if text.starts_with("00") {
        "it begins with 00; write + in its place"
    } else {
        "it has no country code; write it as it is dialled from abroad, with + before it"
    };
    Some(said.to_owned())
}

/// Digits with an exponent, as `1.83829E+10`.
fn is_shortened(lower: &str) -> bool {
    let Some((mantissa, exponent)) = lower.split_once('e') else {
        return false;
    };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    are_digits(&mantissa.replacen(['.', ','], "", 1)) && are_digits(exponent)
}

/// `+` and 2 to 15 digits (ITU-T E.164: 15 at most).
pub(crate) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_are_left_out_of_an_international_number() {
        for (text, number) in [
            ("+18382947878", "+18382947878"),
            ("+1 (838) 294-7878", "+18382947878"),
            ("+1 838 294 7878", "+18382947878"),
            ("+1.838.294.7878", "+18382947878"),
            ("+1-838-294-7878", "+18382947878"),
            ("+1(838)2947878", "+18382947878"),
            ("+(1) 838 294 7878", "+18382947878"),
            ("+1 838 (294)", "+1838294"),
            ("+39 06 1234 5678", "+390612345678"),
            ("+ 12", "+12"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn national_number_is_refused_with_the_reason() {
        for (text, said) in [
            ("(838) 294-7878", "no country code"),
            ("838-294-7878", "no country code"),
            ("8382947878", "no country code"),
            ("0018382947878", "begins with 00"),
            ("+18382947878 x123", "extension"),
            ("+18382947878x123", "extension"),
            ("+1 838 294 7878 ext. 5", "extension"),
            ("+18382947878;ext=5", "extension"),
            ("+18382947878#5", "extension"),
            ("+18382947878,5", "extension"),
            ("+44 (0)20 7946 0958", "0 in parentheses"),
            ("+44 ( 0 )20 7946 0958", "0 in parentheses"),
            ("+49 (0171) 1234567", "0 in parentheses"),
            ("1.83829E+10", "spreadsheet shortened"),
            ("1,83829e+10", "spreadsheet shortened"),
            ("1838E10", "spreadsheet shortened"),
            ("'+18382947878", "apostrophe"),
            ("\u{2019}+18382947878", "apostrophe"),
            ("+١٨٣٨٢٩٤٧٨٧٨", "digits of another script"),
            ("＋１８３８２９４７８７８", "digits of another script"),
            ("+1838294787８", "digits of another script"),
            ("＋18382947878", "U+FF0B"),
            ("+1838\u{a0}2947878", "U+00A0"),
            ("+1838294\u{fe0d}7878", "U+FE0D"),
            ("+1838\t2947878", "U+0009"),
            (" +18382947878", "starts or ends with a space"),
            ("+18382947878 ", "starts or ends with a space"),
            ("tel:+18382947878", "tel:"),
            ("+1234567890123456", "16 digits"),
            ("+1 (838 294-7878", "separators"),
            ("+1 838) 294-7878", "separators"),
            ("+1 () 8382947878", "separators"),
            ("+1 ((838)) 2947878", "separators"),
            ("+18382947878-", "separators"),
        ] {
            assert_eq!(read(text), None, "{text}");
            let reason = reason(text).unwrap_or_default();
            assert!(reason.contains(said), "{text}: {reason}");
        }
        for text in [
            "",
            "call mum",
            "sip:100@example.com",
            "+1",
            "+1838abc",
            "+18382947878/9",
        ] {
            assert_eq!(read(text), None, "{text}");
            assert_eq!(reason(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn separators_change_no_digit(
            groups in proptest::collection::vec("[1-9][0-9]{0,3}", 1..5),
            separators in proptest::collection::vec("[-. ]{0,2}", 5),
        ) {
            let digits = groups.concat();
            let text: String = groups.iter().zip(&separators)
                .flat_map(|(group, separator)| [separator.as_str(), group])
                .collect();
            let read = read(&format!("+{text}")).map(Cow::into_owned);
            let good = (2..=15).contains(&digits.len());
            prop_assert_eq!(read, good.then(|| format!("+{digits}")));
        }

        #[test]
        fn any_text_is_a_number_or_none(text in "([-+0-9(). xe'٣]|\\PC){0,40}") {
            if let Some(number) = read(&text) {
                prop_assert!(is_e164(&number));
                let of = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
                prop_assert_eq!(of(&number), of(&text));
            }
            reason(&text);
        }
    }
}
