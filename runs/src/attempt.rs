//! The state of a row after an attempt to send it. No I/O.

use std::time::Duration;

use calltransfer::{Error, ErrorKind, Outcome, Transferred};

use crate::row::State;

/// The first wait before a row is taken again, doubled with each try.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What is known of the attempts before this one: its own end does not show what they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum EarlierAttempts {
    /// No request left this process.
    #[default]
    NothingSent,
    /// The platform received a request, and did nothing.
    NotApplied,
    /// One may have been applied, and a person chose to send again.
    Unknown,
}

impl EarlierAttempts {
    /// The number that ledgers use.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::NothingSent => 0,
            Self::NotApplied => 1,
            Self::Unknown => 2,
        }
    }

    pub(crate) const fn from_number(number: i64) -> Self {
        match number {
            0 => Self::NothingSent,
            1 => Self::NotApplied,
            _ => Self::Unknown,
        }
    }

    /// The state of a row whose last attempt alone would give it `state`.
    pub(crate) const fn with_last(self, state: State) -> State {
        match (self, state) {
            (Self::NotApplied, State::NotSent) => State::NotApplied,
            (Self::Unknown, State::NotSent | State::NotApplied) => State::Unknown,
            _ => state,
        }
    }
}

/// The result of an attempt, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AttemptResult {
    pub(crate) state: State,
    /// Whether it counts as a try: a refused permit and a rate limit don't.
    pub(crate) counts: bool,
    /// What the next attempt needs to know about this one.
    pub(crate) earlier: EarlierAttempts,
    /// A planned row is not taken again before this time has passed.
    pub(crate) wait: Duration,
    pub(crate) kind: Option<&'static str>,
    pub(crate) message: Option<String>,
    pub(crate) http_status: Option<u16>,
    pub(crate) platform_code: Option<String>,
    pub(crate) new_call_id: Option<String>,
}

/// What an attempt shows about the other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The platform's limits let it through.
    Accepted,
    /// A rate limit: nothing is sent until it clears. The limit of new calls (`of_calls`) doesn't say when.
    Limited { clears: Duration, of_calls: bool },
    /// The platform could not be reached.
    Unreachable,
    /// No row can be sent with this account or this set-up.
    Account,
    /// Nothing.
    None,
}

/// The result of an attempt of a row that was tried `tries` times before, as it is stored.
pub(crate) fn classify(
    result: Result<Transferred, Error>,
    tries: i64,
    max_tries: i64,
) -> (AttemptResult, Signal) {
    match result {
        Ok(done) => (applied(done), Signal::Accepted),
        Err(error) => failed(&error, tries, max_tries),
    }
}

fn applied(done: Transferred) -> AttemptResult {
    AttemptResult {
        state: State::Applied,
        counts: true,
        earlier: EarlierAttempts::NotApplied,
        wait: Duration::ZERO,
        kind: None,
        message: done.note.map(str::to_owned),
        http_status: Some(done.http_status),
        platform_code: None,
        new_call_id: done.new_call_id,
    }
}

fn failed(error: &Error, tries: i64, max_tries: i64) -> (AttemptResult, Signal) {
    let kind = error.kind();
    let is_reached = !matches!(error.outcome(), Outcome::NotSent);
    let signal = match kind {
        ErrorKind::RateLimited => Signal::Limited {
            clears: error.retry_after().unwrap_or_default(),
            of_calls: error.http_status() == Some(403),
        },
        ErrorKind::Authentication | ErrorKind::Configuration => Signal::Account,
        ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Tls | ErrorKind::Proxy
            if !is_reached =>
        {
            Signal::Unreachable
        }
        ErrorKind::Unavailable if !is_reached => Signal::Unreachable,
        // A response of whatever kind shows that the limits let it through.
        _ if error.http_status().is_some() => Signal::Accepted,
        _ => Signal::None,
    };
    let may_help = match kind {
        // The limit holds all; the row itself has lost nothing.
        ErrorKind::RateLimited | ErrorKind::Cancelled => Some(false),
        ErrorKind::Authentication | ErrorKind::Configuration => Some(false),
        ErrorKind::Connection
        | ErrorKind::Timeout
        | ErrorKind::Tls
        | ErrorKind::Proxy
        | ErrorKind::Unavailable => Some(true),
        _ => None,
    };
    let counts = may_help.unwrap_or(true);
    let is_again = error.is_safe_to_repeat()
        && may_help.is_some_and(|counts| !counts || tries + 1 < max_tries);
    let wait = match (is_again && counts, error.retry_after()) {
        (false, _) => Duration::ZERO,
        (true, Some(asked)) => asked,
        (true, None) => retry_delay(tries),
    };
    let ended = AttemptResult {
        state: match is_again {
            true => State::Planned,
            false => State::of(error.outcome()),
        },
        counts,
        earlier: if is_reached {
            EarlierAttempts::NotApplied
        } else {
            EarlierAttempts::NothingSent
        },
        wait,
        kind: Some(kind.as_str()),
        message: Some(error.to_string()),
        http_status: error.http_status(),
        platform_code: error.platform().code.clone(),
        new_call_id: None,
    };
    (ended, signal)
}

/// A row that was taken and never given to the client.
pub(crate) fn not_begun() -> AttemptResult {
    AttemptResult {
        state: State::Planned,
        counts: false,
        earlier: EarlierAttempts::NothingSent,
        wait: Duration::ZERO,
        kind: None,
        message: None,
        http_status: None,
        platform_code: None,
        new_call_id: None,
    }
}

/// A row that can't be made into a request any more.
pub(crate) fn invalid(error: &Error) -> AttemptResult {
    let (ended, _) = failed(error, i64::MAX - 1, 0);
    AttemptResult {
        state: State::NotSent,
        ..ended
    }
}

fn retry_delay(tries: i64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << tries.clamp(0, 10));
    doubled
        .min(LONGEST_WAIT)
        .mul_f64(0.5 + fastrand::f64() / 2.0)
}
