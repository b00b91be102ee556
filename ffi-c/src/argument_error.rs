//! An argument that could not even be read, before the core sees it.

use std::borrow::Cow;

use calltransfer_core::{Error, ErrorKind};

/// Which argument is wrong, and why, in the wording of the core: field first.
#[derive(Debug, Clone)]
pub(crate) struct ArgumentError {
    pub(crate) kind: ErrorKind,
    pub(crate) field: Cow<'static, str>,
    pub(crate) message: String,
}

impl ArgumentError {
    /// An argument that can't be used.
    pub(crate) fn argument(field: &'static str, reason: &str) -> Self {
        Self::of_kind(ErrorKind::InvalidArgument, field, reason)
    }

    /// A setting that can't be used.
    pub(crate) fn setting(field: &'static str, reason: &str) -> Self {
        Self::of_kind(ErrorKind::Configuration, field, reason)
    }

    /// A handle or out-pointer that is needed.
    pub(crate) fn null(field: &'static str) -> Self {
        Self::argument(field, "is NULL")
    }

    /// An argument that the core has refused already.
    pub(crate) fn refused(field: &'static str, error: &Error) -> Self {
        Self {
            kind: error.kind(),
            field: Cow::Borrowed(field),
            message: error.to_string(),
        }
    }

    pub(crate) fn of_kind(kind: ErrorKind, field: &'static str, reason: &str) -> Self {
        let message = format!("{field}: {reason}");
        Self {
            kind,
            field: Cow::Borrowed(field),
            message,
        }
    }
}

/// An argument that the core could not store: an option that is unknown, or of the wrong type.
impl From<Error> for ArgumentError {
    fn from(error: Error) -> Self {
        Self {
            kind: error.kind(),
            field: Cow::Owned(error.field().unwrap_or_default().to_owned()),
            message: error.to_string(),
        }
    }
}
