//! The only place that names the HTTP library: connections, and one exchange on one of them.

mod ca_file;
mod connection;
mod connector;
mod descriptors;
mod dial;
mod failure;
mod gate;
mod idle_clock;
mod one_shot_body;
mod origin;
mod permit;
mod pool;
mod progress;
mod resolver;
mod runtime_pool;
mod signals;
mod tcp_info;
mod tls;
mod workers;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use tokio::time::Instant;
use url::{Position, Url};

pub use descriptors::Mark;
pub(crate) use failure::{cancelled, descriptors_closed, not_permitted, rate_exceeded};
pub use permit::SendPermit;
pub(crate) use progress::RequestProgress;
pub(crate) use runtime_pool::{RuntimePool, look_after_connections};
pub(crate) use signals::spawn_without_signals;
pub(crate) use workers::{Abandon, AssignedWorker, WorkerClient, is_first_worker, shut_down};

use crate::config::Config;
use crate::error::Error;
use crate::memory;
use crate::per_process::PerProcess;
use crate::policy::idle_limit;
use crate::protocol::http_request::{Action, HttpRequest};
use crate::response::{BODY_LIMIT, PAGE_BODY_LIMIT, Response, is_web_page};
use connection::Connection;
use connector::{ConnectError, Connector};
use gate::{Gate, Turn};
use one_shot_body::OneShotBody;
use origin::Origin;
use pool::Pool;
pub use tls::load_system_certificates;

const OUR_NAME: &str = concat!("calltransfer/", env!("CARGO_PKG_VERSION"));
/// A body that only shows whether a web server sent a page is waited for no longer than this.
const PAGE_TIME: Duration = Duration::from_secs(1);
/// A body that is not needed is waited for no longer than this.
const REST_TIME: Duration = Duration::from_millis(20);
/// More of such a body is not read.
const PAGE_LIMIT: usize = 4 * 1024;

/// What the connections of one client share in one process.
#[derive(Clone, Default)]
pub(crate) struct Network(Arc<PerProcess<OnceLock<Arc<Connector>>>>);

impl Network {
    /// An HTTP client for the runtime that is going to use it, with as many connections as it
    /// needs.
    pub(crate) fn http(&self, config: &Config) -> Result<Http, Error> {
        self.http_within(config, None)
    }

    /// As [`http`](Self::http), with as many connections as `gate` lets through.
    fn http_within(&self, config: &Config, gate: Option<Arc<Gate>>) -> Result<Http, Error> {
        let shared = self.0.current();
        let connector = match shared.get() {
            Some(connector) => connector,
            None => {
                // Made outside of any lock, so that a fork in between leaves none held.
                let made = Arc::new(Connector::new(config)?);
                shared.get_or_init(|| made)
            }
        };
        let pool = Arc::default();
        let gate = gate.map(|gate| {
            let member = gate.join(&pool);
            (gate, member)
        });
        Ok(Http(Arc::new(Inner {
            connector: Arc::clone(connector),
            pool,
            gate,
            keeps_alive: config.keep_alive(),
            unused_proxy: config.unused_proxy(),
        })))
    }
}

/// An HTTP client that sends what it is given, once. Its connections belong to one runtime.
#[derive(Clone)]
pub(crate) struct Http(Arc<Inner>);

struct Inner {
    connector: Arc<Connector>,
    pool: Arc<Pool>,
    /// What limits its connections, and its number there.
    gate: Option<(Arc<Gate>, usize)>,
    keeps_alive: bool,
    /// A variable that other programs take a proxy from, where this one has none.
    unused_proxy: Option<&'static str>,
}

impl Http {
    /// Loads what is needed before anything can be sent, by `deadline` at the latest.
    pub(crate) async fn load(&self, deadline: Instant) -> Result<(), Error> {
        self.0.connector.load(deadline).await
    }

    pub(crate) fn keeps_alive(&self) -> bool {
        self.0.keeps_alive
    }

