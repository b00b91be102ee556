//! Rows of encryption and proxies.

use calltransfer_outcomes::{Connection, Flaw, Step, response, response_with};

use super::{Place, Row};

const LOCATION: (&str, &str) = ("Location", "/v1/users/u-abc123/calls/c-new1");

pub fn rows() -> Vec<Row> {
    let created = || vec![Connection::replying(response_with(201, &[LOCATION], ""))];
    let untrusted = |name: &str, flaw| {
        Row::new(name, Place::Https(flaw, created()), "not_sent", "tls").stage("tls")
    };
    let cut = |step: Step| {
        vec![
            Connection(vec![step.clone()]),
            Connection(vec![step.clone()]),
            Connection(vec![step]),
        ]
    };
    let proxied = |name: &str, script, attempts| {
        Row::new(name, Place::Proxy(script), "not_sent", "proxy")
            .stage("proxy")
            .attempts(attempts)
    };
    let thrice = |reply: Vec<u8>| {
        (0..3)
            .map(|_| Connection::replying(reply.clone()))
            .collect()
    };
    vec![
        Row::applied(
            "a private authority",
            Place::Https(Flaw::None, created()),
            201,
            Some("c-new1"),
        ),
        untrusted("self-signed", Flaw::SelfSigned),
        untrusted("expired", Flaw::Expired),
        untrusted("another host's certificate", Flaw::WrongHost),
        Row::new(
            "TLS, read, then closed",
            Place::Https(Flaw::None, vec![Connection(vec![Step::ReadRequest])]),
            "unknown",
            "outcome_unknown",
        )
        .stage("read"),
        Row::new(
            "TLS, 500",
            Place::Https(Flaw::None, vec![Connection::replying(response(500))]),
            "unknown",
            "outcome_unknown",
        )
        .status(500),
        Row::new(
            "TLS handshake closed",
            Place::HttpsToPlain(cut(Step::ReadBytes(10))),
            "not_sent",
            "tls",
        )
        .stage("tls")
        .attempts(3),
        Row::new(
            "TLS handshake reset",
            Place::HttpsToPlain(cut(Step::Reset)),
            "not_sent",
            "connection",
        )
        .attempts(3),
        Row::new(
            "TLS to a plain server",
            Place::HttpsToPlain(cut(Step::Send(response(400)))),
            "not_sent",
            "tls",
        )
        .stage("tls")
        .attempts(3),
        Row::new(
            "TLS handshake without an end",
            Place::HttpsToPlain(vec![Connection(vec![Step::Hang])]),
            "not_sent",
            "connection",
        )
        .retries(0)
        .timeout(600),
        proxied("proxy wants credentials", thrice(response(407)), 1),
        proxied("proxy forbids", thrice(response(403)), 3),
        proxied("proxy fails", thrice(response(502)), 3),
        proxied("proxy closes", cut(Step::ReadRequest), 3),
        Row::new(
            "proxy without a response",
            Place::Proxy(vec![Connection::silent()]),
            "not_sent",
            "connection",
        )
        .retries(0)
        .timeout(600),
    ]
}
