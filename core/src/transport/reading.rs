//! Reading a response, as far as it is needed.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, StatusCode};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use tokio::time::Instant;
use url::Url;

use crate::http_request::{Action, HttpRequest};
use crate::memory;
use crate::policy::idle_limit;
use crate::response::{BODY_LIMIT, PAGE_BODY_LIMIT, Response, is_web_page};

/// A body that only shows whether a web server sent a page is waited for no longer than this.
const PAGE_TIME: Duration = Duration::from_secs(1);
/// A body that is not needed is waited for no longer than this.
const REST_TIME: Duration = Duration::from_millis(20);
/// More of such a body is not read.
const PAGE_LIMIT: usize = 4 * 1024;

/// How long the server says that it keeps an idle connection.
pub(super) fn announced_timeout(headers: &HeaderMap) -> Option<Duration> {
    idle_limit::announced_timeout(headers.get("keep-alive")?.to_str().ok()?)
}

/// Whether the server keeps the connection, as far as it says.
pub(super) fn stays_open(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONNECTION).iter();
    !values.any(|value| {
        let tokens = value.to_str().unwrap_or("close");
        tokens
            .split(',')
            .any(|one| one.trim().eq_ignore_ascii_case("close"))
    })
}

/// The head decides; nothing that goes wrong in the body can take it back.
///
/// The body of a success that the head doesn't prove is looked at, because a web page proves
/// nothing. Also whether the body was read to its end.
pub(super) async fn read(
    mut response: http::Response<Incoming>,
    http_request: &HttpRequest,
    deadline: Instant,
    is_success_certain: &(dyn Fn(&HeaderMap) -> bool + Sync),
) -> (Response, bool) {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut incoming = response.into_body();
    let (limit, deadline) = match needs_body(status, http_request.action) {
        true if status.is_success() && http_request.action.is_list() => (PAGE_BODY_LIMIT, deadline),
        true => (BODY_LIMIT, deadline),
        false if status.is_success() && !is_success_certain(&headers) => {
            (PAGE_LIMIT, deadline.min(Instant::now() + PAGE_TIME))
        }
        false => (0, deadline),
    };
    let (mut body, mut is_read) = match limit {
        0 => (Vec::new(), incoming.is_end_stream()),
        _ => read_body(&mut incoming, limit, deadline).await,
    };
    if !memory::has_room_to_parse(&body) {
        // Read as far as there is memory for it: the head decides, and a read says what it lacks.
        (body, is_read) = (Vec::new(), false);
    }
    let is_empty = is_read && body.is_empty();
    if limit == 0 && !is_read {
        // The rest comes with the head, as a rule; then the connection can be used again.
        let end = deadline.min(Instant::now() + REST_TIME);
        let rest = tokio::time::timeout_at(end, read_rest(&mut incoming));
        is_read = rest.await.unwrap_or(false);
    }
    let response = Response {
        status: status.as_u16(),
        is_web_page: limit > 0 && is_web_page(&headers, &body, is_empty),
        headers,
        body,
        host: match limit {
            0 => String::new(),
            _ => host_of(&http_request.url),
        },
    };
    (response, is_read)
}

/// A body up to `limit` bytes, as far as it came by the deadline; also whether that is all of it.
async fn read_body(incoming: &mut Incoming, limit: usize, deadline: Instant) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    let mut is_read = incoming.is_end_stream();
    let reading = async {
        while let Some(Ok(frame)) = poll_fn(|context| next_frame(incoming, context)).await {
            let chunk = frame.into_data().unwrap_or_default();
            let chunk = &chunk[..chunk.len().min(limit - body.len())];
            if body.try_reserve(chunk.len()).is_err() {
                return; // as if it had ended here
            }
            body.extend_from_slice(chunk);
            if body.len() == limit {
                return;
            }
        }
        is_read = incoming.is_end_stream();
    };
    let _ = tokio::time::timeout_at(deadline, reading).await;
    (body, is_read)
}

/// Whether a body that is not needed is short, and is at its end.
async fn read_rest(incoming: &mut Incoming) -> bool {
    let mut room = PAGE_LIMIT;
    while let Some(Ok(frame)) = poll_fn(|context| next_frame(incoming, context)).await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match room.checked_sub(length) {
            Some(left) => room = left,
            None => return false,
        }
    }
    incoming.is_end_stream()
}

type NextFrame = Poll<Option<Result<Frame<Bytes>, hyper::Error>>>;

fn next_frame(incoming: &mut Incoming, context: &mut Context<'_>) -> NextFrame {
    Pin::new(incoming).poll_frame(context)
}

/// Host, and the port if the URL has one.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The status of a successful update is enough; a refusal and a call have a body to read.
fn needs_body(status: StatusCode, action: Action) -> bool {
    action.is_read() || status.is_client_error() || status.is_server_error()
}
