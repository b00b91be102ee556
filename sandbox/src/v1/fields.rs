//! Reads the fields of a JSON object one by one; `null` means that the field is left out.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::address::{is_callable, is_web_url};
use crate::v1::refusal::Refusal;

/// The reason why a word that is not in a closed list is refused.
pub(crate) fn one_of(list: &[&str]) -> String {
    format!("is not valid; expected one of: {}", list.join(", "))
}

#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// The prefix of names in refusals, such as `whisperAudio.`.
    prefix: &'static str,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, prefix: "" }
    }

    pub(crate) fn within(object: &'a Map<String, Value>, prefix: &'static str) -> Self {
        Self { object, prefix }
    }

    pub(crate) fn full_name(self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(crate) fn value(self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.read(name, || "must be a string".into(), Value::as_str)
    }

    pub(crate) fn flag(self, name: &str) -> Result<Option<bool>, Refusal> {
        self.read(name, || "must be true or false".into(), Value::as_bool)
    }

    pub(crate) fn object(self, name: &str) -> Result<Option<&'a Map<String, Value>>, Refusal> {
        self.read(name, || "must be an object".into(), Value::as_object)
    }

    /// The values of a list; none if it is left out.
    pub(crate) fn list(self, name: &str) -> Result<&'a [Value], Refusal> {
        let list = self.read(name, || "must be a list".into(), Value::as_array)?;
        Ok(list.map_or(&[], Vec::as_slice))
    }

    pub(crate) fn number(self, name: &str) -> Result<Option<f64>, Refusal> {
        self.read(name, || "must be a number".into(), Value::as_f64)
    }

    pub(crate) fn integer(
        self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, Refusal> {
        let (from, to) = (*range.start(), *range.end());
        let why = || format!("must be a whole number from {from} to {to}");
        self.read(name, why, |value| {
            value.as_i64().filter(|number| range.contains(number))
        })
    }

    /// One word of a closed list.
    pub(crate) fn word(
        self,
        name: &str,
        list: &'static [&'static str],
    ) -> Result<Option<&'static str>, Refusal> {
        self.read(
            name,
            || one_of(list),
            |value| {
                let word = value.as_str()?;
                list.iter().copied().find(|known| *known == word)
            },
        )
    }

    /// A number or SIP address, which is required.
    pub(crate) fn callable(self, name: &str) -> Result<&'a str, Refusal> {
        let why = || "must be a phone number (+ and 2 to 15 digits) or a SIP address".into();
        self.read(name, why, |value| {
            value.as_str().filter(|text| is_callable(text))
        })?
        .ok_or_else(|| Refusal::missing(name))
    }

    pub(crate) fn callback_url(self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match value.as_str().filter(|text| is_web_url(text)) {
            Some(url) => Ok(Some(url)),
            None => Err(Refusal::callback_url(self.full_name(name), value)),
        }
    }

    pub(crate) fn refuse(self, name: &str, why: &str) -> Refusal {
        let value = self.value(name).unwrap_or(&Value::Null);
        Refusal::field(self.full_name(name), value, why)
    }

    fn read<T>(
        self,
        name: &str,
        why: impl FnOnce() -> String,
        take: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match take(value) {
                Some(taken) => Ok(Some(taken)),
                // The text is made only here: nearly every value is valid.
                None => Err(self.refuse(name, &why())),
            },
        }
    }
}
