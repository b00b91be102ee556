//! Rows that are decided by the outcome of the connection.

use std::time::Duration;

use calltransfer_outcomes::{Connection, Step, response, response_with};

use super::{Place, Row};

const LOCATION: (&str, &str) = ("Location", "/v1/users/u-abc123/calls/c-new1");

pub fn rows() -> Vec<Row> {
    let mut rows = before_the_request();
    rows.extend(after_the_request());
    rows.extend(around_the_head());
    rows.extend(inside_the_body());
    rows
}

fn steps(steps: Vec<Step>) -> Place {
    Place::Http(vec![Connection(steps)])
}

fn unknown(name: &str, place: Place) -> Row {
    Row::new(name, place, "unknown", "outcome_unknown").stage("read")
}

fn before_the_request() -> Vec<Row> {
    vec![
        Row::new("no one listens", Place::Closed, "not_sent", "connection")
            .stage("connect")
            .attempts(3),
        Row::new(
            "no one listens, no retries",
            Place::Closed,
            "not_sent",
            "connection",
        )
        .stage("connect")
        .retries(0),
        Row::new(
            "the name has no address",
            Place::Nameless,
            "not_sent",
            "connection",
        )
        .stage("resolve")
        .retries(0),
        Row::new(
            "no one takes the connection",
            Place::Full,
            "not_sent",
            "connection",
        )
        .stage("connect")
        .retries(0)
        .timeout(600),
    ]
}

fn after_the_request() -> Vec<Row> {
    let read = Step::ReadRequest;
    vec![
        unknown("read, then closed", steps(vec![read.clone(), Step::Close])),
        unknown("read, then reset", steps(vec![read.clone(), Step::Reset])),
        unknown("read, then silence", steps(vec![read.clone(), Step::Hang])).timeout(300),
        unknown(
            "head read, then closed",
            steps(vec![Step::ReadBytes(60), Step::Close]),
        ),
        unknown(
            "head read, then reset",
            steps(vec![Step::ReadBytes(60), Step::Reset]),
        ),
        unknown(
            "nothing read, then reset",
            steps(vec![Step::Pause(Duration::from_millis(100)), Step::Reset]),
        ),
        unknown(
            "a response too late",
            steps(vec![
                read,
                Step::Pause(Duration::from_millis(900)),
                Step::Send(response(201)),
            ]),
        )
        .timeout(300)
        .unread(),
    ]
}

fn around_the_head() -> Vec<Row> {
    let created = response_with(201, &[LOCATION], "");
    let after = |first: &str| {
        let mut reply = format!("HTTP/1.1 {first}\r\n\r\n").into_bytes();
        reply.extend_from_slice(&created);
        Place::Http(vec![Connection::replying(reply)])
    };
    let reply = |text: &str| Place::Http(vec![Connection::replying(text.as_bytes())]);
    let many = format!("HTTP/1.1 201 Created\r\n{}\r\n", "X: y\r\n".repeat(200));
    vec![
        Row::applied("100 first", after("100 Continue"), 201, Some("c-new1")),
        Row::applied("102 first", after("102 Processing"), 201, Some("c-new1")),
        Row::applied(
            "103 first",
            after("103 Early Hints\r\nLink: </x>; rel=preload"),
            201,
            Some("c-new1"),
        ),
        Row::new(
            "101",
            reply("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
            "unknown",
            "outcome_unknown",
        )
        .status(101),
        unknown("200 headers", reply(&many)).unread(),
        unknown("garbage", reply("\u{1}\u{2}\u{3} this is no HTTP\r\n\r\n")),
        unknown("HTTP/0.9", reply("<h1>hello</h1>")),
        unknown("a head cut in the status line", reply("HTTP/1.1 2")),
        unknown(
            "a head cut in a header",
            reply("HTTP/1.1 201 Created\r\nLocation: /v1/us"),
        ),
        unknown(
            "a head without its last line",
            reply("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n"),
        ),
        unknown(
            "two lengths that differ",
            reply("HTTP/1.1 400 No\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        )
        .unread(),
        unknown(
            "a head of a megabyte",
            Place::Http(vec![Connection::replying(format!(
                "HTTP/1.1 400 No\r\nX: {}\r\n\r\n",
                "x".repeat(1 << 20)
            ))]),
        )
        .unread(),
    ]
}

fn inside_the_body() -> Vec<Row> {
    let cut = |status: &str, body: &str| {
        let text = format!(
            "HTTP/1.1 {status}\r\nLocation: {}\r\nContent-Length: 1000\r\n\r\n{body}",
            LOCATION.1
        );
        text.into_bytes()
    };
    let then = |reply: Vec<u8>, end: Step| steps(vec![Step::ReadRequest, Step::Send(reply), end]);
    let state = r#"{"category":"forbidden","code":"call-invalid-"#;
    let drip = |head: &str| {
        let slow = Step::Drip(vec![b'x'; 200], Duration::from_millis(20));
        steps(vec![Step::ReadRequest, Step::Send(cut(head, "")), slow])
    };
    let chunked = "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    vec![
        Row::applied(
            "created, body cut",
            then(cut("201 Created", "ab"), Step::Close),
            201,
            Some("c-new1"),
        ),
        Row::applied(
            "created, body reset",
            then(cut("201 Created", "ab"), Step::Reset),
            201,
            Some("c-new1"),
        ),
        Row::applied(
            "created, body never comes",
            then(cut("201 Created", ""), Step::Hang),
            201,
            Some("c-new1"),
        )
        .timeout(2000),
        Row::applied(
            "created, body drips",
            drip("201 Created"),
            201,
            Some("c-new1"),
        )
        .timeout(1000),
        Row::new(
            "403, body cut",
            then(cut("403 No", state), Step::Close),
            "not_applied",
            "forbidden",
        )
        .status(403),
        Row::new(
            "403, body reset",
            then(cut("403 No", state), Step::Reset),
            "not_applied",
            "forbidden",
        )
        .status(403),
        Row::new(
            "403, body drips",
            drip("403 No"),
            "not_applied",
            "forbidden",
        )
        .status(403)
        .timeout(300),
        Row::new(
            "404, body never comes",
            then(cut("404 No", ""), Step::Hang),
            "not_applied",
            "rejected",
        )
        .status(404)
        .timeout(300),
        Row::new(
            "403, odd chunks",
            Place::Http(vec![Connection::replying(chunked)]),
            "not_applied",
            "forbidden",
        )
        .status(403),
        Row::new(
            "500, body cut",
            then(cut("500 Oh", "<h1>"), Step::Close),
            "unknown",
            "outcome_unknown",
        )
        .status(500),
        Row::new(
            "503, code cut off",
            then(cut("503 Oh", r#"{"code":"call-unavail"#), Step::Close),
            "unknown",
            "outcome_unknown",
        )
        .status(503),
        Row::new(
            "400, a body of a megabyte",
            Place::Http(vec![Connection::replying(response_with(
                400,
                &[],
                &"x".repeat(1 << 20),
            ))]),
            "not_applied",
            "bad_request",
        )
        .status(400),
    ]
}
