//! Applies a fault to the response of a request.

use std::future::pending;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use http_body_util::Full;

use super::{Fault, Given};
use crate::http::response::Response;
use crate::http::wire::{Plan, Wire};

const PADDING: HeaderName = HeaderName::from_static("x-padding");

impl Fault {
    /// The response in place of the platform's own, or that one where it isn't replaced.
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
}

/// Waits, and sets what the connection does to the response.
pub(crate) async fn apply(
    fault: Fault,
    response: Response,
    wire: &Wire,
) -> hyper::Response<Full<Bytes>> {
    tokio::time::sleep(fault.delay).await;
    let mut first: Vec<u8> = Vec::new();
    for status in &fault.interim {
        first.extend_from_slice(format!("HTTP/1.1 {status} Interim\r\n\r\n").as_bytes());
    }
    match &fault.response {
        // Dropped with the connection, once the client closes it.
        Given::Nothing => return pending().await,
        Given::Raw(text) => first.extend_from_slice(text.as_bytes()),
        Given::Own | Given::Reply(_) => {}
    }
    wire.arm(Plan {
        first: Bytes::from(first),
        instead: matches!(fault.response, Given::Raw(_)),
        drip: fault.drip,
        cut: fault.cut_after.map(|after| (after, fault.end)),
        closes: fault.closes,
        body: response.body.len(),
    });
    response.into_response()
}
