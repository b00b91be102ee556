//! What a fault does to the response of a request.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::{Fault, Given};
use crate::http::response::Response;
use crate::http::wire::Plan;

const PADDING: HeaderName = HeaderName::from_static("x-padding");

impl Fault {
    /// The response to send: the fault's, or the platform's own.
    pub(crate) fn response(&self, host: &str, own: impl FnOnce() -> Response) -> Response {
        let own = self.is_applied().then(own);
        let mut response = match (&self.response, own) {
            (Given::Reply(reply), _) => reply.clone().into_response(host),
            (_, Some(own)) => own,
            (_, None) => Response::empty(http::StatusCode::SERVICE_UNAVAILABLE),
        };
        if self.head_bytes > 0
            && let Ok(padding) = HeaderValue::from_str(&"x".repeat(self.head_bytes))
        {
            response.headers.append(PADDING, padding);
        }
        if self.body_bytes > 0 {
            let mut body = response.body.to_vec();
            body.resize(body.len() + self.body_bytes, b'x');
            response.body = Bytes::from(body);
        }
        response
    }

    /// What is done to the response, whose body has this length.
    pub(crate) fn plan(&self, body: usize) -> Plan {
        let mut first: Vec<u8> = Vec::new();
        for status in &self.interim {
            first.extend_from_slice(format!("HTTP/1.1 {status} Interim\r\n\r\n").as_bytes());
        }
        if let Given::Raw(text) = &self.response {
            first.extend_from_slice(text.as_bytes());
        }
        Plan {
            delay: self.delay,
            silent: matches!(self.response, Given::Nothing),
            first: Bytes::from(first),
            instead: matches!(self.response, Given::Raw(_)),
            drip: self.drip,
            cut: self.cut_after.map(|after| (after, self.end)),
            closes: self.closes,
            body,
        }
    }
}
