//! The settings of a run: stored in its ledger, and compared each time that it is opened.

use std::time::Duration;

use calltransfer::{Config, limits};

use crate::error::{Error, ErrorKind};
use crate::place::Place;

const LEASE: Duration = Duration::from_secs(10);
const MAX_ATTEMPTS: i64 = 10;

/// The setting that a ledger has while all workers have to stop.
pub(crate) const STOPPED: &str = "stopped";

pub(crate) fn is_stopped(settings: &[(String, String)]) -> bool {
    settings.iter().any(|(name, _)| name == STOPPED)
}

/// Options of a run, given when it is created.
///
/// They are stored in the ledger. A run that exists is opened with the same ones, or with none
/// set: those that differ are refused by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunOptions {
    rate: Option<f64>,
    deadline: Option<Duration>,
    lease: Option<Duration>,
    max_attempts: Option<u32>,
}

impl RunOptions {
    /// Nothing set: the run finds the account's limit by itself, has no deadline, a lease of 10
    /// seconds, and 10 attempts per row.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many transfers per second all workers begin together at most: 0.001 to 1,000,000.
    #[must_use]
    pub fn rate(mut self, a_second: f64) -> Self {
        self.rate = Some(a_second);
        self
    }

    /// How long the run may take from its creation: more than 0, 30 days at most. Rows that were
    /// not sent by then are not sent any more.
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.deadline = Some(time);
        self
    }

    /// How long a worker keeps its rows without renewing its claim: 1 second to 5 minutes, 10 seconds by
    /// default. After that the rows that it was sending become `unknown`. On a machine whose disk
    /// or database may stall for longer, take more.
    #[must_use]
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = Some(time);
        self
    }

    /// How many times a row is tried that could not be sent, or that the platform could not take
    /// yet: 1 to 1,000, 10 by default. With a deadline it is tried until then. Rate limits and
    /// refused permits don't count.
    #[must_use]
    pub fn max_attempts(mut self, number: u32) -> Self {
        self.max_attempts = Some(number);
        self
    }

    fn check(&self) -> Result<(), Error> {
        let refuse = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        if let Some(rate) = self.rate {
            limits::check_rate(rate).map_err(|error| Error::invalid(&error))?;
        }
        let longest = Duration::from_secs(30 * 24 * 3600);
        if let Some(deadline) = self.deadline
            && (deadline.is_zero() || deadline > longest)
        {
            return refuse(format!(
                "deadline: must be greater than 0 and at most 30 days, got {deadline:?}"
            ));
        }
        if let Some(lease) = self.lease
            && !(Duration::from_secs(1)..=Duration::from_secs(300)).contains(&lease)
        {
            return refuse(format!("lease: must be 1 s to 5 minutes, got {lease:?}"));
        }
        match self.max_attempts {
            Some(number) if !(1..=1000).contains(&number) => {
                refuse(format!("max_attempts: must be 1 to 1,000, got {number}"))
            }
            _ => Ok(()),
        }
    }
}

/// The settings of a run as they are in its ledger.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) api: String,
    pub(crate) account: String,
    pub(crate) base_url: String,
    pub(crate) rate: Option<f64>,
    pub(crate) deadline: Option<Duration>,
    /// Milliseconds since 1970 by the ledger's clock.
    pub(crate) deadline_ms: Option<i64>,
    pub(crate) lease: Duration,
    pub(crate) max_attempts: i64,
    pub(crate) created_ms: i64,
}

impl Settings {
    /// Those of a new run.
    pub(crate) fn new(config: &Config, options: &RunOptions, now_ms: i64) -> Result<Self, Error> {
        options.check()?;
        let deadline_ms = options.deadline.map(|deadline| {
            let ms = i64::try_from(deadline.as_millis()).unwrap_or(i64::MAX / 2);
            now_ms.saturating_add(ms)
        });
        Ok(Self {
            api: config.api().to_string(),
            account: config.account().to_owned(),
            base_url: config.base_url().to_string(),
            rate: options.rate,
            deadline: options.deadline,
            deadline_ms,
            lease: options.lease.unwrap_or(LEASE),
            max_attempts: options.max_attempts.map_or(MAX_ATTEMPTS, i64::from),
            created_ms: now_ms,
        })
    }

