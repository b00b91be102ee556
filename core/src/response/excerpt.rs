//! The type of a response's body, and its first words: for a response that is not in the platform's
//! form, such as one of a gateway, a firewall or another web server.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::redact;

/// Longer text is cut here.
const SHOWN: usize = 100;
/// How much text is taken from a body, before numbers in it are hidden and it is cut.
const TAKEN: usize = 1000;

/// Media types that are shown by name. A header may repeat a secret, so no other is.
const NAMED: &[&str] = &[
    "text/html",
    "text/plain",
    "text/xml",
    "application/xhtml+xml",
    "application/xml",
    "application/json",
    "application/problem+json",
    "application/problem+xml",
    "application/soap+xml",
    "application/octet-stream",
];

/// How HTML begins, in lower case (WHATWG MIME Sniffing, section 7.1), each followed by a space or
/// the end of the tag.
const HTML: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<body",
    "<title",
    "<meta",
    "<script",
    "<style",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<center",
    "<br",
    "<p",
    "<a",
    "<b",
];

/// Whether this is a page for a browser: by its Content-Type, or by how the body begins.
///
/// `is_empty`: the body was read to its end, and there is none.
pub(crate) fn is_web_page(headers: &HeaderMap, body: &[u8], is_empty: bool) -> bool {
    let typed = matches!(
        media_type(headers),
        Some("text/html" | "application/xhtml+xml")
    );
    (typed && !is_empty) || begins_like_html(body)
}

fn begins_like_html(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(1024)]).to_ascii_lowercase();
    let mut start = start.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    // What may stand before the first tag: an XML declaration and comments.
    while let Some(end) = [("<?xml", "?>"), ("<!--", "-->")]
        .into_iter()
        .find_map(|(opening, end)| start.starts_with(opening).then_some(end))
    {
        match start.split_once(end) {
            Some((_, rest)) => start = rest.trim_start(),
            None => return false,
        }
    }
    HTML.iter().any(|tag| {
        start
            .strip_prefix(tag)
            .is_some_and(|rest| rest.starts_with(['>', ' ', '/', '\t', '\r', '\n']))
    })
}

/// As `text/html, 1,024 bytes: "404 Not Found nginx"`; `None` without a body.
pub(super) fn describe(headers: &HeaderMap, body: &[u8], limit: usize) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let kind = match headers.contains_key(CONTENT_TYPE) {
        true => media_type(headers).unwrap_or("of another Content-Type"),
        false => "without a Content-Type",
    };
    let size = bytes(body.len());
    let more = if body.len() < limit { "" } else { " or more" };
    let mut described = format!("{kind}, {size}{more}");
    let words = first_words(body);
    if !words.is_empty() {
        described.push_str(&format!(": \"{words}\""));
    }
    Some(described)
}

fn media_type(headers: &HeaderMap) -> Option<&'static str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let given = value.split(';').next().unwrap_or_default().trim();
    let mut named = NAMED.iter().copied();
    named.find(|name| name.eq_ignore_ascii_case(given))
}

/// As `1 byte` and `1,024 bytes`.
fn bytes(count: usize) -> String {
    if count == 1 {
        return "1 byte".to_owned();
    }
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + " bytes"
}

/// The beginning of the text, on one line, without markup and whole numbers; empty where the body
/// is not text.
fn first_words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let odd = |c: &char| matches!(c, '\0'..='\u{8}' | '\u{fffd}');
    let seen = start.chars().take(TAKEN);
    if seen.clone().filter(odd).count() * 10 > seen.count() {
        return String::new();
    }
    let words = if start.starts_with('<') {
        without_markup(start)
    } else {
        let mut words = Words::default();
        words.add(start);
        words.text
    };
    let shown = redact::text_with_numbers(&words);
    match shown.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", shown[..end].trim_end()),
        None => shown,
    }
}

/// The text between tags. A page's title is often its heading, too: it is taken once.
fn without_markup(mut rest: &str) -> String {
    let mut words = Words::default();
    while !words.is_full() {
        let Some(open) = rest.find('<') else {
            words.add(rest);
            break;
        };
        words.add(&rest[..open]);
        let tag = &rest[open..];
        let close = if tag.starts_with("<!--") {
            tag.find("-->").map(|at| at + 3)
        } else if let Some(name) = ["script", "style"]
            .into_iter()
            .find(|name| opens(tag, name))
        {
            end_of(tag, name)
        } else {
            tag.find('>').map(|at| at + 1)
        };
        match close {
            Some(close) => rest = &tag[close..],
            None => break,
        }
    }
    words.text
}