    /// Sends `http_request` once and reads the response, by `deadline` at the latest.
    ///
    /// `is_proved_by`: whether the head of a success proves it, so that no body is read.
    pub(crate) async fn exchange(
        &self,
        http_request: &HttpRequest,
        authorization: HeaderValue,
        deadline: Instant,
        progress: &Arc<RequestProgress>,
        is_proved_by: &(dyn Fn(&HeaderMap) -> bool + Sync),
    ) -> Result<Response, Error> {
        let turn = self.turn(http_request.action, deadline, progress).await?;
        // Boxed, because most requests of a burst wait for their turn: they are small meanwhile.
        let exchanging = self.exchange_now(
            http_request,
            authorization,
            deadline,
            progress,
            is_proved_by,
            turn.is_some(),
        );
        Box::pin(exchanging).await
    }

    /// Waits until the request may have a connection; `None` where nothing limits that.
    async fn turn(
        &self,
        action: Action,
        deadline: Instant,
        progress: &RequestProgress,
    ) -> Result<Option<Turn>, Error> {
        let Some((gate, member)) = &self.0.gate else {
            return Ok(None);
        };
        if gate.is_default() && progress.is_limited_elsewhere() {
            return Ok(None);
        }
        if let Some(turn) = gate.try_turn(*member) {
            return Ok(Some(turn));
        }
        match tokio::time::timeout_at(latest_begin(deadline), gate.turn(*member)).await {
            Ok(Some(turn)) => Ok(Some(turn)),
            Ok(None) => Err(Error::internal("no turn", &"the worker is not known")),
            Err(_) => Err(failure::no_turn(action, gate.most())),
        }
    }

    async fn exchange_now(
        &self,
        http_request: &HttpRequest,
        authorization: HeaderValue,
        deadline: Instant,
        progress: &Arc<RequestProgress>,
        is_proved_by: &(dyn Fn(&HeaderMap) -> bool + Sync),
        is_limited: bool,
    ) -> Result<Response, Error> {
        let origin = self.0.connector.origin(&http_request.url)?;
        let request = request_of(http_request, &origin, authorization, progress)?;
        let sending = self.send(request, &origin, deadline, is_limited);
        match tokio::time::timeout_at(deadline, sending).await {
            Err(_) => Err(failure::timed_out(http_request.action, progress)),
            Ok(Err(cause)) => Err(failure::read(
                cause,
                http_request,
                progress,
                self.0.unused_proxy,
            )),
            Ok(Ok((connection, response))) => {
                let (response, is_read) =
                    read(response, http_request, deadline, is_proved_by).await;
                if is_read && self.0.keeps_alive && stays_open(&response.headers) {
                    self.0.pool.put(connection);
                }
                Ok(response)
            }
        }
    }

    /// Opens a connection for the next request to there, if there is none that stays open for a
    /// while.
    pub(crate) async fn prepare(
        &self,
        http_request: &HttpRequest,
        deadline: Instant,
        progress: &Arc<RequestProgress>,
    ) -> Result<Response, Error> {
        let origin = self.0.connector.origin(&http_request.url)?;
        if !self.0.pool.is_ready(&origin) {
            let turn = self.turn(http_request.action, deadline, progress).await?;
            let connecting = self.open(origin, deadline, turn.is_some());
            let connected = match tokio::time::timeout_at(deadline, connecting).await {
                Err(_) => Err(failure::timed_out(http_request.action, progress)),
                Ok(connected) => connected.map_err(|cause| {
                    let unused_proxy = self.0.unused_proxy;
                    failure::read(cause.into(), http_request, progress, unused_proxy)
                }),
            };
            let connection = connected?;
            if self.0.keeps_alive {
                self.0.pool.put(connection);
            }
        }
        Ok(Response {
            status: StatusCode::NO_CONTENT.as_u16(),
            is_web_page: false,
            headers: HeaderMap::new(),
            body: Vec::new(),
            host: String::new(),
        })
    }

