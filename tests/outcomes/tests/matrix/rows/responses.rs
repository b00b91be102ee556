//! Rows of the table that are decided by the status, the code and the `Location` of one response.

use calltransfer_outcomes::{Connection, response, response_with};

use super::{Place, Row};

const LOCATION: (&str, &str) = ("Location", "/v1/users/u-abc123/calls/c-new1");

pub fn rows() -> Vec<Row> {
    let mut rows = successes();
    rows.extend(redirects());
    rows.extend(refusals());
    rows.extend(unknowns());
    rows
}

fn once(reply: Vec<u8>) -> Place {
    Place::Http(vec![Connection::replying(reply)])
}

/// The platform's JSON.
fn said(status: u16, category: &str, code: &str) -> Place {
    let body = format!(
        r#"{{"category":"{category}","code":"{code}","message":"no way to +18382947878","details":[{{"name":"to","value":"+18382947878"}}]}}"#
    );
    once(response_with(
        status,
        &[("Content-Type", "application/json")],
        &body,
    ))
}

fn successes() -> Vec<Row> {
    let mut rows = vec![Row::applied(
        "created",
        once(response_with(201, &[LOCATION], "")),
        201,
        Some("c-new1"),
    )];
    for status in [200, 202, 204, 226, 299] {
        let place = once(response_with(status, &[LOCATION], ""));
        rows.push(Row::applied(
            format!("{status} with Location"),
            place,
            status.into(),
            Some("c-new1"),
        ));
    }
    for status in [200, 201, 204] {
        rows.push(Row::applied(
            format!("{status} without Location"),
            once(response(status)),
            status.into(),
            None,
        ));
    }
    for odd in [
        "",
        "/",
        "c-new1",
        "/v1/users/u-other/calls/c-9",
        "/v1/users/u-abc123/calls/a%2Fb",
        "http://[",
        "\u{fffd}",
    ] {
        let place = once(response_with(201, &[("Location", odd)], ""));
        rows.push(Row::applied(
            format!("created, Location {odd:?}"),
            place,
            201,
            None,
        ));
    }
    let huge = format!("/v1/users/u-abc123/calls/{}", "x".repeat(20_000));
    let place = once(response_with(201, &[("Location", &huge)], ""));
    rows.push(Row::applied("created, a huge Location", place, 201, None));
    let long = "x".repeat(100_000);
    let place = once(response_with(201, &[LOCATION, ("X-Long", &long)], ""));
    let row = Row::applied("created, a head of 100 kB", place, 201, Some("c-new1"));
    rows.push(row);
    for (name, body) in [
        ("garbage", "{oops".to_owned()),
        ("1 MiB", "x".repeat(1 << 20)),
    ] {
        let place = once(response_with(201, &[LOCATION], &body));
        rows.push(Row::applied(
            format!("created, body of {name}"),
            place,
            201,
            Some("c-new1"),
        ));
    }
    rows
}

fn redirects() -> Vec<Row> {
    let to = (
        "Location",
        "http://127.0.0.1:9/v1/users/u-abc123/calls/c-call123",
    );
    let mut rows = Vec::new();
    for status in [301, 302, 307, 308] {
        let place = once(response_with(status, &[to], ""));
        let row = Row::new(
            format!("redirect {status}"),
            place,
            "not_applied",
            "redirect_refused",
        );
        rows.push(row.status(status.into()));
    }
    for status in [300, 303, 304, 305, 306, 399] {
        let place = once(response_with(status, &[to], ""));
        let row = Row::new(
            format!("odd redirect {status}"),
            place,
            "unknown",
            "outcome_unknown",
        );
        rows.push(row.status(status.into()));
    }
    rows
}

fn refusals() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut refused = |name: &str, status: u16, place: Place, kind: &'static str| {
        rows.push(
            Row::new(format!("{status} {name}"), place, "not_applied", kind).status(status.into()),
        );
    };
    for status in [400, 405, 413, 415, 422, 431] {
        refused("alone", status, once(response(status)), "bad_request");
    }
    refused(
        "validation-error",
        400,
        said(400, "bad-request", "validation-error"),
        "bad_request",
    );
    refused(
        "callback-invalid-url",
        400,
        said(400, "bad-request", "callback-invalid-url"),
        "bad_request",
    );
    refused("alone", 401, once(response(401)), "authentication");
    refused(
        "authentication",
        401,
        said(401, "authentication", "unauthorized"),
        "authentication",
    );
    refused(
        "user-access-denied",
        401,
        said(401, "authorization", "user-access-denied"),
        "authorization",
    );
    refused(
        "number-access-denied",
        401,
        said(401, "authorization", "number-access-denied"),
        "authorization",
    );
    refused("alone", 403, once(response(403)), "forbidden");
    refused(
        "invalid-call-to-number",
        403,
        said(403, "forbidden", "invalid-call-to-number"),
        "forbidden",
    );
    refused(
        "call-invalid-state",
        403,
        said(403, "forbidden", "call-invalid-state"),
        "call_not_active",
    );
    refused(
        "no credit",
        403,
        said(403, "credit", "insufficient-available-balance"),
        "insufficient_credit",
    );
    refused(
        "call-not-found",
        404,
        said(404, "not-found", "call-not-found"),
        "call_not_found",
    );
    refused(
        "call-update-conflict",
        409,
        said(409, "conflict", "call-update-conflict"),
        "conflict",
    );
    for status in [
        402, 406, 407, 410, 411, 412, 414, 416, 417, 418, 421, 423, 424, 425, 426, 428, 451, 499,
    ] {
        refused("alone", status, once(response(status)), "rejected");
    }
    let gone = said(403, "limit", "call-rate-limit");
    rows.push(
        Row::new(
            "403 call-rate-limit, no retries",
            gone,
            "not_applied",
            "rate_limited",
        )
        .status(403)
        .code("call-rate-limit")
        .retries(0),
    );
    let gone = said(429, "too-many-requests", "rate-limit-reached");
    rows.push(
        Row::new("429, no retries", gone, "not_applied", "rate_limited")
            .status(429)
            .code("rate-limit-reached")
            .retries(0),
    );
    let busy = said(503, "unavailable", "call-unavailable");
    rows.push(
        Row::new(
            "503 call-unavailable, no retries",
            busy,
            "not_applied",
            "unavailable",
        )
        .status(503)
        .code("call-unavailable")
        .retries(0),
    );
    rows
}

fn unknowns() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut unknown = |name: &str, status: u16, place: Place| {
        rows.push(
            Row::new(
                format!("{status} {name}"),
                place,
                "unknown",
                "outcome_unknown",
            )
            .status(status.into()),
        );
    };
    unknown("alone", 408, once(response(408)));
    for status in [500, 501, 502, 503, 504, 505, 507, 511, 599, 600, 700, 999] {
        unknown("alone", status, once(response(status)));
    }
    for (status, code) in [
        (500, "internal-error"),
        (503, "call-transfer-error"),
        (503, "gateway-unavailable"),
        (503, "internal-error"),
        (503, "media-unavailable"),
    ] {
        unknown(code, status, said(status, "unavailable", code));
    }
    unknown(
        "with Retry-After",
        503,
        once(response_with(503, &[("Retry-After", "1")], "")),
    );
    unknown(
        "in HTML",
        502,
        once(response_with(
            502,
            &[("Content-Type", "text/html")],
            "<h1>call-unavailable</h1>",
        )),
    );
    rows
}
