//! The only module that uses the HTTP library: connections, and one exchange on one of them.

mod ca_file;
mod connection;
mod connector;
mod descriptors;
mod dial;
mod failure;
mod gate;
mod idle_clock;
mod in_flight;
mod one_shot_body;
mod origin;
mod permit;
mod pool;
mod progress;
mod reading;
mod resolver;
mod runtime_pool;
mod signals;
mod tcp_info;
mod tls;
mod worker_client;
mod workers;

use std::sync::{Arc, OnceLock};

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use hyper::body::Incoming;
use tokio::time::Instant;
use url::{Position, Url};

pub use descriptors::Mark;
pub(crate) use failure::{cancelled, descriptors_closed, not_permitted, rate_exceeded};
pub(crate) use in_flight::Abandon;
pub use permit::SendPermit;
pub(crate) use progress::RequestProgress;
pub(crate) use runtime_pool::{RuntimePool, look_after_connections};
pub(crate) use signals::spawn_without_signals;
pub(crate) use worker_client::WorkerClient;
pub(crate) use workers::{AssignedWorker, is_first_worker, shut_down};

use crate::config::Config;
use crate::error::Error;
use crate::http_request::{Action, HttpRequest};
use crate::per_process::PerProcess;
use crate::response::Response;
use connection::Connection;
use connector::{ConnectError, Connector};
use gate::{Gate, Turn};
use one_shot_body::OneShotBody;
use origin::Origin;
use pool::Pool;
use reading::{announced_timeout, host_of, read, stays_open};
pub use tls::load_system_certificates;

const OUR_NAME: &str = concat!("calltransfer/", env!("CARGO_PKG_VERSION"));

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
    /// `is_success_certain`: whether the head of a success proves it, so that no body is read.
    pub(crate) async fn exchange(
        &self,
        http_request: &HttpRequest,
        authorization: HeaderValue,
        deadline: Instant,
        progress: &Arc<RequestProgress>,
        is_success_certain: &(dyn Fn(&HeaderMap) -> bool + Sync),
    ) -> Result<Response, Error> {
        let turn = self.turn(http_request.action, deadline, progress).await?;
        // Boxed, because most requests of a burst wait for their turn: they are small meanwhile.
        let exchanging = self.exchange_now(
            http_request,
            authorization,
            deadline,
            progress,
            is_success_certain,
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
        is_success_certain: &(dyn Fn(&HeaderMap) -> bool + Sync),
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
                    read(response, http_request, deadline, is_success_certain).await;
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

/// A request that gets its turn later than this, with less than a tenth of its time left, is not sent:
/// the time would run out while it is in progress, and its outcome would be unknown.
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
