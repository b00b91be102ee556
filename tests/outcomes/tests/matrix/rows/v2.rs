//! The rows of v2: its own responses and tokens, and v1's rows of connections, which have the same outcomes.

use calltransfer_outcomes::{ACCESS_TOKEN, Connection, Step, response, response_with};

use super::{Place, Row, connections, pages, tls};

pub fn rows() -> Vec<Row> {
    let mut rows: Vec<_> = connections::rows().into_iter().chain(tls::rows()).collect();
    rows.extend(pages::rows());
    rows.extend(successes());
    rows.extend(refusals());
    rows.extend(unknowns());
    rows.extend(repeats());
    let mut rows: Vec<_> = rows.into_iter().map(Row::in_v2).collect();
    rows.extend(tokens().into_iter().map(Row::with_token));
    rows
}

fn once(reply: Vec<u8>) -> Place {
    Place::turns(vec![reply])
}

/// The platform's JSON.
fn said(status: u16, word: &str) -> Vec<u8> {
    let body = format!(r#"{{"type":"{word}","description":"no way to +18382947878","id":"e-1"}}"#);
    response_with(status, &[("Content-Type", "application/json")], &body)
}

fn limited() -> Vec<u8> {
    response_with(429, &[("Retry-After", "1")], "{}")
}

fn successes() -> Vec<Row> {
    let location = ("Location", "/api/v2/accounts/5500099/calls/c-new1");
    let mut rows: Vec<_> = [200, 201, 202, 204, 226, 299]
        .map(|status| {
            Row::applied(
                format!("{status}"),
                once(response(status)),
                status.into(),
                None,
            )
        })
        .into();
    rows.push(Row::applied(
        "204 with Location",
        once(response_with(204, &[location], "")),
        204,
        None,
    ));
    rows.push(Row::applied(
        "200, body of garbage",
        once(response_with(200, &[], "<oops")),
        200,
        None,
    ));
    rows
}

fn refusals() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut refused = |status: u16, kind: &'static str| {
        let row = |name: String, reply| {
            Row::new(name, once(reply), "not_applied", kind).status(status.into())
        };
        rows.push(row(format!("{status} alone"), response(status)));
        rows.push(
            row(format!("{status} with its type"), said(status, "some-type")).code("some-type"),
        );
    };
    for status in [400, 405, 413, 415, 422, 431] {
        refused(status, "bad_request");
    }
    refused(401, "authentication");
    refused(403, "forbidden");
    refused(409, "conflict");
    for status in [402, 406, 410, 418, 499] {
        refused(status, "rejected");
    }
    rows.push(
        Row::new(
            "404 with its type",
            once(said(404, "not-found")),
            "not_applied",
            "call_not_found",
        )
        .status(404)
        .code("not-found"),
    );
    let words_of_v1 = r#"{"category":"credit","code":"call-invalid-state"}"#;
    rows.push(
        Row::new(
            "403 with words of v1",
            once(response_with(403, &[], words_of_v1)),
            "not_applied",
            "forbidden",
        )
        .status(403),
    );
    // No one reads the body of a redirect.
    for status in [301, 302, 307, 308] {
        rows.push(
            Row::new(
                format!("redirect {status}"),
                once(response(status)),
                "not_applied",
                "redirect_refused",
            )
            .status(status.into()),
        );
    }
    rows.push(
        Row::new(
            "429, no retries",
            once(said(429, "too-many")),
            "not_applied",
            "rate_limited",
        )
        .status(429)
        .retries(0),
    );
    rows
}

fn unknowns() -> Vec<Row> {
    let unknown = |name: String, status: u16, reply| {
        Row::new(name, once(reply), "unknown", "outcome_unknown").status(status.into())
    };
    let mut rows: Vec<_> = [300, 303, 304, 408, 500, 502, 503, 504, 599, 600]
        .map(|status| unknown(format!("{status} alone"), status, response(status)))
        .into();
    rows.push(unknown(
        "500 with its type".into(),
        500,
        said(500, "internal-server-error"),
    ));
    let busy = response_with(503, &[], r#"{"code":"call-unavailable"}"#);
    rows.push(unknown("503 with words of v1".into(), 503, busy));
    rows
}

fn repeats() -> Vec<Row> {
    let once_only = |name: &str, first: u16, outcome, kind| {
        Row::new(
            name,
            Place::turns(vec![response(first), response(204)]),
            outcome,
            kind,
        )
        .status(first.into())
    };
    vec![
        Row::applied(
            "limited, then made",
            Place::turns(vec![limited(), response(204)]),
            204,
            None,
        )
        .attempts(2),
        Row::new(
            "limited, then failed",
            Place::turns(vec![limited(), response(500)]),
            "unknown",
            "outcome_unknown",
        )
        .status(500)
        .attempts(2),
        Row::new(
            "limited for a minute",
            once(response_with(429, &[("Retry-After", "60")], "")),
            "not_applied",
            "rate_limited",
        )
        .status(429),
        once_only(
            "failed, then would have been made",
            500,
            "unknown",
            "outcome_unknown",
        ),
        once_only(
            "busy, then would have been made",
            503,
            "unknown",
            "outcome_unknown",
        ),
        once_only(
            "conflict, then would have been made",
            409,
            "not_applied",
            "conflict",
        ),
        once_only(
            "a wrong password, then would have been made",
            401,
            "not_applied",
            "authentication",
        ),
        Row::new(
            "cut, then would have been made",
            Place::Http(vec![
                Connection(vec![Step::ReadRequest]),
                Connection::replying(response(204)),
            ]),
            "unknown",
            "outcome_unknown",
        )
        .stage("read"),
    ]
}

/// With a token to fetch: a failure before the request means `not_sent`.
fn tokens() -> Vec<Row> {
    let token = || {
        let body = format!(r#"{{"access_token":"{ACCESS_TOKEN}","expires_in":3600}}"#);
        response_with(200, &[("Content-Type", "application/json")], &body)
    };
    let not_fetched = |name: &str, replies: Vec<Vec<u8>>, kind, status| {
        Row::new(name, Place::turns(replies), "not_sent", kind)
            .status(status)
            .stage("token")
    };
    vec![
        Row::applied(
            "a token, then made",
            Place::turns(vec![token(), response(204)]),
            204,
            None,
        ),
        Row::applied(
            "a token that was revoked, then another",
            Place::turns(vec![token(), response(401), token(), response(204)]),
            204,
            None,
        )
        .attempts(2),
        Row::new(
            "two tokens that were revoked",
            Place::turns(vec![token(), response(401), token(), response(401)]),
            "not_applied",
            "authentication",
        )
        .status(401)
        .attempts(2),
        Row::new(
            "a token, then failed",
            Place::turns(vec![token(), response(500)]),
            "unknown",
            "outcome_unknown",
        )
        .status(500),
        not_fetched(
            "no token for this client",
            vec![response(401)],
            "authentication",
            401,
        ),
        not_fetched(
            "no token in the response",
            vec![response_with(200, &[], "{}")],
            "unavailable",
            200,
        ),
        not_fetched(
            "no token, the endpoint fails",
            vec![response(500), response(502), response(503)],
            "unavailable",
            503,
        )
        .attempts(3),
        not_fetched(
            "no token, a redirect",
            vec![response_with(
                302,
                &[("Location", "http://127.0.0.1:9/")],
                "",
            )],
            "redirect_refused",
            302,
        ),
    ]
}
