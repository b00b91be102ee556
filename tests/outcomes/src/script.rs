//! What a server does with a connection, step by step.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::arrival::Arrival;

/// One thing that a scripted server does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reads one whole request, head and body.
    ReadRequest,
    /// Reads this many bytes of a request, and no more.
    ReadBytes(usize),
    /// From here on, closes the connection when it was idle for this time.
    ReadTimeout(Duration),
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one, with this long before each.
    Drip(Vec<u8>, Duration),
    /// Reads requests and responds to each, until the client closes the connection.
    Serve(Responding),
    /// Waits.
    Pause(Duration),
    /// Waits until the client closes the connection.
    Hang,
    /// Ends the connection with a FIN. What a script ends with.
    Close,
    /// Ends the connection with a RST.
    Reset,
}

type Respond = dyn Fn(&Arrival) -> Vec<u8> + Send + Sync;

/// The response to a request; an empty one leaves the client waiting.
#[derive(Clone)]
pub struct Responding(pub(crate) Arc<Respond>);

impl fmt::Debug for Responding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Responding")
    }
}

/// The script of one connection. When it is over, the server closes it.
#[derive(Debug, Clone, Default)]
pub struct Connection(pub Vec<Step>);

impl Connection {
    /// Reads a request and sends these bytes.
    pub fn replying(reply: impl Into<Vec<u8>>) -> Self {
        Self(vec![Step::ReadRequest, Step::Send(reply.into())])
    }

    /// Reads a request, says that the transfer was made, and closes.
    pub fn transferring() -> Self {
        Self::replying(last_response(201, &[LOCATION], ""))
    }

    /// Reads a request, and never responds.
    pub fn silent() -> Self {
        Self(vec![Step::ReadRequest, Step::Hang])
    }

    /// Responds to each request as this function says.
    pub fn responding(respond: impl Fn(&Arrival) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self(vec![Step::Serve(Responding(Arc::new(respond)))])
    }

    /// Makes every transfer and grants every token; closes when it is idle for so long, and says
    /// so in each response if that `is_announced`.
    pub fn kept_for(timeout: Duration, is_announced: bool) -> Self {
        let announced = format!("timeout={}", timeout.as_secs());
        let Self(serve) = Self::responding(move |request| {
            if request.is_for_token() {
                return granted("at-1", 3600);
            }
            match is_announced {
                true => response_with(201, &[LOCATION, ("Keep-Alive", &announced)], ""),
                false => response_with(201, &[LOCATION], ""),
            }
        });
        Self([vec![Step::ReadTimeout(timeout)], serve].concat())
    }
}

const LOCATION: (&str, &str) = ("Location", "/v1/users/u-abc123/calls/c-new1");

/// A response without a body.
pub fn response(status: u16) -> Vec<u8> {
    response_with(status, &[], "")
}

/// A response that says that the connection ends with it: a client that makes more requests must
/// know this, or it may send the next one on a connection that is closing.
pub fn last_response(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    response_with(
        status,
        &[headers, &[("Connection", "close")]].concat(),
        body,
    )
}

/// A response with headers and a body of known length.
pub fn response_with(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!(
        "HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

/// The token endpoint's response with this token.
pub fn granted(token: &str, expires_in: u64) -> Vec<u8> {
    let body =
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{expires_in}}}"#);
    response_with(200, &[("Content-Type", "application/json")], &body)
}

/// 204 to a request with this token, else 401.
pub fn admit(request: &Arrival, token: &str) -> Vec<u8> {
    response(
        match request.header("authorization") == format!("Bearer {token}") {
            true => 204,
            false => 401,
        },
    )
}
