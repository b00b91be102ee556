//! When a rate limit clears: `X-RateLimit-Reset`, `Retry-After` and the answer's own clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

/// Where the platform doesn't say when the limit clears.
const DEFAULT: Duration = Duration::from_secs(1);
/// No limit is worth waiting longer for.
const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait. `now` is the local clock, used where the answer has no `Date`.
pub(super) fn wait(headers: &HeaderMap, now: SystemTime) -> Duration {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Against the answer's own clock, a wrong local one does no harm.
    let answered = text("date").and_then(|date| httpdate::parse_http_date(date).ok());
    let reset = text("x-ratelimit-reset").and_then(reset_time);
    let reset = reset.map(|at| {
        at.duration_since(answered.unwrap_or(now))
            .unwrap_or_default()
    });
    let retry_after =
        text("retry-after").and_then(|value| retry_after(value, answered.unwrap_or(now)));
    reset.max(retry_after).unwrap_or(DEFAULT).min(LONGEST)
}

/// The documentation says UNIX seconds, its sample holds milliseconds; the size tells them apart.
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
    fn a_reset_in_milliseconds_or_seconds_counts_from_the_local_clock_without_a_date() {
        let wait = wait_for(&[("x-ratelimit-reset", "1767225602500")]);
        assert_eq!(wait, Duration::from_millis(2500));
        assert_eq!(
            wait_for(&[("x-ratelimit-reset", "1767225603")]),
            Duration::from_secs(3)
        );
    }

    #[test]
    fn a_reset_counts_from_the_answers_own_date() {
        let headers = [
            ("date", "Thu, 01 Jan 2026 01:00:00 GMT"),
            ("x-ratelimit-reset", "1767229204"),
        ];
        assert_eq!(wait_for(&headers), Duration::from_secs(4));
    }

    #[test]
    fn a_reset_that_is_none_is_ignored() {
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
    fn the_wait_stays_between_nothing_and_a_minute() {
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
    fn the_larger_of_reset_and_retry_after_counts() {
        let headers = [("x-ratelimit-reset", "1767225602"), ("retry-after", "5")];
        assert_eq!(wait_for(&headers), Duration::from_secs(5));
        let headers = [("x-ratelimit-reset", "1767225609"), ("retry-after", "5")];
        assert_eq!(wait_for(&headers), Duration::from_secs(9));
        let date = [("retry-after", "Thu, 01 Jan 2026 00:00:07 GMT")];
        assert_eq!(wait_for(&date), Duration::from_secs(7));
    }
}
