//! The link to the next page, in a `Link` header (RFC 8288).

use http::HeaderMap;
use http::header::LINK;

/// The longest target that is followed.
const LONGEST: usize = 8 * 1024;

/// The target of the first link whose relation is `next`; `None` where there is none.
pub(super) fn next(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(LINK).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .find_map(next_in)
}

fn next_in(mut rest: &str) -> Option<&str> {
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let (parameters, after) = split(after, ',');
        if is_next(parameters) && target.len() <= LONGEST {
            return Some(target);
        }
        rest = after;
    }
}

/// Whether `;name=value` and so on say that this is the next page of what was requested.
fn is_next(mut rest: &str) -> bool {
    let mut relation = None;
    while !rest.is_empty() {
        let (parameter, after) = split(rest, ';');
        rest = after;
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            // A link of another resource than the requested one.
            "anchor" => return false,
            "rel" => relation = relation.or(Some(value.trim().trim_matches('"'))),
            _ => {}
        }
    }
    let words = relation.unwrap_or_default().split_ascii_whitespace();
    words
        .into_iter()
        .any(|word| word.eq_ignore_ascii_case("next"))
}

/// What is before the first `separator` outside of quotes, and what is after it.
fn split(text: &str, separator: char) -> (&str, &str) {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn next_page_is_found_among_other_links() {
        for value in [
            r#"</n>; rel="next""#,
            "</n>;rel=next",
            r#"</f>; rel="first", </n>; rel="next", </l>; rel="last""#,
            r#"</f>; title="a, b; rel=\"next\""; rel="first", </n>; rel="last next""#,
            r#"</f>; rel=first; rel=next,</n>;REL=Next"#,
            r#"</f>; rel="next"; anchor="/x", </n>; rel="next""#,
            r#", , </n>; rel="next", </m>; rel="next""#,
        ] {
            assert_eq!(next_in(value), Some("/n"), "{value}");
        }
    }

    #[test]
    fn value_without_a_next_page_has_none() {
        let long = format!("<{}>; rel=next", "x".repeat(LONGEST + 1));
        for value in [
            "",
            "/n; rel=next",
            "</n>",
            "</n; rel=next",
            "</n>; rel=nextt",
            "</n>; title=next",
            r#"</f>; title="</n>; rel=next""#,
            r#"</p>; rel="previous""#,
            &long,
        ] {
            assert_eq!(next_in(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_value_has_a_link_or_none(value in "[<>;,=\"\\\\a-z ]{0,60}|\\PC{0,40}") {
            if let Some(target) = next_in(&value) {
                prop_assert!(value.contains(target));
            }
        }
    }
}
