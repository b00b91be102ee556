//! What a server does with a connection, step by step.

use std::time::Duration;

/// One thing that a scripted server does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reads one whole request, head and body.
    ReadRequest,
    /// Reads this many bytes of a request, and no more.
    ReadBytes(usize),
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one, with this long before each.
    Drip(Vec<u8>, Duration),
    /// Waits.
    Pause(Duration),
    /// Waits until the client closes the connection.
    Hang,
    /// Ends the connection with a FIN. What a script ends with.
    Close,
    /// Ends the connection with a RST.
    Reset,
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
        let location = ("Location", "/v1/users/u-abc123/calls/c-new1");
        Self::replying(last_answer(201, &[location], ""))
    }
}

/// An answer without a body.
pub fn answer(status: u16) -> Vec<u8> {
    answer_with(status, &[], "")
}

/// An answer that says that the connection ends with it: a client that makes more requests must
/// be reported, or it may send the next one into the close.
pub fn last_answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    answer_with(
        status,
        &[headers, &[("Connection", "close")]].concat(),
        body,
    )
}

/// An answer with headers and a body of known length.
pub fn answer_with(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
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
