//! Rows in which the library may try again, and in which it must not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use calltransfer_outcomes::{Connection, Step, last_response, response, response_with};

use super::{Place, Row};

const LOCATION: (&str, &str) = ("Location", "/v1/users/u-abc123/calls/c-new1");

pub fn rows() -> Vec<Row> {
    let created = || response_with(201, &[LOCATION], "");
    let limited = || response_with(429, &[("X-RateLimit-Reset", &in_ms(100))], "{}");
    let busy = || {
        response_with(
            503,
            &[],
            r#"{"category":"unavailable","code":"call-unavailable"}"#,
        )
    };
    let turns = Place::turns;
    vec![
        Row::applied(
            "limited, then created",
            turns(vec![limited(), created()]),
            201,
            Some("c-new1"),
        )
        .attempts(2),
        Row::applied(
            "limited twice, then created",
            turns(vec![limited(), limited(), created()]),
            201,
            Some("c-new1"),
        )
        .attempts(3),
        Row::applied(
            "being set up, then created",
            turns(vec![busy(), created()]),
            201,
            Some("c-new1"),
        )
        .attempts(2),
        Row::applied(
            "limited, then created on a new connection",
            Place::Http(vec![
                Connection::replying(last_response(
                    429,
                    &[("X-RateLimit-Reset", &in_ms(100))],
                    "{}",
                )),
                Connection::transferring(),
            ]),
            201,
            Some("c-new1"),
        )
        .attempts(2),
        Row::new(
            "limited three times",
            turns(vec![limited(), limited(), limited()]),
            "not_applied",
            "rate_limited",
        )
        .status(429)
        .attempts(3),
        Row::new(
            "limited for a minute",
            turns(vec![response_with(429, &[("Retry-After", "60")], "")]),
            "not_applied",
            "rate_limited",
        )
        .status(429),
        Row::new(
            "limited, then failed",
            turns(vec![limited(), response(500)]),
            "unknown",
            "outcome_unknown",
        )
        .status(500)
        .attempts(2),
        Row::new(
            "limited, then refused",
            turns(vec![limited(), response(404)]),
            "not_applied",
            "rejected",
        )
        .status(404)
        .attempts(2),
        Row::new(
            "limited, then no response",
            Place::Http(vec![Connection(vec![
                Step::ReadRequest,
                Step::Send(limited()),
                Step::ReadRequest,
                Step::Hang,
            ])]),
            "unknown",
            "outcome_unknown",
        )
        .stage("read")
        .attempts(2)
        .timeout(900),
        Row::new(
            "failed, then would have been created",
            turns(vec![response(500), created()]),
            "unknown",
            "outcome_unknown",
        )
        .status(500),
        Row::new(
            "conflict, then would have been created",
            turns(vec![response(409), created()]),
            "not_applied",
            "conflict",
        )
        .status(409),
        Row::new(
            "not found, then would have been created",
            turns(vec![response(404), created()]),
            "not_applied",
            "rejected",
        )
        .status(404),
        Row::new(
            "cut, then would have been created",
            Place::Http(vec![
                Connection(vec![Step::ReadRequest]),
                Connection::replying(created()),
            ]),
            "unknown",
            "outcome_unknown",
        )
        .stage("read"),
        Row::applied(
            "limited, retries used up by none",
            turns(vec![limited(), created()]),
            201,
            Some("c-new1"),
        )
        .attempts(2)
        .retries(1),
    ]
}

/// UNIX milliseconds so long from now, as `X-RateLimit-Reset` has them.
fn in_ms(milliseconds: u64) -> String {
    let at =
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_millis(milliseconds);
    at.as_millis().to_string()
}
