//! Times as the platform writes them: ISO 8601, mostly `Z`, sometimes `-0300` or `-03`.

use jiff::Timestamp;

/// `None` for a text without a time zone, one that is not a time, and a time before 1970.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.trim().parse().ok()?;
    (time >= Timestamp::UNIX_EPOCH).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        read(text).map(|time| time.to_string())
    }

    #[test]
    fn time_with_any_zone_is_read() {
        for (text, utc) in [
            ("2012-11-14T16:21:59.616Z", "2012-11-14T16:21:59.616Z"),
            ("2012-11-14T16:21:59Z", "2012-11-14T16:21:59Z"),
            ("2012-11-14t16:21:59z", "2012-11-14T16:21:59Z"),
            ("2012-11-14 16:21:59Z", "2012-11-14T16:21:59Z"),
            ("2012-11-14T13:21:59.616-03", "2012-11-14T16:21:59.616Z"),
            ("2012-11-14T13:21:59-0300", "2012-11-14T16:21:59Z"),
            ("2012-11-14T21:51:59+05:30", "2012-11-14T16:21:59Z"),
            ("2012-11-14T16:21Z", "2012-11-14T16:21:00Z"),
            ("20121114T162159Z", "2012-11-14T16:21:59Z"),
            (" 2012-11-14T16:21:59Z\n", "2012-11-14T16:21:59Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            (
                "2012-11-14T16:21:59.123456789Z",
                "2012-11-14T16:21:59.123456789Z",
            ),
        ] {
            assert_eq!(shown(text).as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn odd_time_is_none() {
        for text in [
            "",
            "now",
            "2012-11-14T16:21:59",
            "2012-11-14",
            "1352910119616",
            "2012-13-14T16:21:59Z",
            "2012-02-30T16:21:59Z",
            "1969-12-31T23:59:59Z",
            "-009999-01-02T00:00:00Z",
            "99999-01-01T00:00:00Z",
            "Wed, 14 Nov 2012 16:21:59 GMT",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
