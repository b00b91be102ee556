//! Credentials that still have quotation marks, spaces or a byte order mark around them, from the
//! file that they were copied from.

/// Says what is around the value, and what to do about it. The value itself is not shown.
///
/// `--env-file` of container runtimes keeps quotation marks and trailing spaces, and editors on
/// Windows begin a file with a byte order mark. A quotation mark inside, or at one end only, may
/// belong to a secret.
pub fn problem(value: &str) -> Option<&'static str> {
    if value.starts_with(['\u{feff}', '\u{fffe}']) || value.starts_with("ï»¿") {
        return Some("starts with a byte order mark; remove it, or save the file without one");
    }
    if value.trim_end_matches(['\r', '\n']) != value {
        return Some("ends with a line break; remove it");
    }
    if value.trim() != value {
        return Some("starts or ends with a space; remove it");
    }
    let mut inner = value.chars();
    let (Some(first), Some(last)) = (inner.next(), inner.next_back()) else {
        return None;
    };
    let pairs = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
    ];
    pairs
        .contains(&(first, last))
        .then_some("starts and ends with a quotation mark; remove the quotation marks")
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn wrapped_value_is_reported() {
        for (value, word) in [
            ("\"t-token\"", "quotation"),
            ("'t-token'", "quotation"),
            ("`t-token`", "quotation"),
            ("\u{201c}t-token\u{201d}", "quotation"),
            ("\"\"", "quotation"),
            (" t-token", "space"),
            ("t-token ", "space"),
            ("t-token\t", "space"),
            ("\u{a0}t-token", "space"),
            ("\"t-token\" ", "space"),
            ("t-token\r", "line break"),
            ("t-token\n", "line break"),
            ("\u{feff}t-token", "byte order mark"),
            ("\u{feff}\"t-token\"", "byte order mark"),
            ("ï»¿t-token", "byte order mark"),
        ] {
            assert!(
                problem(value).is_some_and(|f| f.contains(word)),
                "{value:?}"
            );
        }
    }

    #[test]
    fn value_with_quotes_and_spaces_inside_is_kept() {
        for value in [
            "t-token", "t\"oken", "\"token", "token'", "to ken", "\"", "", "'to'ken",
        ] {
            assert_eq!(problem(value), None, "{value:?}");
        }
    }
}
