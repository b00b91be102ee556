//! With the feature `tracing`, each attempt is an event.
#![allow(clippy::unwrap_used)]

use std::io;
use std::sync::{Arc, Mutex};

use calltransfer::{Config, Transfer, blocking};
use calltransfer_sandbox::{IncomingCall, Sandbox};
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn attempt_is_an_event_with_its_fields() {
    let sandbox = Sandbox::builder()
        .user("u-abc123", "t-token", "s-secret")
        .start()
        .unwrap();
    let call = IncomingCall::new("+19195550100", "+18385550199").id("c-1");
    sandbox.place_incoming_call(call).unwrap();
    let config = Config::builder()
        .user_id("u-abc123")
        .token("t-token")
        .secret("s-secret");
    let client = blocking::Client::new(config.base_url(sandbox.url()).build().unwrap());
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        client
            .transfer(Transfer::new("c-1", "+18382947878"))
            .unwrap();
    });
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains(": transfer of c-1 at 127.0.0.1:"),
        "{logged}"
    );
    assert!(logged.contains("INFO calltransfer.request{"), "{logged}");
    assert!(logged.contains("outcome=\"applied\""), "{logged}");
    // The request is a span around it, with the names of the semantic conventions.
    for field in [
        "otel.kind=\"client\"",
        "http.request.method=\"POST\"",
        "server.address=\"127.0.0.1\"",
        "calltransfer.action=\"transfer\"",
        "calltransfer.call_id=\"c-1\"",
    ] {
        assert!(logged.contains(field), "{field}: {logged}");
    }
    let closed = logged.lines().find(|line| line.contains("close"));
    let closed = closed.unwrap_or_default();
    for field in [
        "http.response.status_code=201",
        "calltransfer.outcome=\"applied\"",
        "calltransfer.new_call_id=\"c-",
    ] {
        assert!(closed.contains(field), "{field}: {closed}");
    }
    assert!(
        !logged.contains("s-secret") && !logged.contains("8382947878"),
        "{logged}"
    );
}
