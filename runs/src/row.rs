//! A row of a run: what is to be sent, its state, and what is known of it.

use std::fmt;
use std::time::Duration;

use calltransfer::{Outcome, Transfer};
use serde_json::{Map, Value};

/// The state of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Not sent yet, or proved to have changed nothing and to be sent again.
    Planned,
    /// A worker has it; its request may have left. Never sent again automatically.
    Sending,
    /// The transfer was made.
    Applied,
    /// The platform received the request and did nothing.
    NotApplied,
    /// No byte of the request's body left.
    NotSent,
    /// The transfer may or may not have been made. Never sent again automatically.
    Unknown,
}

impl State {
    /// Every state, in the order in which a row passes them.
    pub const ALL: &'static [Self] = &[
        Self::Planned,
        Self::Sending,
        Self::Applied,
        Self::NotApplied,
        Self::NotSent,
        Self::Unknown,
    ];

    /// The name that every language uses, as `not_sent`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Applied => "applied",
            Self::NotApplied => "not_applied",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }

    /// The state with this name, if there is one. Case matters.
    pub fn from_word(word: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|state| state.as_str() == word)
    }

    /// Whether such a row has ended: it changes only by a check or a retry.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Planned | Self::Sending)
    }

    /// The number that ledgers use; never changed, never reused.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Planned => 0,
            Self::Sending => 1,
            Self::Applied => 2,
            Self::NotApplied => 3,
            Self::NotSent => 4,
            Self::Unknown => 5,
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|state| state.number() == number)
    }

    pub(crate) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Applied => Self::Applied,
            Outcome::NotApplied => Self::NotApplied,
            Outcome::NotSent => Self::NotSent,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A row to add: a call, where it goes, and the options of the transfer by their names.
///
/// Nothing is checked before [`Run::add`](crate::Run::add). `Debug` shows neither target nor
/// options.
///
/// ```
/// use calltransfer_runs::NewRow;
///
/// let row = NewRow::new("c-call123", "+18382947878").option("caller_id", "private");
/// assert_eq!(row.call_id(), "c-call123");
/// ```
#[derive(Clone, PartialEq)]
pub struct NewRow {
    pub(crate) call_id: String,
    pub(crate) to: String,
    pub(crate) options: Map<String, Value>,
    pub(crate) timeout: Option<Duration>,
}

impl NewRow {
    /// The transfer of `call_id` to `to`, as in [`Transfer::new`].
    pub fn new(call_id: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            call_id: call_id.into(),
            to: to.into(),
            options: Map::new(),
            timeout: None,
        }
    }

    /// Sets an option by its name, as [`Transfer::option`] does. A list of targets under `also_to`
    /// adds more targets that ring at the same time (v2).
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// The time for one request of this row instead of the client's: more than 0, an hour at most.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The call to transfer.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Where the call goes, in full.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// The time for one request of this row, if it was given.
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    /// The transfer that the row describes.
    pub(crate) fn transfer(&self) -> Transfer {
        let mut transfer = Transfer::new(&self.call_id, &self.to);
        for (name, value) in &self.options {
            transfer = match (name.as_str(), value) {
                // Anything else is refused as an option, and not left out.
                ("also_to", Value::Array(more)) if more.iter().all(Value::is_string) => more
                    .iter()
                    .filter_map(Value::as_str)
                    .fold(transfer, Transfer::also_to),
                _ => transfer.option(name, value.clone()),
            };
        }
        match self.timeout {
            Some(timeout) => transfer.timeout(timeout),
            None => transfer,
        }
    }

    pub(crate) fn options_json(&self) -> String {
        match self.options.is_empty() {
            true => String::new(),
            false => Value::Object(self.options.clone()).to_string(),
        }
    }

    /// A row as a ledger holds it.
    pub(crate) fn stored(
        call_id: String,
        to: String,
        options: &str,
        timeout_ms: Option<i64>,
    ) -> Option<Self> {
        let options = match options {
            "" => Map::new(),
            json => serde_json::from_str(json).ok()?,
        };
        let timeout = timeout_ms.and_then(|ms| u64::try_from(ms).ok());
        Some(Self {
            call_id,
            to,
            options,
            timeout: timeout.map(Duration::from_millis),
        })
    }

    pub(crate) fn timeout_ms(&self) -> Option<i64> {
        self.timeout
            .and_then(|timeout| i64::try_from(timeout.as_millis().max(1)).ok())
    }
}

