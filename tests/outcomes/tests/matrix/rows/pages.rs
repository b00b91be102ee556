//! Responses of other web servers: a success that is a web page proves nothing, and a 404 says
//! nothing of the call unless it is the platform's own.

use std::time::Duration;

use calltransfer_outcomes::{Connection, Step, response, response_with};

use super::{Place, Row};

const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");
const PAGE: &str = "<!DOCTYPE html><html><title>Sign in</title><body>Welcome</body></html>";
const OTHER_LOCATION: (&str, &str) = ("Location", "/login");

/// The rows that either API has.
pub fn rows() -> Vec<Row> {
    let mut rows = pages();
    rows.extend(not_pages());
    rows.extend(not_found());
    rows
}

/// The rows that only v1 has: there a success names the new call.
pub fn rows_of_v1() -> Vec<Row> {
    let location = ("Location", "/v1/users/u-abc123/calls/c-new1");
    let made = |name: &str, headers: &[(&str, &str)]| {
        let place = once(response_with(201, headers, PAGE));
        Row::applied(name, place, 201, Some("c-new1"))
    };
    let other = response_with(
        201,
        &[HTML, ("Location", "/v1/users/u-other/calls/c-9")],
        PAGE,
    );
    vec![
        made("created, as a web page with Location", &[location, HTML]),
        made("created, with Location and an untyped page", &[location]),
        unknown("a web page with the Location of another user", other, 201),
        not_found_row(
            "404 of another thing than the call",
            json(r#"{"category":"not-found","code":"resource-not-found","message":"no"}"#),
        )
        .code("resource-not-found"),
        Row::new(
            "404 with the category alone",
            once(json(r#"{"category":"not-found"}"#)),
            "not_applied",
            "call_not_found",
        )
        .status(404),
    ]
}

fn once(reply: Vec<u8>) -> Place {
    Place::Http(vec![Connection::replying(reply)])
}

fn json(body: &str) -> Vec<u8> {
    response_with(404, &[("Content-Type", "application/json")], body)
}

fn unknown(name: &str, reply: Vec<u8>, status: u64) -> Row {
    Row::new(name, once(reply), "unknown", "outcome_unknown").status(status)
}

fn pages() -> Vec<Row> {
    let head = |length: &str| {
        let (name, value) = HTML;
        format!("HTTP/1.1 200 OK\r\n{name}: {value}\r\n{length}\r\n").into_bytes()
    };
    let then = |name: &str, steps: Vec<Step>| {
        let steps = [vec![Step::ReadRequest], steps].concat();
        let place = Place::Http(vec![Connection(steps)]);
        Row::new(name, place, "unknown", "outcome_unknown").status(200)
    };
    let chunked = "Transfer-Encoding: chunked\r\n";
    let drip = Step::Drip(PAGE.into(), Duration::from_millis(30));
    vec![
        unknown("a web page", response_with(200, &[HTML], PAGE), 200),
        unknown(
            "a web page, created",
            response_with(201, &[HTML], PAGE),
            201,
        ),
        unknown(
            "a web page that names another page",
            response_with(200, &[HTML, OTHER_LOCATION], PAGE),
            200,
        ),
        unknown("a web page of no type", response_with(200, &[], PAGE), 200),
        unknown(
            "a web page of another type",
            response_with(200, &[("Content-Type", "text/plain")], PAGE),
            200,
        ),
        unknown(
            "text that is called a web page",
            response_with(200, &[HTML], "Please sign in"),
            200,
        ),
        unknown(
            "a web page of 1 MiB",
            response_with(200, &[HTML], &PAGE.repeat(16_000)),
            200,
        ),
        then(
            "a web page that is cut",
            vec![
                Step::Send(head("Content-Length: 900\r\n")),
                Step::Send(PAGE.into()),
            ],
        ),
        then(
            "a web page that never comes",
            vec![Step::Send(head(chunked)), Step::Hang],
        ),
        then(
            "a web page that drips",
            vec![Step::Send(head("Content-Length: 900\r\n")), drip],
        ),
    ]
}

fn not_pages() -> Vec<Row> {
    let applied =
        |name: &str, reply: Vec<u8>, status| Row::applied(name, once(reply), status, None);
    vec![
        applied(
            "no body, called a web page",
            response_with(200, &[HTML], ""),
            200,
        ),
        applied(
            "no content, called a web page",
            response_with(204, &[HTML], ""),
            204,
        ),
        applied(
            "plain text",
            response_with(200, &[("Content-Type", "text/plain")], "OK"),
            200,
        ),
        applied(
            "JSON",
            response_with(200, &[("Content-Type", "application/json")], "{}"),
            200,
        ),
    ]
}

fn not_found_row(name: &str, reply: Vec<u8>) -> Row {
    Row::new(name, once(reply), "not_applied", "rejected").status(404)
}

fn not_found() -> Vec<Row> {
    vec![
        not_found_row("404 alone", response(404)),
        not_found_row("404 as a web page", response_with(404, &[HTML], PAGE)),
        not_found_row("404 as text", response_with(404, &[], "404 page not found")),
        not_found_row(
            "404 as a framework says it",
            json(r#"{"detail":"Not Found"}"#),
        ),
        not_found_row(
            "404 with a message alone",
            json(r#"{"message":"Not Found"}"#),
        ),
        not_found_row("404 as a list", json("[]")),
    ]
}
