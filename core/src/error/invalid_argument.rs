//! An argument that can't be sent: which field, and what is allowed.

use std::borrow::Cow;

/// A refused argument. Becomes an [`Error`](crate::Error) when the transfer is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidArgument {
    pub(crate) field: Cow<'static, str>,
    pub(crate) message: String,
}

impl InvalidArgument {
    /// `reason` follows the field's name in the message. The caller redacts values in it.
    pub(crate) fn new(field: impl Into<Cow<'static, str>>, reason: impl std::fmt::Display) -> Self {
        let field = field.into();
        let message = format!("{field}: {reason}");
        Self { field, message }
    }

    /// A message of its own, for a field whose name is wrong.
    pub(crate) fn with_message(field: impl Into<Cow<'static, str>>, message: String) -> Self {
        Self {
            field: field.into(),
            message,
        }
    }
}
