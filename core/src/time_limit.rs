//! What a time may be that a caller gives, and the message if it may not: for the units of every language.

use std::borrow::Cow;
use std::time::Duration;

use crate::error::{Error, InvalidArgument};

/// The limits of one kind of time. Not part of the API: for the bindings of this package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit {
    least: Duration,
    most: Duration,
    /// The limits, as the message gives them.
    allowed: &'static str,
}

impl TimeLimit {
    /// The timeout of a request, with its retries.
    pub const REQUEST: Self = Self {
        least: Duration::from_nanos(1),
        most: Duration::from_secs(3600),
        allowed: "must be greater than 0 and at most 1 hour",
    };
    /// How long a transfer is followed. With 0 the calls are read once.
    pub const FOLLOW: Self = Self {
        least: Duration::ZERO,
        most: Duration::from_secs(7 * 24 * 3600),
        allowed: "must be 0 to 7 days",
    };
    /// How long a target rings.
    pub const RING: Self = Self {
        least: Duration::from_secs(1),
        most: Duration::from_secs(300),
        allowed: "must be 1 to 300 seconds",
    };

    /// The longest time that is allowed.
    pub const fn most(self) -> Duration {
        self.most
    }

    /// The time, if it is within the limits.
    pub(crate) fn check(
        self,
        field: impl Into<Cow<'static, str>>,
        time: Duration,
    ) -> Result<Duration, InvalidArgument> {
        match self.contains(time) {
            true => Ok(time),
            false => Err(self.refusal(field, time.as_secs_f64())),
        }
    }

    /// A time in seconds, if it is within the limits.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming `field`.
    pub fn seconds(
        self,
        field: impl Into<Cow<'static, str>>,
        seconds: f64,
    ) -> Result<Duration, Error> {
        let time = Duration::try_from_secs_f64(seconds).ok();
        let time = time.filter(|time| self.contains(*time));
        Ok(time.ok_or_else(|| self.refusal(field, seconds))?)
    }

    /// A time in milliseconds, if it is within the limits.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming `field`.
    pub fn milliseconds(
        self,
        field: impl Into<Cow<'static, str>>,
        milliseconds: i64,
    ) -> Result<Duration, Error> {
        match u64::try_from(milliseconds) {
            Ok(milliseconds) => Ok(self.check(field, Duration::from_millis(milliseconds))?),
            Err(_) => Err(self.refusal(field, milliseconds as f64 / 1000.0).into()),
        }
    }

    fn contains(self, time: Duration) -> bool {
        (self.least..=self.most).contains(&time)
    }

    fn refusal(self, field: impl Into<Cow<'static, str>>, seconds: f64) -> InvalidArgument {
        let given = match seconds {
            _ if !seconds.is_finite() => seconds.to_string(),
            _ if seconds.abs() < 1e15 => format!("{seconds}s"),
            _ => format!("{seconds:e}s"),
        };
        InvalidArgument::new(field, format!("{}, got {given}", self.allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(limit: TimeLimit, seconds: f64) -> String {
        let refused = limit.seconds("timeout", seconds);
        refused.map_or_else(|error| error.to_string(), |time| format!("{time:?}"))
    }

    #[test]
    fn limits_themselves_are_allowed() {
        for (limit, least, most) in [
            (TimeLimit::REQUEST, 0.001, 3600.0),
            (TimeLimit::FOLLOW, 0.0, 604_800.0),
            (TimeLimit::RING, 1.0, 300.0),
        ] {
            for seconds in [least, most] {
                let time = Duration::from_secs_f64(seconds);
                assert_eq!(limit.seconds("x", seconds).ok(), Some(time));
                let given = (seconds * 1000.0) as i64;
                assert_eq!(limit.milliseconds("x", given).ok(), Some(time));
            }
            assert_eq!(limit.most(), Duration::from_secs_f64(most));
            let beyond = most + 0.001;
            assert!(limit.seconds("x", beyond).is_err());
            assert!(limit.milliseconds("x", (beyond * 1000.0) as i64).is_err());
        }
    }

    #[test]
    fn refusal_gives_the_limits_and_the_time_in_seconds() {
        for (limit, seconds, expected) in [
            (
                TimeLimit::REQUEST,
                0.0,
                "greater than 0 and at most 1 hour, got 0s",
            ),
            (TimeLimit::FOLLOW, -0.5, "0 to 7 days, got -0.5s"),
            (TimeLimit::FOLLOW, 604_800.5, "0 to 7 days, got 604800.5s"),
            (TimeLimit::FOLLOW, f64::NAN, "0 to 7 days, got NaN"),
            (TimeLimit::FOLLOW, f64::INFINITY, "0 to 7 days, got inf"),
            (TimeLimit::RING, 1e300, "1 to 300 seconds, got 1e300s"),
        ] {
            assert_eq!(
                refused(limit, seconds),
                format!("timeout: must be {expected}")
            );
        }
        let negative = TimeLimit::RING.milliseconds("ring", i64::MIN);
        let message = negative.map_or_else(|error| error.to_string(), |_| String::new());
        assert_eq!(
            message,
            "ring: must be 1 to 300 seconds, got -9.223372036854776e15s"
        );
    }
}
