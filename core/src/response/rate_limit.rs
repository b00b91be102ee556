//! When a rate limit clears: `X-RateLimit-Reset`, `Retry-After` and the response's own clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use crate::clock::since_boot;
use crate::error::ClockReading;

/// The wait if the platform doesn't say when the limit clears.
const DEFAULT: Duration = Duration::from_secs(1);
/// Longer waits are cut to a week: they can't be meant, and must not overflow a timer.
pub(crate) const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long to wait. `now` is the time of the local clock, which is used if the response has no
/// `Date`.
pub(crate) fn wait(headers: &HeaderMap, now: SystemTime) -> Duration {
    let now = server_time(headers).map_or(now, |date| within_second(date, now));
    let reset = text(headers, "x-ratelimit-reset").and_then(reset_time);
    let reset = reset.map(|at| at.duration_since(now).unwrap_or_default());
    let retry_after = text(headers, "retry-after").and_then(|value| retry_after(value, now));
    reset.max(retry_after).unwrap_or(DEFAULT).min(LONGEST)
}

/// The wait from `Retry-After` alone, if it is there and more than zero: a response that is not a
/// rate limit may have the other header too.
pub(super) fn requested_wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let now = server_time(headers).unwrap_or(now);
    let wait = text(headers, "retry-after").and_then(|value| retry_after(value, now))?;
    (!wait.is_zero()).then_some(wait.min(LONGEST))
}

/// The time of the response's own clock, so that a wrong local clock does no harm.
fn server_time(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, "date")?).ok()
}

/// A `Date` has whole seconds; if the local clock is within that second, it is more exact.
fn within_second(date: SystemTime, local: SystemTime) -> SystemTime {
    let is_within = local
        .duration_since(date)
        .is_ok_and(|past| past < Duration::from_secs(1));
    if is_within { local } else { date }
}

/// What the response to a request that began to be sent then shows of the platform's clock.
pub(crate) fn clock_reading(headers: &HeaderMap, sent: Duration) -> Option<ClockReading> {
    let date = server_time(headers)?.duration_since(UNIX_EPOCH).ok()?;
    let received = since_boot();
    Some(ClockReading {
        date,
        sent,
        received,
    })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The documentation says UNIX seconds, but its example has milliseconds; the size distinguishes
/// them.
fn reset_time(text: &str) -> Option<SystemTime> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = digits.then(|| text.parse().ok()).flatten()?;
    let since_epoch = match number {
        100_000_000_000.. => Duration::from_millis(number),
        1_000_000_000.. => Duration::from_secs(number),
        _ => return None,
    };
    UNIX_EPOCH.checked_add(since_epoch)
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST, Duration::from_secs));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01 00:00:00 UTC.
    const NEW_YEAR: u64 = 1_767_225_600;

    fn wait_for(headers: &[(&'static str, &str)]) -> Duration {
        let map = headers
            .iter()
            .filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
            .collect();
        wait(&map, UNIX_EPOCH + Duration::from_secs(NEW_YEAR))
    }

    #[test]
    fn reset_without_date_counts_from_the_local_clock() {
        let wait = wait_for(&[("x-ratelimit-reset", "1767225602500")]);
        assert_eq!(wait, Duration::from_millis(2500));
        assert_eq!(
            wait_for(&[("x-ratelimit-reset", "1767225603")]),
            Duration::from_secs(3)
        );
    }

    #[test]
    fn reset_counts_from_the_answers_own_date() {
        let headers = [
            ("date", "Thu, 01 Jan 2026 01:00:00 GMT"),
            ("x-ratelimit-reset", "1767229204"),
        ];
        assert_eq!(wait_for(&headers), Duration::from_secs(4));
    }

    #[test]
    fn reset_counts_from_local_clock_within_a_second() {
        let headers = [
            ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("x-ratelimit-reset", "1767225601000"),
        ];
        let map = headers
            .iter()
            .filter_map(|(name, value)| {
                Some((name.parse::<http::HeaderName>().ok()?, value.parse().ok()?))
            })
            .collect();
        let local = |ms| UNIX_EPOCH + Duration::from_secs(NEW_YEAR) + Duration::from_millis(ms);
        assert_eq!(wait(&map, local(900)), Duration::from_millis(100));
        assert_eq!(wait(&map, local(1000)), Duration::from_secs(1));
    }

    #[test]
    fn reset_that_is_none_is_ignored() {
        for odd in [
            "",
            "soon",
            "-5",
            "+1767225603",
            "12",
            "1767225603.5",
            "99999999999999999999",
        ] {
            assert_eq!(wait_for(&[("x-ratelimit-reset", odd)]), DEFAULT, "{odd}");
        }
    }

    #[test]
    fn limit_longer_than_a_minute_is_reported_whole() {
        for (seconds, header) in [(90, "90"), (3600, "3600"), (86_400, "86400")] {
            let expected = Duration::from_secs(seconds);
            assert_eq!(wait_for(&[("retry-after", header)]), expected);
        }
        let reset = [("x-ratelimit-reset", "1767229200")];
        assert_eq!(wait_for(&reset), Duration::from_secs(3600));
        let date = [("retry-after", "Thu, 01 Jan 2026 02:00:00 GMT")];
        assert_eq!(wait_for(&date), Duration::from_secs(7200));
    }

    #[test]
    fn retry_after_alone_counts_if_it_is_more_than_zero() {
        let wait_of = |name: &'static str, value: &'static str| {
            let value = http::HeaderValue::from_static(value);
            let headers = HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]);
            requested_wait(&headers, UNIX_EPOCH + Duration::from_secs(NEW_YEAR))
        };
        assert_eq!(wait_of("retry-after", "3"), Some(Duration::from_secs(3)));
        assert_eq!(wait_of("retry-after", "0"), None);
        assert_eq!(wait_of("retry-after", "soon"), None);
        assert_eq!(wait_of("x-ratelimit-reset", "1767225603"), None);
    }

    #[test]
    fn wait_stays_between_nothing_and_a_week() {
        assert_eq!(
            wait_for(&[("x-ratelimit-reset", "1767225000")]),
            Duration::ZERO
        );
        assert_eq!(wait_for(&[("x-ratelimit-reset", "1867225000")]), LONGEST);
        assert_eq!(
            wait_for(&[("retry-after", "99999999999999999999")]),
            LONGEST
        );
    }

    #[test]
    fn larger_of_reset_and_retry_after_counts() {
        let headers = [("x-ratelimit-reset", "1767225602"), ("retry-after", "5")];
        assert_eq!(wait_for(&headers), Duration::from_secs(5));
        let headers = [("x-ratelimit-reset", "1767225609"), ("retry-after", "5")];
        assert_eq!(wait_for(&headers), Duration::from_secs(9));
        let date = [("retry-after", "Thu, 01 Jan 2026 00:00:07 GMT")];
        assert_eq!(wait_for(&date), Duration::from_secs(7));
    }
}
