//! Characters that a text writes in another form: percent-encoded, or as an escape of JSON or HTML.

/// The character that the text begins with in encoded form, and how many bytes it takes.
///
/// `%41` and `%2541`, `\u0041`, `\u{41}`, `\/` and `\\/`, `&amp;`, `&#65;` and `&#x41;`.
pub(super) fn first(text: &str) -> Option<(char, usize)> {
    match text.as_bytes().first()? {
        b'%' => percent(text.as_bytes()),
        b'\\' => backslash(text),
        b'&' => entity(text),
        _ => None,
    }
}

/// One character of a text, and the bytes in which the text holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Percent-encoded characters separate nothing: they were encoded so that they do not.
    pub(super) is_percent: bool,
}

/// The characters of a text, decoded.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut units = Vec::with_capacity(text.len());
    let mut start = 0;
    while let Some(plain) = text[start..].chars().next() {
        let encoded = first(&text[start..]);
        let (c, len) = encoded.unwrap_or((plain, plain.len_utf8()));
        let end = start + len;
        units.push(Unit {
            c,
            start,
            end,
            is_percent: encoded.is_some() && plain == '%',
        });
        start = end;
    }
    units
}

/// One character of one to four percent-encoded bytes of UTF-8.
fn percent(text: &[u8]) -> Option<(char, usize)> {
    let (lead, mut end) = percent_byte(text)?;
    let mut bytes = [lead, 0, 0, 0];
    let count = match lead {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    for byte in &mut bytes[1..count] {
        let (value, len) = percent_byte(&text[end..])?;
        *byte = value;
        end += len;
    }
    let c = std::str::from_utf8(&bytes[..count]).ok()?.chars().next()?;
    Some((c, end))
}

/// One byte, encoded once or several times over.
fn percent_byte(text: &[u8]) -> Option<(u8, usize)> {
    let mut digits = text.strip_prefix(b"%")?;
    let mut len = 3;
    while digits.starts_with(b"25") && hex_pair(&digits[2..]).is_some() && len < 9 {
        digits = &digits[2..];
        len += 2;
    }
    Some((hex_pair(digits)?, len))
}

fn hex_pair(text: &[u8]) -> Option<u8> {
    let (high, low) = (*text.first()?, *text.get(1)?);
    let value = char::from(high).to_digit(16)? * 16 + char::from(low).to_digit(16)?;
    u8::try_from(value).ok()
}

/// An escape of JSON, with as many backslashes as there are JSON texts within JSON texts.
fn backslash(text: &str) -> Option<(char, usize)> {
    let rest = text.trim_start_matches('\\');
    let count = text.len() - rest.len();
    if count > 8 {
        return None;
    }
    if let Some(digits) = rest.strip_prefix("u{") {
        // As this library shows what is not seen.
        let end = digits.bytes().take(7).position(|b| b == b'}')?;
        let c = u32::from_str_radix(&digits[..end], 16).ok();
        return Some((c.and_then(char::from_u32)?, count + 2 + end + 1));
    }
    match rest.as_bytes().first() {
        Some(b'u' | b'U') => {
            let (high, low) = (
                utf16(rest),
                rest.get(5..).map(|rest| rest.trim_start_matches('\\')),
            );
            match (char::from_u32(high?), low.and_then(utf16)) {
                (Some(c), _) => Some((c, count + 5)),
                (None, low) => {
                    let c =
                        char::decode_utf16([u16::try_from(high?).ok()?, u16::try_from(low?).ok()?])
                            .next()?
                            .ok()?;
                    let between = rest.get(5..)?;
                    let skipped = between.len() - between.trim_start_matches('\\').len();
                    Some((c, count + 5 + skipped + 5))
                }
            }
        }
        Some(c @ (b'"' | b'/' | b'\'')) => Some((char::from(*c), count + 1)),
        Some(b'n' | b'r' | b't') => Some((' ', count + 1)),
        _ if count > 1 => Some(('\\', 2)),
        _ => None,
    }
}

/// `u0041`
fn utf16(text: &str) -> Option<u32> {
    let digits = text.strip_prefix(['u', 'U'])?.get(..4)?;
    let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = &text[1..end];
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "shy" => '\u{ad}',
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(value.ok()?)?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn encoded_character_is_read_with_its_length() {
        for (text, c) in [
            ("%41", 'A'),
            ("%2541", 'A'),
            ("%d9%a1", '١'),
            (r"\u0041", 'A'),
            (r"\\u0041", 'A'),
            (r"\ud83d\ude00", '😀'),
            (r"\u{e0001}", '\u{e0001}'),
            (r"\/", '/'),
            (r#"\\\""#, '"'),
            (r"\\", '\\'),
            ("&amp;", '&'),
            ("&#65;", 'A'),
            ("&#x41;", 'A'),
        ] {
            let end = format!("{text}~");
            assert_eq!(first(&end), Some((c, text.len())), "{text}");
        }
    }

    #[test]
    fn character_without_encoding_is_not_read() {
        for text in [
            "", "A", "%", "%4", "%zz", "%ff", "%d9", "\\", r"\u12", r"\ud83d", "&", "&amp", "&é;",
            "&#x;",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
