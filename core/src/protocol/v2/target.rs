//! Targets and caller IDs in the form of v2.

use std::borrow::Cow;

use ::url::Url;

use super::document;
use crate::error::InvalidArgument;
use crate::redact;
use crate::transfer::{number, phone, url};

/// Words that v2 takes for a number that isn't shown; ours are in lower case, as v1's `private`.
const HIDDEN: [(&str, &str); 4] = [
    ("private", "Private"),
    ("restricted", "Restricted"),
    ("anonymous", "Anonymous"),
    ("unavailable", "Unavailable"),
];

/// A target as an element: its name and its text.
pub(super) fn element(to: &str) -> Result<(&'static str, Cow<'_, str>), InvalidArgument> {
    if let Some(number) = number::read(to) {
        return Ok(("PhoneNumber", number));
    }
    let scheme = to.split_once(':').map_or("", |(scheme, _)| scheme);
    if scheme.eq_ignore_ascii_case("sips") {
        let shown = redact::number(to);
        return Err(InvalidArgument::new(
            "to",
            format!(
                "\"{shown}\" is not supported as a target by the v2 API; expected a phone number or a sip: address"
            ),
        ));
    }
    if scheme.eq_ignore_ascii_case("sip") {
        return Ok(("SipUri", to.into()));
    }
    Ok(("SipUri", format!("sip:{to}").into()))
}

/// A caller id on the wire.
pub(super) fn caller_id(caller_id: &str) -> Cow<'_, str> {
    let mut hidden = HIDDEN.iter();
    hidden
        .find(|(word, _)| *word == caller_id)
        .map_or_else(|| phone::wire(caller_id), |(_, wire)| (*wire).into())
}

pub(super) fn check_caller_id(caller_id: &str) -> Result<(), InvalidArgument> {
    let hidden = HIDDEN.iter().any(|(word, _)| *word == caller_id);
    if hidden || number::read(caller_id).is_some() {
        return Ok(());
    }
    let allowed = "expected \"private\", \"restricted\", \"anonymous\", \"unavailable\" or an E.164 number (+ and 2 to 15 digits)";
    Err(phone::refused("caller_id", "caller ID", caller_id, allowed))
}

/// A URL that the platform calls, without its userinfo, which v2 takes apart from it.
#[derive(PartialEq, Eq)]
pub(super) struct Hook<'a> {
    pub(super) url: Cow<'a, str>,
    pub(super) user: Option<(String, String)>,
}

impl<'a> Hook<'a> {
    /// Of an option that may be there.
    pub(super) fn checked(
        field: &'static str,
        url: Option<&'a str>,
    ) -> Result<Option<Self>, InvalidArgument> {
        let Some(url) = url else { return Ok(None) };
        url::check(field, url)?;
        let hook = Self::new(field, url)?;
        document::check(field, &hook.url)?;
        if let Some((name, password)) = &hook.user {
            document::check(field, name)?;
            document::check(field, password)?;
        }
        Ok(Some(hook))
    }

    /// Without userinfo it goes out as it was given.
    fn new(field: &'static str, url: &'a str) -> Result<Self, InvalidArgument> {
        let invalid = || InvalidArgument::new(field, "is not a valid URL");
        let mut parsed = Url::parse(url).map_err(|_| invalid())?;
        if parsed.username().is_empty() && parsed.password().is_none() {
            return Ok(Self {
                url: url.into(),
                user: None,
            });
        }
        let plain = |part: &str| {
            let decoded = percent_encoding::percent_decode_str(part).decode_utf8();
            decoded.map(Cow::into_owned).map_err(|_| {
                InvalidArgument::new(field, "contains a user or password that is not UTF-8")
            })
        };
        let user = (
            plain(parsed.username())?,
            plain(parsed.password().unwrap_or_default())?,
        );
        parsed.set_username("").map_err(|()| invalid())?;
        parsed.set_password(None).map_err(|()| invalid())?;
        Ok(Self {
            url: String::from(parsed).into(),
            user: Some(user),
        })
    }
}