/// The row of a transfer that was made with setters.
///
/// ```
/// use calltransfer::Transfer;
/// use calltransfer_runs::NewRow;
///
/// let row = NewRow::try_from(&Transfer::new("c-1", "+18382947878").caller_id("private"))?;
/// # assert_eq!(row, NewRow::new("c-1", "+18382947878").option("caller_id", "private"));
/// # Ok::<(), calltransfer::Error>(())
/// ```
impl TryFrom<&Transfer> for NewRow {
    type Error = calltransfer::Error;

    fn try_from(transfer: &Transfer) -> Result<Self, Self::Error> {
        Ok(Self {
            call_id: transfer.call_id().to_owned(),
            to: transfer.to().to_owned(),
            options: transfer.options()?,
            timeout: transfer.time_limit(),
        })
    }
}

impl fmt::Debug for NewRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRow")
            .field("call_id", &self.call_id)
            .field("options", &self.options.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The finding of [`Run::check`](crate::Run::check) for a row whose outcome was unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowFinding {
    /// The most likely outcome.
    pub outcome: Outcome,
    /// The reason for the outcome.
    pub reason: String,
    /// Why it may be wrong, if there is a known reason.
    pub doubt: Option<String>,
    /// When the call was read: milliseconds since 1970.
    pub at_ms: i64,
}

/// A row as it is in the ledger.
///
/// [`to`](NewRow::to) and [`options`](Self::options) hold numbers in full; `Debug` shows neither.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// Its number in the run, from 1, in the order in which rows were added.
    pub number: i64,
    /// What is sent.
    pub request: NewRow,
    /// Its state.
    pub state: State,
    /// How many times a worker has taken it.
    pub attempts: i64,
    /// The kind of the last error, as `rate_limited`; `None` after a transfer that was made.
    pub error_kind: Option<String>,
    /// The message of the last error, without numbers.
    pub message: Option<String>,
    /// The HTTP status of the last response, if one was read.
    pub http_status: Option<u16>,
    /// The platform's own code for the last error.
    pub platform_code: Option<String>,
    /// The new call, if the platform named it.
    pub new_call_id: Option<String>,
    /// What [`Run::check`](crate::Run::check) found.
    pub finding: Option<RowFinding>,
    /// When the row changed last: milliseconds since 1970.
    pub changed_ms: i64,
    /// When it may have been sent, if it may.
    pub(crate) sent: Option<SentAt>,
}

/// When a row may have been sent, by the clock of one machine since its start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SentAt {
    /// Which start of which machine; empty if it was more than one.
    pub(crate) boot: String,
    /// When a worker took it.
    pub(crate) began_us: i64,
    /// When the worker wrote the outcome; `None` if it ended before.
    pub(crate) ended_us: Option<i64>,
}

impl Row {
    /// The call.
    pub fn call_id(&self) -> &str {
        &self.request.call_id
    }

    /// The options of the transfer, by their names.
    pub fn options(&self) -> &Map<String, Value> {
        &self.request.options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_numbers_and_names_are_unique() {
        for state in State::ALL {
            assert_eq!(State::from_number(state.number()), Some(*state));
            assert_eq!(State::from_word(state.as_str()), Some(*state));
        }
    }

    #[test]
    fn debug_shows_no_number() {
        let row = NewRow::new("c-1", "+18382947878").option("caller_id", "+19195550100");
        let shown = format!("{row:?}");
        assert!(!shown.contains("8382947878") && !shown.contains("9195550100"));
    }

    #[test]
    fn target_that_is_no_string_is_not_left_out() {
        let more = serde_json::json!(["+18382947879", 18_382_947_870_i64]);
        let row = NewRow::new("c-1", "+18382947878").option("also_to", more);
        assert!(row.transfer().to_json().is_err());
    }

    #[test]
    fn row_comes_back_from_its_stored_form() {
        let row = NewRow::new("c-1", "+18382947878")
            .option("recording_enabled", true)
            .timeout(Duration::from_millis(1500));
        let (options, timeout) = (row.options_json(), row.timeout_ms());
        let back = NewRow::stored("c-1".to_owned(), row.to.clone(), &options, timeout);
        assert_eq!(back.as_ref(), Some(&row));
    }
}