    /// Whether there is a connection for the next request to there, as far as is known.
    pub(crate) fn is_ready(&self, url: &Url) -> bool {
        let origin = self.0.connector.origin(url);
        origin.is_ok_and(|origin| self.0.pool.is_ready(&origin))
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A new connection; `is_limited`: the request has a turn of the gate.
    async fn open(
        &self,
        origin: Arc<Origin>,
        deadline: Instant,
        is_limited: bool,
    ) -> Result<Connection, ConnectError> {
        let may_be_open = match &self.0.gate {
            Some((gate, _)) if is_limited => gate.may_open().await,
            _ => None,
        };
        let connector = &self.0.connector;
        connector.connect(origin, deadline, may_be_open).await
    }

    /// On a kept connection, or a new one where there is none.
    async fn send(
        &self,
        mut request: http::Request<OneShotBody>,
        origin: &Arc<Origin>,
        deadline: Instant,
        is_limited: bool,
    ) -> Result<(Connection, http::Response<Incoming>), SendError> {
        loop {
            let (mut connection, was_kept) = match self.0.pool.take(origin).await {
                Some(kept) => (kept, true),
                None => {
                    let origin = Arc::clone(origin);
                    (self.open(origin, deadline, is_limited).await?, false)
                }
            };
            match connection.send(request).await {
                Ok(response) => {
                    connection.responded();
                    origin.announce(announced_timeout(response.headers()));
                    return Ok((connection, response));
                }
                Err(mut error) => {
                    // Not if the body was refused: then the connection ends because of that.
                    let is_unreceived = !error.error().is_user() && connection.lost();
                    match error.take_message() {
                        // Closed before it took the request: nothing was sent.
                        Some(unsent) if was_kept => request = unsent,
                        None if is_unreceived => return Err(SendError::Unreceived),
                        _ => return Err(SendError::Lost(error.into_error())),
                    }
                }
            }
        }
    }
}

/// Who gets a turn later than this, with a tenth of the time left, is not sent any more: the time
/// would run out amidst the request, and its outcome be unknown.
pub(crate) fn latest_begin(deadline: Instant) -> Instant {
    let left = deadline.saturating_duration_since(Instant::now());
    deadline.checked_sub(left / 10).unwrap_or(deadline)
}

/// Why there is no response.
enum SendError {
    Connect(ConnectError),
    /// The server had closed the connection, idle as it was, before it received the first byte.
    Unreceived,
    Lost(hyper::Error),
}

impl From<ConnectError> for SendError {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

fn request_of(
    http_request: &HttpRequest,
    origin: &Origin,
    authorization: HeaderValue,
    progress: &Arc<RequestProgress>,
) -> Result<http::Request<OneShotBody>, Error> {
    let (bytes, content_type) = http_request.body.clone().unzip();
    let body = OneShotBody::new(bytes, Arc::clone(progress));
    let target = &http_request.url[Position::BeforePath..Position::AfterQuery];
    let target = PathAndQuery::try_from(target)
        .map_err(|cause| Error::internal("the URL's path can't be sent", &cause))?;
    let mut request = http::Request::new(body);
    *request.method_mut() = http_request.method.clone();
    *request.uri_mut() = Uri::from(target);
    let headers = request.headers_mut();
    headers.insert(HOST, origin.authority.clone());
    headers.insert(AUTHORIZATION, authorization);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(OUR_NAME));
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, content_type);
    }
    Ok(request)
}

/// How long the server says that it keeps an idle connection.
fn announced_timeout(headers: &HeaderMap) -> Option<Duration> {
    idle_limit::announced_timeout(headers.get("keep-alive")?.to_str().ok()?)
}

/// Whether the server keeps the connection, as far as it says.
fn stays_open(headers: &HeaderMap) -> bool {
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
async fn read(
    mut response: http::Response<Incoming>,
    http_request: &HttpRequest,
    deadline: Instant,
    is_proved_by: &(dyn Fn(&HeaderMap) -> bool + Sync),
) -> (Response, bool) {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut incoming = response.into_body();
    let (limit, deadline) = match needs_body(status, http_request.action) {
        true if status.is_success() && http_request.action == Action::ListCalls => {
            (PAGE_BODY_LIMIT, deadline)
        }
        true => (BODY_LIMIT, deadline),
        false if status.is_success() && !is_proved_by(&headers) => {
            (PAGE_LIMIT, deadline.min(Instant::now() + PAGE_TIME))
        }
        false => (0, deadline),
    };
    let mut body = Vec::new();
    let mut is_read = incoming.is_end_stream();
    if limit > 0 {
        let reading = async {
            while let Some(Ok(frame)) = poll_fn(|context| next_frame(&mut incoming, context)).await
            {
                let chunk = frame.into_data().unwrap_or_default();
                let room = limit - body.len();
                let chunk = &chunk[..chunk.len().min(room)];
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
        // A body that drips past the deadline is read as far as it came.
        let _ = tokio::time::timeout_at(deadline, reading).await;
    }
    if !memory::has_room_for(body.len()) {
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
fn host_of(url: &Url) -> String {
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