    pub(crate) fn to_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![
            ("api", self.api.clone()),
            ("account", self.account.clone()),
            ("base_url", self.base_url.clone()),
            ("lease_ms", self.lease.as_millis().to_string()),
            ("max_attempts", self.max_attempts.to_string()),
            ("created_ms", self.created_ms.to_string()),
            ("made_by", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        pairs.extend(self.rate.map(|rate| ("rate", rate.to_string())));
        pairs.extend(
            self.deadline
                .map(|time| ("deadline_ms", time.as_millis().to_string())),
        );
        pairs.extend(self.deadline_ms.map(|at| ("ends_ms", at.to_string())));
        let owned = |(name, value): (&str, String)| (name.to_owned(), value);
        pairs.into_iter().map(owned).collect()
    }

    pub(crate) fn of_pairs(pairs: &[(String, String)], place: &Place) -> Result<Self, Error> {
        let find = |wanted: &str| {
            let mut all = pairs.iter();
            all.find(|(name, _)| name == wanted)
                .map(|(_, value)| value.as_str())
        };
        let read = || {
            let ms = |name: &str| find(name).map(str::parse::<u64>).transpose().ok();
            Some(Self {
                api: find("api")?.to_owned(),
                account: find("account")?.to_owned(),
                base_url: find("base_url")?.to_owned(),
                rate: find("rate").map(str::parse).transpose().ok()?,
                deadline: ms("deadline_ms")?.map(Duration::from_millis),
                deadline_ms: find("ends_ms").map(str::parse).transpose().ok()?,
                lease: Duration::from_millis(ms("lease_ms")??),
                max_attempts: find("max_attempts")?.parse().ok()?,
                created_ms: find("created_ms")?.parse().ok()?,
            })
        };
        read().ok_or_else(|| {
            let message = format!("run: the settings of {place} are damaged or missing");
            Error::new(ErrorKind::Damaged, message)
        })
    }

    /// Refuses another account or other options, and names all that differs.
    pub(crate) fn check_same(
        &self,
        config: &Config,
        options: &RunOptions,
        place: &Place,
    ) -> Result<(), Error> {
        options.check()?;
        let mut differences = Vec::new();
        let mut compare = |name: &str, stored: String, given: Option<String>| {
            if let Some(given) = given.filter(|given| *given != stored) {
                differences.push(format!("{name} is {stored} in the run and {given} here"));
            }
        };
        compare("api", self.api.clone(), Some(config.api().to_string()));
        let account = config.account().to_owned();
        compare("account", self.account.clone(), Some(account));
        let base_url = config.base_url().to_string();
        compare("base_url", self.base_url.clone(), Some(base_url));
        let or_none = |value: Option<String>| value.unwrap_or_else(|| "not set".to_owned());
        compare(
            "rate",
            or_none(self.rate.map(|rate| rate.to_string())),
            options.rate.map(|rate| rate.to_string()),
        );
        compare(
            "deadline",
            or_none(self.deadline.map(|time| format!("{time:?}"))),
            options.deadline.map(|time| format!("{time:?}")),
        );
        compare(
            "lease",
            format!("{:?}", self.lease),
            options.lease.map(|time| format!("{time:?}")),
        );
        compare(
            "max_attempts",
            self.max_attempts.to_string(),
            options.max_attempts.map(|number| number.to_string()),
        );
        if differences.is_empty() {
            return Ok(());
        }
        let message = format!(
            "run: {place} was created with other settings: {}",
            differences.join("; ")
        );
        Err(Error::new(ErrorKind::OtherRun, message))
    }
}
