//! Finds the secrets of a client in text from outside, in every encoding in which they may occur.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::encoded;

/// What replaces a secret.
const HIDDEN: &str = "***";
/// A shorter secret is in every other word: it is not looked for by itself.
const SHORTEST: usize = 4;
/// Shorter pieces of base64 could be anything.
const SHORTEST_PIECE: usize = 8;

/// The forms of some secrets, wiped from memory with their owner.
///
/// A secret of 4 or more characters is found as it is, in base64 (alone, as part of something
/// longer, and with its user name as in a Basic header) and in hexadecimal digits. Each form is
/// found in upper and lower case and in any mix of percent-encoding and escapes of JSON and HTML.
/// A secret of fewer characters is found in the base64 of its Basic header only.
#[derive(Default)]
pub(crate) struct Secrets {
    forms: Vec<Zeroizing<String>>,
    /// Which ASCII characters a form may begin with.
    begins: Option<Box<[bool; 128]>>,
}

impl Secrets {
    /// Adds a secret.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.chars().count() < SHORTEST {
            return;
        }
        self.form(Zeroizing::new(secret.to_owned()));
        let hex = secret.bytes().map(|byte| format!("{byte:02x}"));
        self.form(Zeroizing::new(hex.collect()));
        self.base64(secret);
        for skipped in 0..3 {
            let mut bytes = Zeroizing::new(vec![0; skipped]);
            bytes.extend_from_slice(secret.as_bytes());
            // The outermost characters hold bits of the text around the secret.
            let (begin, end) = ((skipped * 8).div_ceil(6), bytes.len() * 8 / 6);
            for runtime_slot in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let whole = Zeroizing::new(runtime_slot.encode(&*bytes));
                let piece = whole.get(begin..end).unwrap_or_default();
                if piece.len() >= SHORTEST_PIECE {
                    self.form(Zeroizing::new(piece.to_owned()));
                }
            }
        }
    }

    /// Adds what a header of Basic authentication contains; the user name may be a secret, too.
    pub(crate) fn add_basic(&mut self, header: &str, user_is_secret: bool) {
        let Some(pair) = header.strip_prefix("Basic ") else {
            return;
        };
        let Ok(decoded) = STANDARD.decode(pair).map(Zeroizing::new) else {
            return;
        };
        let Ok(decoded) = std::str::from_utf8(&decoded) else {
            return;
        };
        if let Some((user, password)) = decoded.split_once(':') {
            self.add_pair(user, password, user_is_secret);
        }
    }

    /// Adds user name and password.
    pub(crate) fn add_pair(&mut self, user: &str, password: &str, user_is_secret: bool) {
        if user_is_secret {
            self.add(user);
        }
        self.add(password);
        let pair = Zeroizing::new(format!("{user}:{password}"));
        self.base64(&pair);
        if pair.chars().count() > SHORTEST {
            self.form(pair);
        }
    }

    /// Adds an access token, as a header has it. It is long and random: its pieces are no secret.
    pub(crate) fn add_bearer(&mut self, header: &str) {
        let token = header.strip_prefix("Bearer ").unwrap_or(header);
        if token.len() >= SHORTEST {
            self.form(Zeroizing::new(token.to_owned()));
            self.base64(token);
        }
    }

    fn base64(&mut self, secret: &str) {
        let whole = Zeroizing::new(STANDARD.encode(secret));
        let safe = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret));
        self.form(Zeroizing::new(whole.trim_end_matches('=').to_owned()));
        self.form(whole);
        self.form(safe);
    }

    fn form(&mut self, form: Zeroizing<String>) {
        if form.len() < SHORTEST || self.forms.contains(&form) {
            return;
        }
        let begins = self.begins.get_or_insert_with(|| {
            let mut begins = Box::new([false; 128]);
            for encoded in b"%\\&+" {
                begins[usize::from(*encoded)] = true;
            }
            begins
        });
        match form.bytes().next() {
            Some(first) if first.is_ascii() => {
                begins[usize::from(first.to_ascii_lowercase())] = true;
                begins[usize::from(first.to_ascii_uppercase())] = true;
            }
            // Other cases of other letters may be ASCII.
            _ => begins.fill(true),
        }
        self.forms.push(form);
    }

    /// The length of the longest form that this text begins with; 0 where it begins with none.
    fn len_at(&self, text: &str) -> usize {
        let first = text.as_bytes().first().copied().unwrap_or_default();
        match &self.begins {
            Some(begins) if begins.get(usize::from(first)).is_none_or(|is| *is) => {}
            _ => return 0,
        }
        let is_encoded = b"%\\&+".contains(&first) || !first.is_ascii();
        let may_begin = |form: &&Zeroizing<String>| {
            let begin = form.as_bytes().first().copied().unwrap_or_default();
            is_encoded || !begin.is_ascii() || begin.eq_ignore_ascii_case(&first)
        };
        let forms = self.forms.iter().filter(may_begin);
        let lengths = forms.filter_map(|form| match_len(form, text));
        lengths.max().unwrap_or(0)
    }
}

/// The text with every secret replaced; `None` where it holds none.
pub(crate) fn redact(text: &str, secrets: &[&Secrets]) -> Option<String> {
    let mut shown = once(text, secrets)?;
    // Each round is shorter than the one before it.
    while let Some(next) = once(&shown, secrets) {
        shown = next;
    }
    Some(shown)
}

