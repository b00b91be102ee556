//! The values of options: how each type is read from JSON, and shown as JSON.

use serde_json::{Map, Value};

use super::enums::ClosedSet;
use crate::error::InvalidArgument;
use crate::redact;

/// A field that is set and read by its name.
pub(super) trait NamedField {
    /// Stores the value; `field` is named by the error if it has the wrong type.
    fn set(&mut self, field: &'static str, value: Value) -> Result<(), InvalidArgument>;
    /// `None` if it is not set.
    fn value(&self) -> Option<Value>;
}

/// The type of an option.
pub(super) trait OptionValue: Sized {
    fn read(field: &'static str, value: Value) -> Result<Self, InvalidArgument>;
    fn to_value(&self) -> Value;
}

impl<T: OptionValue> NamedField for Option<T> {
    fn set(&mut self, field: &'static str, value: Value) -> Result<(), InvalidArgument> {
        *self = Some(T::read(field, value)?);
        Ok(())
    }

    fn value(&self) -> Option<Value> {
        self.as_ref().map(T::to_value)
    }
}

/// `extra`: what is set is added to what was set before.
impl NamedField for Map<String, Value> {
    fn set(&mut self, field: &'static str, value: Value) -> Result<(), InvalidArgument> {
        match value {
            Value::Object(fields) => self.extend(fields),
            other => return Err(wrong_type(field, "an object of fields", &other)),
        }
        Ok(())
    }

    fn value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::Object(self.clone()))
    }
}

impl OptionValue for String {
    fn read(field: &'static str, value: Value) -> Result<Self, InvalidArgument> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(wrong_type(field, "a string", &other)),
        }
    }

    fn to_value(&self) -> Value {
        self.clone().into()
    }
}

impl OptionValue for bool {
    fn read(field: &'static str, value: Value) -> Result<Self, InvalidArgument> {
        let flag = value.as_bool();
        flag.ok_or_else(|| wrong_type(field, "a boolean", &value))
    }

    fn to_value(&self) -> Value {
        (*self).into()
    }
}

impl OptionValue for i64 {
    fn read(field: &'static str, value: Value) -> Result<Self, InvalidArgument> {
        let number = value.as_i64();
        number.ok_or_else(|| wrong_type(field, "an integer", &value))
    }

    fn to_value(&self) -> Value {
        (*self).into()
    }
}

/// A time.
impl OptionValue for f64 {
    fn read(field: &'static str, value: Value) -> Result<Self, InvalidArgument> {
        let seconds = value.as_f64();
        seconds.ok_or_else(|| wrong_type(field, "a number of seconds", &value))
    }

    fn to_value(&self) -> Value {
        (*self).into()
    }
}

impl<T: ClosedSet> OptionValue for T {
    fn read(field: &'static str, value: Value) -> Result<Self, InvalidArgument> {
        let text = String::read(field, value)?;
        T::from_text(&text).ok_or_else(|| {
            let shown = redact::text_with_numbers(&text);
            let words = T::words();
            InvalidArgument::new(
                field,
                format!("\"{shown}\" is not valid; expected one of: {words}"),
            )
        })
    }

    fn to_value(&self) -> Value {
        self.word().into()
    }
}

pub(super) fn wrong_type(field: &'static str, allowed: &str, value: &Value) -> InvalidArgument {
    let given = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    InvalidArgument::new(field, format!("expected {allowed}, got {given}"))
}
