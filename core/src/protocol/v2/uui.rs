//! The User-To-User header's value (RFC 7433), which goes into the INVITE to a SIP address.

use crate::error::InvalidArgument;

/// The encodings that the platform takes.
const ENCODINGS: [&str; 3] = ["base64", "jwt", "hex"];
/// The longest value, in characters, with its parameters.
const LONGEST: usize = 256;

/// A value, then parameters; one of them is the encoding.
pub(super) fn check(uui: &str) -> Result<(), InvalidArgument> {
    let refused = |reason: &str| Err(InvalidArgument::new("uui", reason));
    let allowed =
        "expected a value and its encoding, as \"bXktdXVp;encoding=base64\" (base64, jwt or hex)";
    if uui.trim().is_empty() {
        return refused("is empty");
    }
    if uui.chars().any(|c| matches!(c, '\r' | '\n')) {
        return refused("has more than one line; a header has one");
    }
    if let Some(odd) = uui.chars().find(|c| !matches!(c, ' '..='~')) {
        return refused(&format!(
            "contains U+{:04X}; only ASCII characters are allowed in a header; {allowed}",
            u32::from(odd)
        ));
    }
    let length = uui.chars().count();
    if length > LONGEST {
        return refused(&format!(
            "must have at most {LONGEST} characters, got {length}"
        ));
    }
    let (value, parameters) = match value_of(uui) {
        Some(parts) => parts,
        None => return refused(&format!("has no value before its parameters; {allowed}")),
    };
    let mut encodings = parameters.split(';').filter_map(|parameter| {
        let (name, given) = parameter.split_once('=')?;
        let is_encoding = name.trim().eq_ignore_ascii_case("encoding");
        is_encoding.then(|| given.trim())
    });
    let Some(encoding) = encodings.next() else {
        return refused(&format!("names no encoding; {allowed}"));
    };
    if encodings.next().is_some() {
        return refused(&format!("names two encodings; {allowed}"));
    }
    if !ENCODINGS
        .iter()
        .any(|one| one.eq_ignore_ascii_case(encoding))
    {
        return refused(&format!(
            "unknown encoding; expected one of: {}",
            ENCODINGS.join(", ")
        ));
    }
    if value.contains([' ', ',']) {
        return refused(&format!("has a space or comma in its value; {allowed}"));
    }
    Ok(())
}

/// The value, which may stand in quotes, and what follows its first semicolon.
fn value_of(uui: &str) -> Option<(&str, &str)> {
    let (value, parameters) = match uui.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => uui.split_once(';').unwrap_or((uui, "")),
    };
    let value = value.trim();
    (!value.is_empty()).then_some((value, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_with_an_encoding_is_accepted() {
        for uui in [
            "bXktdXVp;encoding=base64",
            "eyJhbGciOiJIUzI1NiJ9.e30.c2ln;encoding=jwt",
            "48656c6c6f;encoding=hex",
            "48656C;purpose=x;ENCODING=Hex",
            "48656c ; encoding = hex",
            "\"abc==\";encoding=base64",
        ] {
            assert_eq!(check(uui), Ok(()), "{uui}");
        }
    }

    #[test]
    fn value_without_a_known_encoding_on_one_line_is_refused() {
        let long = format!("{};encoding=hex", "a".repeat(256));
        for (uui, said) in [
            ("hello", "names no encoding"),
            ("hello;purpose=x", "names no encoding"),
            ("hello;encoding", "names no encoding"),
            ("hello;encoding=text", "expected one of: base64, jwt, hex"),
            ("hello;encoding=", "expected one of: base64, jwt, hex"),
            ("a;encoding=hex;encoding=jwt", "two encodings"),
            ("a;encoding=hex\r\nX: y", "more than one line"),
            ("a;encoding=hex\n", "more than one line"),
            ("a\t;encoding=hex", "U+0009"),
            ("ä;encoding=hex", "U+00E4"),
            (";encoding=hex", "no value"),
            ("\"\";encoding=hex", "no value"),
            ("\"a;encoding=hex", "no value"),
            ("a b;encoding=hex", "a space or comma"),
            ("a,b;encoding=hex", "a space or comma"),
            ("", "is empty"),
            (&long, "got 269"),
        ] {
            let invalid = check(uui).err();
            let message = invalid.map(|invalid| invalid.message).unwrap_or_default();
            assert!(
                message.starts_with("uui: ") && message.contains(said),
                "{uui:?}: {message}"
            );
        }
    }
}
