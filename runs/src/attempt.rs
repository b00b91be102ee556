//! What becomes of a row when an attempt to send it has ended. No I/O.

use std::time::Duration;

use calltransfer::{Error, ErrorKind, Outcome, Transferred};

use crate::row::State;

/// The first wait before a row is taken again, doubled with each try.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What is known of the attempts before: the end of the last one alone would say too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Before {
    /// None left this process.
    #[default]
    Nothing,
    /// The platform had the request, and did nothing.
    Reached,
    /// One may have been applied, and a person chose to send again.
    Unknown,
}

impl Before {
    /// The number that ledgers use.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::Reached => 1,
            Self::Unknown => 2,
        }
    }

    pub(crate) const fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Nothing,
            1 => Self::Reached,
            _ => Self::Unknown,
        }
    }

    /// The state of a row whose last attempt ended so.
    pub(crate) const fn and_then(self, state: State) -> State {
        match (self, state) {
            (Self::Reached, State::NotSent) => State::NotApplied,
            (Self::Unknown, State::NotSent | State::NotApplied) => State::Unknown,
            _ => state,
        }
    }
}

/// What is stored of an attempt that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ended {
    pub(crate) state: State,
    /// Whether it counts as a try: a permit that was refused and a rate limit don't.
    pub(crate) counts: bool,
    /// What the next attempt has to know of this one.
    pub(crate) before: Before,
    /// A planned row is not taken again before this time has passed.
    pub(crate) wait: Duration,
    pub(crate) kind: Option<&'static str>,
    pub(crate) message: Option<String>,
    pub(crate) http_status: Option<u16>,
    pub(crate) platform_code: Option<String>,
    pub(crate) new_call_id: Option<String>,
}

/// What an attempt says about the other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The platform's limits let it through.
    Accepted,
    /// All wait for this long; or until the limit of new calls clears, whose refusal doesn't say
    /// when.
    Limited { clears: Duration, of_calls: bool },
    /// The platform could not be reached.
    Unreachable,
    /// No row can be sent with this account or this set-up.
    Account,
    /// Nothing.
    None,
}

/// Reads the result of an attempt of a row that was tried `tries` times before.
pub(crate) fn judge(
    result: Result<Transferred, Error>,
    tries: i64,
    max_tries: i64,
) -> (Ended, Signal) {
    match result {
        Ok(done) => (applied(done), Signal::Accepted),
        Err(error) => failed(&error, tries, max_tries),
    }
}

fn applied(done: Transferred) -> Ended {
    Ended {
        state: State::Applied,
        counts: true,
        before: Before::Reached,
        wait: Duration::ZERO,
        kind: None,
        message: done.note.map(str::to_owned),
        http_status: Some(done.http_status),
        platform_code: None,
        new_call_id: done.new_call_id,
    }
}

fn failed(error: &Error, tries: i64, max_tries: i64) -> (Ended, Signal) {
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
        (true, None) => backoff(tries),
    };
    let ended = Ended {
        state: match is_again {
            true => State::Planned,
            false => State::of(error.outcome()),
        },
        counts,
        before: if is_reached {
            Before::Reached
        } else {
            Before::Nothing
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
pub(crate) fn not_begun() -> Ended {
    Ended {
        state: State::Planned,
        counts: false,
        before: Before::Nothing,
        wait: Duration::ZERO,
        kind: None,
        message: None,
        http_status: None,
        platform_code: None,
        new_call_id: None,
    }
}

/// A row that can't be made into a request any more.
pub(crate) fn invalid(error: &Error) -> Ended {
    let (ended, _) = failed(error, i64::MAX - 1, 0);
    Ended {
        state: State::NotSent,
        ..ended
    }
}

fn backoff(tries: i64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << tries.clamp(0, 10));
    doubled
        .min(LONGEST_WAIT)
        .mul_f64(0.5 + fastrand::f64() / 2.0)
}