fn once(text: &str, secrets: &[&Secrets]) -> Option<String> {
    let mut shown: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let lengths = secrets.iter().map(|known| known.len_at(&text[at..]));
        match lengths.max().unwrap_or(0) {
            0 => at += c.len_utf8(),
            len => {
                let shown = shown.get_or_insert_default();
                shown.push_str(&text[copied..at]);
                shown.push_str(HIDDEN);
                at += len;
                copied = at;
            }
        }
    }
    let mut shown = shown?;
    shown.push_str(&text[copied..]);
    Some(shown)
}

/// How many bytes of the text's beginning are this form, however they are written.
fn match_len(form: &str, text: &str) -> Option<usize> {
    let mut at = 0;
    for wanted in form.chars() {
        at += step(wanted, &text[at..])?;
    }
    Some(at)
}

fn step(wanted: char, text: &str) -> Option<usize> {
    let c = text.chars().next()?;
    if is_same(c, wanted) || (c == '+' && wanted == ' ') {
        return Some(c.len_utf8());
    }
    match encoded::first(text) {
        Some((c, len)) if is_same(c, wanted) => Some(len),
        _ if wanted == '%' && text.starts_with("%25") => Some(3),
        _ => None,
    }
}

/// Case does not count.
fn is_same(a: char, b: char) -> bool {
    a.eq_ignore_ascii_case(&b)
        || !(a.is_ascii() && b.is_ascii())
            && (a.to_lowercase().eq(b.to_lowercase()) || a.to_uppercase().eq(b.to_uppercase()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "s3cret/+ké\"y";

    fn known() -> Secrets {
        let mut known = Secrets::default();
        known.add_pair("t-user", SECRET, true);
        known
    }

    fn shown(text: &str) -> String {
        redact(text, &[&known()]).unwrap_or_else(|| text.to_owned())
    }

    /// The secret as others may write it.
    fn forms() -> Vec<String> {
        let pair = format!("t-user:{SECRET}");
        let percent =
            percent_encoding::utf8_percent_encode(SECRET, percent_encoding::NON_ALPHANUMERIC);
        let percent = percent.to_string();
        let json = serde_json::to_string(SECRET).unwrap_or_default();
        let utf16: Vec<String> = SECRET
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        let html: Vec<String> = SECRET.chars().map(|c| format!("&#{};", c as u32)).collect();
        vec![
            SECRET.to_owned(),
            SECRET.to_lowercase(),
            SECRET.to_uppercase(),
            STANDARD.encode(SECRET),
            STANDARD.encode(&pair),
            STANDARD_NO_PAD.encode(&pair).to_lowercase(),
            URL_SAFE_NO_PAD.encode(&pair),
            URL_SAFE_NO_PAD.encode(format!("x{SECRET}y")),
            URL_SAFE_NO_PAD.encode(format!("xx{SECRET}y")),
            percent.clone(),
            percent.to_lowercase(),
            percent.replace('%', "%25"),
            json[1..json.len() - 1].to_owned(),
            json[1..json.len() - 1].replace('/', "\\/"),
            utf16.concat(),
            html.concat(),
            SECRET.bytes().map(|byte| format!("{byte:02X}")).collect(),
            SECRET.replace('"', "&quot;"),
            pair,
            "t-USER".to_owned(),
        ]
    }

    #[test]
    fn every_form_of_a_secret_is_replaced() {
        for form in forms() {
            let text = shown(&format!("before {form} after"));
            assert!(text.contains("***"), "{form}: {text}");
            // Of base64, the characters that hold bits of other bytes stay.
            assert!(text.len() <= "before *** after".len() + 6, "{form}: {text}");
        }
    }

    #[test]
    fn text_without_a_secret_stays_as_it_is() {
        for text in [
            "",
            "s3cret",
            "the call isn't active",
            "%41\\u0041&amp;+",
            "é",
        ] {
            assert_eq!(redact(text, &[&known()]), None, "{text}");
        }
    }

    #[test]
    fn short_secret_is_found_in_its_basic_header_only() {
        let mut known = Secrets::default();
        known.add_basic("Basic dDpz", true); // t:s
        let text = redact("status: not dDpz", &[&known]);
        assert_eq!(text.as_deref(), Some("status: not ***"));
        assert_eq!(redact("t s", &[&known]), None);
    }

    #[test]
    fn access_token_is_found_in_a_header_and_in_base64() {
        let mut known = Secrets::default();
        known.add_bearer("Bearer abc.def-ghi");
        for form in [
            "Bearer abc.def-ghi",
            "bearer ABC.DEF-GHI",
            "Bearer YWJjLmRlZi1naGk=",
        ] {
            let text = redact(form, &[&known]).map(|text| text.to_lowercase());
            assert_eq!(text.as_deref(), Some("bearer ***"), "{form}");
        }
    }

    proptest! {
        #[test]
        fn redacted_text_is_not_longer_and_stays_as_it_is(
            secret in "[a-z%\\\\&*+é ]{4,8}",
            pieces in proptest::collection::vec(
                prop_oneof![".{0,6}".prop_map(Some), Just(None), "[%&;#x\\\\u0-9]{0,8}".prop_map(Some)], 0..12),
        ) {
            let mut known = Secrets::default();
            known.add(&secret);
            let text: String = pieces.into_iter().map(|piece| piece.unwrap_or_else(|| secret.clone())).collect();
            if let Some(shown) = redact(&text, &[&known]) {
                prop_assert!(shown.len() < text.len());
                prop_assert_eq!(redact(&shown, &[&known]), None);
                prop_assert!(!shown.contains(&secret));
            }
        }
    }
}
