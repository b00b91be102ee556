//! An argument that could not even be read, before the core sees it.

use calltransfer_core::{Error, ErrorKind};

/// Which argument is wrong, and why, in the wording of the core: field first.
#[derive(Debug, Clone)]
pub(crate) struct ArgumentError {
    pub(crate) kind: ErrorKind,
    pub(crate) field: &'static str,
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
            field,
            message: error.to_string(),
        }
    }

    pub(crate) fn of_kind(kind: ErrorKind, field: &'static str, reason: &str) -> Self {
        let message = format!("{field}: {reason}");
        Self {
            kind,
            field,
            message,
        }
    }
}
