//! How long a connection may have been idle and still be used: less than the server keeps it open.
//!
//! A request on a connection that the server is just closing may end unknown, so connections are
//! used for less time than the server says or shows that it keeps them.

use std::time::Duration;

/// If nothing is known: below the minute after which load balancers and address translation often
/// drop a connection.
pub(crate) const MAX_IDLE: Duration = Duration::from_secs(50);
/// How long before the server closes it a connection is no longer used: for the network's delay and
/// for clocks that round.
const MARGIN: Duration = Duration::from_secs(1);
/// The same as a share of the server's time; the longer of the two is used.
const MARGIN_SHARE: u32 = 5;
/// A connection that is closed sooner was not closed because it was idle: the server closes each
/// connection after some number of requests.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(250);
/// One observation may be a server's restart, so it is used only for this time, and for longer each
/// time that it is confirmed.
const FIRST_CAUTION: Duration = Duration::from_secs(60);
const MAX_CAUTION: Duration = Duration::from_secs(24 * 3600);
const CAUTION_GROWTH: u32 = 8;

/// What is known of one server's connections. Times are since the system's start.
#[derive(Debug, Default)]
pub(crate) struct IdleLimit {
    announced: Option<Duration>,
    observed: Option<Observed>,
}

#[derive(Debug, Clone, Copy)]
struct Observed {
    closed_after: Duration,
    caution: Duration,
    until: Duration,
}

impl IdleLimit {
    /// A connection that was idle for longer is not used.
    pub(crate) fn current(&self, now: Duration) -> Duration {
        let observed = self.observed.filter(|observed| now < observed.until);
        [self.announced, observed.map(|one| one.closed_after)]
            .into_iter()
            .flatten()
            .map(with_margin)
            .fold(MAX_IDLE, Duration::min)
    }

    /// The server says how long it keeps an idle connection: `Keep-Alive: timeout=5`.
    pub(crate) fn announce(&mut self, timeout: Option<Duration>) {
        self.announced = timeout;
    }

    /// The server closed a connection after so long, while it was idle or just used again.
    pub(crate) fn closed_after(&mut self, idle: Duration, now: Duration) {
        if idle < SHORTEST_TIMEOUT {
            return;
        }
        let before = self.observed;
        let caution = match before {
            Some(before) if is_near(before.closed_after, idle) => {
                (before.caution * CAUTION_GROWTH).min(MAX_CAUTION)
            }
            _ => FIRST_CAUTION,
        };
        let in_force = before.filter(|before| now < before.until);
        self.observed = Some(Observed {
            closed_after: in_force.map_or(idle, |before| before.closed_after.min(idle)),
            caution,
            until: now + caution,
        });
    }
}

fn with_margin(time: Duration) -> Duration {
    time - (time / MARGIN_SHARE).max(MARGIN.min(time / 2))
}

/// Within a quarter of each other: then it is the server's timer, not a restart.
fn is_near(one: Duration, other: Duration) -> bool {
    one.abs_diff(other) <= one.max(other) / 4
}

/// The `timeout` of a `Keep-Alive` header, in whole seconds (RFC 2068, section 19.7.1.1).
pub(crate) fn announced_timeout(header: &str) -> Option<Duration> {
    header.split(',').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_timeout = name.trim().eq_ignore_ascii_case("timeout");
        let seconds = value.trim().trim_matches('"').parse().ok();
        seconds.filter(|_| is_timeout).map(Duration::from_secs)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn unknown_server_gets_the_longest_time() {
        assert_eq!(IdleLimit::default().current(SECOND), MAX_IDLE);
    }

    #[test]
    fn announced_timeout_is_undercut() {
        let mut limit = IdleLimit::default();
        for (seconds, expected) in [(0, 0), (1, 500), (2, 1000), (5, 4000), (60, 48_000)] {
            limit.announce(Some(Duration::from_secs(seconds)));
            assert_eq!(limit.current(SECOND), Duration::from_millis(expected));
        }
        limit.announce(Some(Duration::from_secs(3600)));
        assert_eq!(limit.current(SECOND), MAX_IDLE);
        limit.announce(None);
        assert_eq!(limit.current(SECOND), MAX_IDLE);
    }

    #[test]
    fn observed_close_shortens_idle_limit() {
        let mut limit = IdleLimit::default();
        limit.closed_after(15 * SECOND, 100 * SECOND);
        assert_eq!(limit.current(159 * SECOND), 12 * SECOND);
        assert_eq!(limit.current(160 * SECOND), MAX_IDLE);
        limit.closed_after(15 * SECOND, 200 * SECOND);
        assert_eq!(limit.current(200 * SECOND + 479 * SECOND), 12 * SECOND);
        assert_eq!(limit.current(200 * SECOND + 480 * SECOND), MAX_IDLE);
    }

    #[test]
    fn shorter_close_replaces_longer_one() {
        let mut limit = IdleLimit::default();
        limit.closed_after(15 * SECOND, 100 * SECOND);
        limit.closed_after(2 * SECOND, 101 * SECOND);
        limit.closed_after(15 * SECOND, 102 * SECOND);
        assert_eq!(limit.current(103 * SECOND), SECOND);
    }

    #[test]
    fn close_behind_response_sets_no_idle_limit() {
        let mut limit = IdleLimit::default();
        limit.closed_after(Duration::from_millis(20), 100 * SECOND);
        assert_eq!(limit.current(101 * SECOND), MAX_IDLE);
    }

    #[test]
    fn header_without_a_time_announces_nothing() {
        assert_eq!(announced_timeout("timeout=5, max=100"), Some(5 * SECOND));
        assert_eq!(announced_timeout("max=100, TimeOut = 7"), Some(7 * SECOND));
        for header in [
            "",
            "timeout",
            "timeout=",
            "timeout=-1",
            "max=5",
            "timeout=5.5",
        ] {
            assert_eq!(announced_timeout(header), None, "{header}");
        }
    }
}