fn opens(tag: &str, name: &str) -> bool {
    let start = tag.get(1..=name.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// The position after the end tag of an element whose content is not text.
fn end_of(element: &str, name: &str) -> Option<usize> {
    let end = format!("</{name}");
    let at = element.to_ascii_lowercase().find(&end)?;
    element[at..].find('>').map(|close| at + close + 1)
}

/// Words with one space between them.
#[derive(Default)]
struct Words {
    text: String,
    count: usize,
    last: String,
}

impl Words {
    fn is_full(&self) -> bool {
        self.count >= TAKEN
    }

    fn add(&mut self, segment: &str) {
        let mut folded = String::new();
        for word in segment.split_whitespace() {
            if self.is_full() {
                break;
            }
            let left = TAKEN - self.count;
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.extend(word.chars().take(left));
            self.count += word.chars().take(left).count() + 1;
        }
        if folded.is_empty() || folded == self.last {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(&folded);
        self.last = folded;
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 64 * 1024;
    const NGINX: &str = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

    fn typed(content_type: &str) -> HeaderMap {
        let value = HeaderValue::from_str(content_type);
        value
            .map(|value| HeaderMap::from_iter([(CONTENT_TYPE, value)]))
            .unwrap_or_default()
    }

    fn described(content_type: &str, body: &str) -> String {
        let headers = match content_type {
            "" => HeaderMap::new(),
            _ => typed(content_type),
        };
        describe(&headers, body.as_bytes(), LIMIT).unwrap_or_default()
    }

    #[test]
    fn body_of_another_server_is_described_by_type_size_and_words() {
        for (content_type, body, expected) in [
            (
                "text/html",
                NGINX,
                r#"text/html, 146 bytes: "404 Not Found nginx""#,
            ),
            (
                "text/plain; charset=UTF-8",
                "error code: 1015",
                r#"text/plain, 16 bytes: "error code: 1015""#,
            ),
            (
                "",
                "error\r\n\tcode:  1015\n",
                r#"without a Content-Type, 20 bytes: "error code: 1015""#,
            ),
            (
                "application/xml",
                "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
                r#"application/xml, 61 bytes: "AccessDenied""#,
            ),
            (
                "text/html",
                "<script>var a = '<b>';</script><!-- <p>x</p> --><STYLE>p {}</STYLE ><p>No",
                r#"text/html, 73 bytes: "No""#,
            ),
            (
                "application/json",
                r#"{"detail": 1}"#,
                r#"application/json, 13 bytes: "{"detail": 1}""#,
            ),
            (
                "secret/token",
                "x",
                r#"of another Content-Type, 1 byte: "x""#,
            ),
            ("text/html", "", ""),
            ("text/html", "<br>", "text/html, 4 bytes"),
        ] {
            assert_eq!(described(content_type, body), expected);
        }
    }

    #[test]
    fn long_body_is_cut_and_its_size_has_separators() {
        let shown = described("text/plain", &"ab ".repeat(700));
        assert!(
            shown.starts_with("text/plain, 2,100 bytes: \"ab ab"),
            "{shown}"
        );
        assert!(
            shown.ends_with("a…\"") && shown.chars().count() < 140,
            "{shown}"
        );
        let shown = described("text/plain", &"x".repeat(LIMIT));
        assert!(
            shown.starts_with("text/plain, 65,536 bytes or more"),
            "{shown}"
        );
    }

    #[test]
    fn numbers_and_control_characters_in_a_body_are_not_shown() {
        let shown = described(
            "text/html",
            "<p>no route to +1 838 294 <b>7878</b>\u{1b}[31m</p>",
        );
        assert!(shown.contains("+* *** *** **78 \\u{1b}[31m"), "{shown}");
        let long = "y".repeat(SHOWN - 4) + " 8382947878";
        assert!(!described("text/plain", &long).contains("83"));
    }

    #[test]
    fn binary_body_is_described_without_words() {
        assert_eq!(
            described("image/png", &"\u{1}\0\u{2}x".repeat(20)),
            "of another Content-Type, 80 bytes"
        );
    }

    #[test]
    fn web_page_is_known_by_its_type_or_its_beginning() {
        for (content_type, body) in [
            ("text/html", "hello"),
            ("TEXT/HTML; charset=utf-8", ""),
            ("application/xhtml+xml", "<?xml ?>"),
            ("", NGINX),
            ("", "\u{feff} \n<!DOCTYPE html><p>"),
            ("text/plain", "<!-- x --> <HTML lang=en>"),
            (
                "application/json",
                "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC ''>",
            ),
        ] {
            assert!(
                is_web_page(&typed(content_type), body.as_bytes(), false),
                "{content_type} {body}"
            );
        }
        for (content_type, body) in [
            ("", ""),
            ("text/plain", "OK"),
            ("application/json", "{}"),
            ("application/xml", "<?xml version='1.0'?><Response/>"),
            ("", "<Bxml></Bxml>"),
            ("", "<abbr>"),
            ("", "<!-- <html>"),
        ] {
            assert!(
                !is_web_page(&typed(content_type), body.as_bytes(), false),
                "{content_type} {body}"
            );
        }
        // Some frameworks give every response this type, those without a body, too.
        assert!(!is_web_page(&typed("text/html"), b"", true));
    }

    proptest! {
        #[test]
        fn any_body_is_described_on_one_line_within_bounds(
            body in prop_oneof!["(<[/!a-z -]{0,9}>?|[ -~]|\\PC|\n){0,200}", "(?s).{0,500}"],
        ) {
            let shown = described("text/html", &body);
            prop_assert!(shown.chars().all(|c| !c.is_control()));
            prop_assert!(shown.chars().count() < 150);
            is_web_page(&HeaderMap::new(), body.as_bytes(), false);
        }
    }
}
