//! What goes wrong with a run itself. What goes wrong with a row is stored in the row.

use std::fmt;

/// What went wrong with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An option is not allowed, or the place of the run is not valid.
    InvalidArgument,
    /// Rows can't be added; [`Error::refused`] lists them. None of the same `add` was added.
    RowsRefused,
    /// The run was made for another account, with other options or by another version of this
    /// library.
    OtherRun,
    /// The place holds something else than a run, or a run that is damaged.
    Damaged,
    /// The run can't be written: permissions, a read-only file or file system.
    ReadOnly,
    /// The disk of the ledger is full.
    Full,
    /// The ledger can't be reached, or not in time.
    Unreachable,
    /// The platform does not accept the credentials, or the client is not set up right.
    Account,
    /// A row can't be sent again; [`Error::refused`] lists the rows.
    RetryRefused,
    /// The run belongs to the parent of this forked process.
    Forked,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::InvalidArgument,
        Self::RowsRefused,
        Self::OtherRun,
        Self::Damaged,
        Self::ReadOnly,
        Self::Full,
        Self::Unreachable,
        Self::Account,
        Self::RetryRefused,
        Self::Forked,
    ];

    /// The name that every language uses, as `other_run`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::RowsRefused => "rows_refused",
            Self::OtherRun => "other_run",
            Self::Damaged => "damaged",
            Self::ReadOnly => "read_only",
            Self::Full => "full",
            Self::Unreachable => "unreachable",
            Self::Account => "account",
            Self::RetryRefused => "retry_refused",
            Self::Forked => "forked",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A row that can't be added or sent again, with why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedRow {
    /// Its number among the rows of the same `add`, from 0; in the run for a retry.
    pub number: u64,
    /// The call.
    pub call_id: String,
    /// Field first, then what is wrong. No phone number, no secret.
    pub reason: String,
}

/// An outcome that is known and could not be written into the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unwritten {
    /// The call.
    pub call_id: String,
    /// The state that its row should have.
    pub state: crate::State,
    /// The new call of a transfer that was made, if the platform named it.
    pub new_call_id: Option<String>,
}

/// Why a run could not be opened, changed or continued.
///
/// `Display` is one line, and contains no phone number and no secret. `Send` and `Sync`.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    refused: Vec<RefusedRow>,
    unwritten: Vec<Unwritten>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            refused: Vec::new(),
            unwritten: Vec::new(),
        }))
    }

    /// An argument that the library refuses.
    pub(crate) fn invalid(error: &calltransfer::Error) -> Self {
        Self::new(ErrorKind::InvalidArgument, error.to_string())
    }

    pub(crate) fn with_refused(mut self, refused: Vec<RefusedRow>) -> Self {
        self.0.refused = refused;
        self
    }

    pub(crate) fn with_unwritten(mut self, unwritten: Vec<Unwritten>) -> Self {
        if !unwritten.is_empty() {
            let number = unwritten.len();
            self.0.message.push_str(&format!(
                "; {number} known outcomes could not be written, and their rows will become unknown"
            ));
        }
        self.0.unwritten = unwritten;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The rows that were refused, the first 1,000 of them.
    pub fn refused(&self) -> &[RefusedRow] {
        &self.0.refused
    }

    /// The outcomes that are known and not in the ledger. Their rows become `unknown` when the
    /// lease of this worker has passed.
    pub fn unwritten(&self) -> &[Unwritten] {
        &self.0.unwritten
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
