//! The only place that names reqwest: the HTTP client's set-up and one exchange.

mod ca_file;
mod descriptors;
mod failure;
mod one_shot_body;
mod progress;
mod resolver;
mod runtime_pool;
mod signals;
mod sigpipe;
mod tls;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::Instant;
use url::Url;

pub use descriptors::Mark;
pub(crate) use failure::{cancelled, descriptors_closed};
pub(crate) use progress::RequestProgress;
pub(crate) use runtime_pool::{RuntimePool, look_after_connections};
pub(crate) use workers::{Abandon, WorkerClient};

use crate::config::Config;
use crate::config::ca_file::CaFile;
use crate::error::Error;
use crate::protocol::http_request::{Action, HttpRequest};
use crate::response::{BODY_LIMIT, PAGE_BODY_LIMIT, Response, is_web_page};
use one_shot_body::{NoBody, OneShotBody};
pub use tls::load_system_certificates;

/// A connection that was idle for longer is not used again: few servers close theirs sooner, and a
/// request on a connection that is being closed may end unknown.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// A connection that takes more than this share of the time is given up, so that there is time for
/// another try: nothing was sent yet.
const CONNECT_SHARE: u32 = 3;
/// A body that only shows whether a web server sent a page is waited for no longer than this.
const PAGE_TIME: Duration = Duration::from_secs(1);
/// More of such a body is not read.
const PAGE_LIMIT: usize = 4 * 1024;

/// An HTTP client that sends what it is given, once.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    /// What has to be loaded before the first request.
    ca_file: Option<Arc<CaFile>>,
    keeps_alive: bool,
    /// A variable that other programs take a proxy from, where this one has none.
    unused_proxy: Option<&'static str>,
}

impl Http {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let secure = config.base_url().scheme() == "https";
        let tls = match config.ca_file() {
            Some(file) if secure => tls::of_file(Arc::clone(file))?,
            None if secure => tls::system()?,
            _ => tls::none()?,
        };
        // Every switch is set by name: another crate of the build may change the defaults.
        let builder = reqwest::Client::builder().no_proxy();
        let builder = match config.proxy() {
            Some(proxy) => {
                builder.proxy(reqwest::Proxy::https(proxy.clone()).map_err(|cause| {
                    Error::internal("the proxy could not be set up", &cause.without_url())
                })?)
            }
            None => builder,
        };
        builder
            .tls_backend_preconfigured(tls)
            .https_only(secure)
            .http1_only()
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_hickory_dns()
            .connection_verbose(false)
            .dns_resolver(resolver::SystemResolver::default())
            .tcp_nodelay(true)
            .connect_timeout(config.timeout() / CONNECT_SHARE)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(if config.keep_alive() { usize::MAX } else { 0 })
            .user_agent(concat!("calltransfer/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self {
                client,
                ca_file: config.ca_file().filter(|_| secure).cloned(),
                keeps_alive: config.keep_alive(),
                unused_proxy: config.unused_proxy(),
            })
            .map_err(|cause| {
                Error::internal("the HTTP client could not be set up", &cause.without_url())
            })
    }

    /// Loads what is needed before anything can be sent, by `deadline` at the latest.
    pub(crate) async fn load(&self, deadline: Instant) -> Result<(), Error> {
        match &self.ca_file {
            Some(file) => file.load(deadline).await,
            None => Ok(()),
        }
    }

    pub(crate) fn keeps_alive(&self) -> bool {
        self.keeps_alive
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
        let mut request = self
            .client
            .request(http_request.method.clone(), http_request.url.clone())
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        request = match &http_request.body {
            Some((bytes, content_type)) => {
                let body = OneShotBody::new(bytes.clone(), Arc::clone(progress));
                request
                    .header(CONTENT_TYPE, content_type)
                    .body(reqwest::Body::wrap(body))
            }
            None => request.body(reqwest::Body::wrap(NoBody::new(Arc::clone(progress)))),
        };
        match tokio::time::timeout_at(deadline, request.send()).await {
            Err(_) => Err(failure::timed_out(http_request.action, progress)),
            Ok(Err(error)) => Err(failure::read(
                error,
                http_request.action,
                progress,
                self.unused_proxy,
            )),
            Ok(Ok(response)) => Ok(read(response, http_request, deadline, is_proved_by).await),
        }
    }
}

/// The head decides; nothing that goes wrong in the body can take it back.
///
/// The body of a success that the head doesn't prove is looked at, because a web page proves
/// nothing.
async fn read(
    mut response: reqwest::Response,
    http_request: &HttpRequest,
    deadline: Instant,
    is_proved_by: &(dyn Fn(&HeaderMap) -> bool + Sync),
) -> Response {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
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
    let mut is_empty = false;
    if limit > 0 {
        let reading = async {
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) => {
                        let room = limit - body.len();
                        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                        if body.len() == limit {
                            break;
                        }
                    }
                    Ok(None) => {
                        is_empty = body.is_empty();
                        break;
                    }
                    Err(_) => break,
                }
            }
        };
        // A body that drips past the deadline is read as far as it came.
        let _ = tokio::time::timeout_at(deadline, reading).await;
    }
    Response {
        status: status.as_u16(),
        is_web_page: limit > 0 && is_web_page(&headers, &body, is_empty),
        headers,
        body,
        host: match limit {
            0 => String::new(),
            _ => host_of(&http_request.url),
        },
    }
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
