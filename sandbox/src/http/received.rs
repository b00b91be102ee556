//! A received request with its body.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderMap, Method};
use http_body::Body;
use hyper::Request;
use hyper::body::Incoming;
use serde_json::{Map, Value};

/// The largest body of a request to the API.
const API_BODY: usize = 64 * 1024;
/// The largest body of a request to the admin interface, which may contain many replies.
const ADMIN_BODY: usize = 4 * 1024 * 1024;
/// Further bytes that are read and dropped, so that a client that sends too much still gets its response.
const DRAINED: usize = 1024 * 1024;

pub(crate) struct Received {
    pub(crate) connection: u64,
    /// Whether it came by https.
    secure: bool,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    /// The bytes of the body that were kept.
    pub(crate) body: Bytes,
    /// How many bytes of the body were received.
    pub(crate) bytes: u64,
    unread: Option<Unread>,
}

/// Why a body was not read to its end.
#[derive(Clone, Copy)]
enum Unread {
    TooLarge,
    Incomplete,
}

/// Why a body is not used.
pub(crate) enum InvalidBody {
    TooLarge,
    /// The connection ended, or the time ran out, before the body was complete.
    Incomplete,
    /// It is declared as this type, which is not JSON.
    MediaType(String),
    NotJson(serde_json::Error),
    NotObject,
}

impl Received {
    /// Reads the body, for `timeout` at most: a body that has not come by then is incomplete.
    pub(crate) async fn read(
        connection: u64,
        secure: bool,
        request: Request<Incoming>,
        timeout: Duration,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let limit = if is_admin_path(&path) {
            ADMIN_BODY
        } else {
            API_BODY
        };
        let (body, bytes, unread) = read_body(body, limit, timeout).await;
        Self {
            bytes,
            connection,
            secure,
            method: parts.method,
            query: parts.uri.query().map(str::to_owned),
            path,
            headers: parts.headers,
            body,
            unread,
        }
    }

    /// A request from within the process, without a connection.
    pub(crate) fn within(method: Method, target: &str, body: Bytes) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self {
            connection: 0,
            secure: false,
            method,
            path: path.to_owned(),
            query,
            headers: HeaderMap::new(),
            bytes: body.len() as u64,
            unread: (body.len() > ADMIN_BODY).then_some(Unread::TooLarge),
            body,
        }
    }

    /// Whether the connection ended before the body did.
    pub(crate) fn is_incomplete(&self) -> bool {
        matches!(self.unread, Some(Unread::Incomplete))
    }

    pub(crate) fn is_admin(&self) -> bool {
        is_admin_path(&self.path)
    }

    /// The path's segments; one slash at the end makes no difference.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.strip_suffix('/').unwrap_or(path).split('/').collect()
    }

    /// The scheme and host that the client used.
    pub(crate) fn origin(&self, own_host: &str) -> String {
        let asked = self
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            // Nearly every client uses the sandbox's own name for it.
            .filter(|host| {
                *host == own_host || !host.contains('@') && host.parse::<Authority>().is_ok()
            });
        let scheme = if self.secure { "https://" } else { "http://" };
        [scheme, asked.unwrap_or(own_host)].concat()
    }

    /// The JSON object in the body, declared as such.
    pub(crate) fn declared_json(&self) -> Result<Map<String, Value>, InvalidBody> {
        let given = self
            .headers
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .unwrap_or_default();
        let media_type = given.split(';').next().unwrap_or_default().trim();
        if self.unread.is_none() && !media_type.eq_ignore_ascii_case("application/json") {
            return Err(InvalidBody::MediaType(given.into_owned()));
        }
        self.json()
    }

    /// The JSON object in the body, whatever it is declared as.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, InvalidBody> {
        match self.unread {
            Some(Unread::TooLarge) => return Err(InvalidBody::TooLarge),
            Some(Unread::Incomplete) => return Err(InvalidBody::Incomplete),
            None => {}
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(InvalidBody::NotObject),
            Err(error) => Err(InvalidBody::NotJson(error)),
        }
    }
}

fn is_admin_path(path: &str) -> bool {
    path == "/_sandbox" || path.starts_with("/_sandbox/")
}

/// The time for the body is over.
struct Late;

async fn read_body(
    mut body: Incoming,
    limit: usize,
    timeout: Duration,
) -> (Bytes, u64, Option<Unread>) {
    let mut late = None;
    // Most bodies come in one piece, which is kept without copying.
    let mut first = Bytes::new();
    let mut kept: Vec<u8> = Vec::new();
    let mut seen = 0;
    let mut unread = None;
    loop {
        let frame = poll_fn(|cx| match Pin::new(&mut body).poll_frame(cx) {
            Poll::Pending => {
                // Most bodies have come whole: the timer is only made for one that has not.
                let late = late.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
                late.as_mut().poll(cx).map(|()| Err(Late))
            }
            Poll::Ready(frame) => Poll::Ready(Ok(frame)),
        });
        let frame = match frame.await {
            Ok(Some(frame)) => frame,
            Ok(None) => break,
            Err(Late) => {
                unread = Some(Unread::Incomplete);
                break;
            }
        };
        let data = match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => data,
            Ok(Err(_trailers)) => continue,
            Err(_) => {
                unread = Some(Unread::Incomplete);
                break;
            }
        };
        let begins = seen == 0;
        seen += data.len();
        if begins && seen <= limit {
            first = data;
            continue;
        }
        if kept.is_empty() {
            kept.extend_from_slice(&std::mem::take(&mut first));
        }
        let room = limit - kept.len();
        kept.extend_from_slice(data.get(..room).unwrap_or(&data));
        if seen > limit + DRAINED {
            break;
        }
    }
    let body = if kept.is_empty() { first } else { kept.into() };
    let too_large = (seen > limit).then_some(Unread::TooLarge);
    (body, seen as u64, unread.or(too_large))
}
