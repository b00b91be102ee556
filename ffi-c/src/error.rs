//! An error: what went wrong, and whether the call was transferred.

use std::ffi::CString;

use calltransfer_core::{CheckSubject, Error, ErrorKind, Outcome, SentTransfer};

use crate::argument_error::ArgumentError;
use crate::handle::Handle;
use crate::text::{c_string, int32, milliseconds, optional};

/// An error: its kind, and whether the call was transferred. Read-only.
#[derive(Clone)]
pub struct calltransfer_error {
    pub(crate) kind: ErrorKind,
    pub(crate) outcome: Outcome,
    pub(crate) message: CString,
    pub(crate) causes: Vec<CString>,
    pub(crate) field: Option<CString>,
    pub(crate) call_id: Option<CString>,
    pub(crate) stage: Option<CString>,
    pub(crate) http_status: i32,
    pub(crate) platform_category: Option<CString>,
    pub(crate) platform_code: Option<CString>,
    pub(crate) platform_message: Option<CString>,
    pub(crate) platform_details: Vec<(CString, CString)>,
    pub(crate) retry_after_ms: i64,
    pub(crate) attempts: i32,
    pub(crate) elapsed_ms: i64,
    pub(crate) is_safe_to_repeat: bool,
    /// The transfer whose outcome is unknown, for a check of it.
    pub(crate) sent: Option<Box<SentTransfer>>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_error {}

impl calltransfer_error {
    pub(crate) fn status(&self) -> i32 {
        self.kind.number()
    }

    /// What a check of it is about: the transfer, or else the call.
    pub(crate) fn subject(&self) -> Result<CheckSubject<'_>, ArgumentError> {
        if let Some(sent) = &self.sent {
            return Ok(CheckSubject::Transfer(sent));
        }
        let call_id = self.call_id.as_ref().and_then(|id| id.to_str().ok());
        let reason = "is about no call; give the call's ID to calltransfer_client_check()";
        let call_id = call_id.ok_or_else(|| ArgumentError::argument("failed", reason))?;
        Ok(CheckSubject::Call(call_id))
    }

    pub(crate) fn of_a_panic(outcome: Outcome) -> Self {
        let message = "the library panicked; please report it";
        Self::local(ErrorKind::Internal, outcome, message, None)
    }

    /// The error of a transfer that was stopped before it began.
    pub(crate) fn cancelled() -> Self {
        let message = "stopped before the request was sent";
        Self::local(ErrorKind::Cancelled, Outcome::NotSent, message, None)
    }

    /// An error of the C interface itself.
    fn local(kind: ErrorKind, outcome: Outcome, message: &str, field: Option<&str>) -> Self {
        Self {
            kind,
            outcome,
            message: c_string(message),
            causes: Vec::new(),
            field: optional(field),
            call_id: None,
            stage: None,
            http_status: 0,
            platform_category: None,
            platform_code: None,
            platform_message: None,
            platform_details: Vec::new(),
            retry_after_ms: -1,
            attempts: 0,
            elapsed_ms: 0,
            is_safe_to_repeat: outcome == Outcome::NotSent,
            sent: None,
        }
    }
}

impl From<ArgumentError> for Box<calltransfer_error> {
    fn from(error: ArgumentError) -> Self {
        let field = Some(&*error.field);
        Self::new(calltransfer_error::local(
            error.kind,
            Outcome::NotSent,
            &error.message,
            field,
        ))
    }
}

impl From<Error> for Box<calltransfer_error> {
    fn from(error: Error) -> Self {
        let platform = error.platform();
        let details = platform.details.iter();
        Self::new(calltransfer_error {
            kind: error.kind(),
            outcome: error.outcome(),
            message: c_string(&error.to_string()),
            causes: error.causes().iter().map(|cause| c_string(cause)).collect(),
            field: optional(error.field()),
            call_id: optional(error.call_id()),
            stage: optional(error.stage().map(|stage| stage.as_str())),
            http_status: error.http_status().map_or(0, i32::from),
            platform_category: optional(platform.category.as_deref()),
            platform_code: optional(platform.code.as_deref()),
            platform_message: optional(platform.message.as_deref()),
            platform_details: details
                .map(|(name, value)| (c_string(name), c_string(value)))
                .collect(),
            retry_after_ms: error.retry_after().map_or(-1, milliseconds),
            attempts: int32(error.attempts()),
            elapsed_ms: milliseconds(error.elapsed()),
            is_safe_to_repeat: error.is_safe_to_repeat(),
            sent: error.sent_transfer().cloned().map(Box::new),
        })
    }
}
