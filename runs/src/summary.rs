//! Counts of a run, its rate, and the time that is left.

use std::time::{Duration, Instant};

use crate::pace::Pace;
use crate::row::State;
use crate::settings::Settings;

/// A run at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Rows that are not sent yet.
    pub planned: u64,
    /// Rows that a worker has.
    pub sending: u64,
    /// Rows whose transfer was made.
    pub applied: u64,
    /// Rows whose request the platform received, and did nothing.
    pub not_applied: u64,
    /// Rows that were not sent.
    pub not_sent: u64,
    /// Rows whose transfer may or may not have been made.
    pub unknown: u64,
    /// The allowed requests per second: the run's rate, or the account's limit as far as it was found.
    /// `None` if neither is known.
    pub rate: Option<f64>,
    /// How long sending is paused because of a rate limit.
    pub held_for: Option<Duration>,
    /// How long the planned rows will take; `None` if it can't be estimated.
    pub time_left: Option<Duration>,
    /// The run's deadline: milliseconds since 1970.
    pub deadline_ms: Option<i64>,
    /// Workers that hold a lease.
    pub workers: u64,
    /// Warnings about the ledger, for example that its file is on a network file system.
    pub notes: Vec<String>,
}

impl Summary {
    pub(crate) fn of(
        counts: &[(State, u64)],
        settings: &Settings,
        mut pace: Pace,
        workers: i64,
        now_us: i64,
        notes: Vec<String>,
    ) -> Self {
        let held = u64::try_from(pace.held_us - now_us).unwrap_or_default();
        let mut summary = Self {
            rate: pace.rate(settings.rate, now_us),
            held_for: (held > 0).then(|| Duration::from_micros(held)),
            deadline_ms: settings.deadline_ms,
            workers: u64::try_from(workers).unwrap_or_default(),
            notes,
            ..Self::default()
        };
        for (state, count) in counts {
            *summary.place_of(*state) = *count;
        }
        summary
    }

    /// How many rows are in this state.
    pub fn count(&self, state: State) -> u64 {
        match state {
            State::Planned => self.planned,
            State::Sending => self.sending,
            State::Applied => self.applied,
            State::NotApplied => self.not_applied,
            State::NotSent => self.not_sent,
            State::Unknown => self.unknown,
        }
    }

    fn place_of(&mut self, state: State) -> &mut u64 {
        match state {
            State::Planned => &mut self.planned,
            State::Sending => &mut self.sending,
            State::Applied => &mut self.applied,
            State::NotApplied => &mut self.not_applied,
            State::NotSent => &mut self.not_sent,
            State::Unknown => &mut self.unknown,
        }
    }

    /// All rows.
    pub fn total(&self) -> u64 {
        State::ALL.iter().map(|state| self.count(*state)).sum()
    }

    /// Rows that have ended, and are not sent again unless a person decides so.
    pub fn ended(&self) -> u64 {
        self.total() - self.planned - self.sending
    }

    /// Whether no row is left to send.
    pub fn is_done(&self) -> bool {
        self.planned + self.sending == 0
    }

    /// Without a known rate, what happened since the last look says how fast it goes.
    pub(crate) fn estimate(&mut self, seen: Option<(Instant, u64)>) {
        #[allow(clippy::cast_precision_loss, reason = "an estimate")]
        let planned = self.planned as f64;
        let observed = seen.and_then(|(at, ended)| {
            let passed = at.elapsed().as_secs_f64();
            #[allow(clippy::cast_precision_loss, reason = "an estimate")]
            let number = self.ended().saturating_sub(ended) as f64;
            (passed > 0.05 && number > 0.0).then(|| number / passed)
        });
        let speed = match (self.rate, observed) {
            (Some(rate), _) => Some(rate),
            (None, observed) => observed,
        };
        self.time_left = match speed {
            _ if self.planned == 0 => Some(Duration::ZERO),
            Some(speed) => Duration::try_from_secs_f64(planned / speed)
                .ok()
                .map(|left| left + self.held_for.unwrap_or_default()),
            None => None,
        };
    }
}
