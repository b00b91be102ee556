//! Opening connections: name look-up, TCP, the way through a proxy, TLS.
//!
//! Shared by all connections that a process has for one client: the TLS sessions that can be
//! resumed, and what is known of the servers.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Ready, ready};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;
use zeroize::Zeroizing;

use super::connection::{Connection, Stream};
use super::idle_clock::WatchedStream;
use super::origin::Origin;
use super::{dial, resolver, tls};
use crate::config::Config;
use crate::config::ca_file::CaFile;
use crate::error::Error;
use crate::http_request::authorization_header;

/// A connection that takes more than this share of the time is given up, so that there is time for
/// another try: nothing was sent yet.
const CONNECT_SHARE: u32 = 3;

pub(super) struct Connector {
    tls: Option<TlsConnector>,
    /// Has to be loaded before the first connection.
    ca_file: Option<Arc<CaFile>>,
    proxy: Option<Proxy>,
    time: Duration,
    /// The platform, and perhaps another server for the tokens of v2.
    origins: Mutex<Vec<Arc<Origin>>>,
}

/// Where the proxy is, and what it wants to know.
struct Proxy {
    origin: Origin,
    authorization: Option<HeaderValue>,
}

impl Connector {
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let is_secure = config.base_url().scheme() == "https";
        let ca_file = config.ca_file().filter(|_| is_secure).cloned();
        let tls = match &ca_file {
            Some(file) => Some(tls::of_file(Arc::clone(file))?),
            None if is_secure => Some(tls::system()?),
            None => None,
        };
        Ok(Self {
            tls: tls.map(|mut config| {
                config.alpn_protocols = vec![b"http/1.1".to_vec()];
                // A request that goes out before the handshake is over could be replayed.
                config.enable_early_data = false;
                TlsConnector::from(Arc::new(config))
            }),
            ca_file,
            proxy: config.proxy().map(Proxy::new).transpose()?,
            time: config.timeout() / CONNECT_SHARE,
            origins: Mutex::default(),
        })
    }

    /// Loads what is needed before there can be a connection, by `deadline` at the latest.
    pub(super) async fn load(&self, deadline: Instant) -> Result<(), Error> {
        match &self.ca_file {
            Some(file) => file.load(deadline).await,
            None => Ok(()),
        }
    }

    /// The server that a URL leads to.
    pub(super) fn origin(&self, url: &Url) -> Result<Arc<Origin>, Error> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = origins.iter().find(|origin| origin.is_of(url)) {
            return Ok(Arc::clone(known));
        }
        let origin = Arc::new(Origin::of(url)?);
        origins.push(Arc::clone(&origin));
        Ok(origin)
    }

    /// Opens a connection within its share of the time. At `deadline`, the caller stops waiting.
    pub(super) async fn connect(
        &self,
        origin: Arc<Origin>,
        deadline: Instant,
        may_be_open: Option<OwnedSemaphorePermit>,
    ) -> Result<Connection, ConnectError> {
        let end = Instant::now() + self.time;
        let opening = self.open(origin, may_be_open);
        if end >= deadline {
            return opening.await;
        }
        timeout_at(end, opening)
            .await
            .unwrap_or(Err(ConnectError::TimedOut))
    }

    async fn open(
        &self,
        origin: Arc<Origin>,
        may_be_open: Option<OwnedSemaphorePermit>,
    ) -> Result<Connection, ConnectError> {
        let stream = match &self.proxy {
            Some(proxy) if origin.is_secure => {
                let stream = self.dial(&proxy.origin).await;
                let stream = stream.map_err(|cause| ConnectError::Proxy(Box::new(cause)))?;
                proxy.tunnel(stream, &origin).await?
            }
            _ => self.dial(&origin).await?,
        };
        let (stream, clock) = WatchedStream::new(stream);
        let stream = match (&self.tls, &origin.server_name) {
            (Some(tls), Some(name)) => {
                let stream = tls.connect(name.clone(), stream).await;
                Stream::Tls(Box::new(stream.map_err(ConnectError::Tls)?))
            }
            (None, None) => Stream::Plain(stream),
            _ => {
                let cause = io::Error::other("the configuration has no such TLS");
                return Err(ConnectError::Tls(cause));
            }
        };
        Connection::begin(stream, origin, clock, may_be_open)
            .await
            .map_err(|cause| ConnectError::Tcp(io::Error::other(cause)))
    }

    async fn dial(&self, origin: &Origin) -> Result<tokio::net::TcpStream, ConnectError> {
        let addresses = resolver::resolve(&origin.host, origin.port).await;
        let addresses = addresses.map_err(ConnectError::Resolve)?;
        let stream = dial::connect(&addresses).await;
        stream.map_err(|cause| {
            resolver::forget(&origin.host);
            ConnectError::Tcp(cause)
        })
    }
}

impl Proxy {
    fn new(url: &Url) -> Result<Self, Error> {
        Ok(Self {
            origin: Origin::of(url)?,
            authorization: Self::authorization(url)?,
        })
    }

    fn authorization(url: &Url) -> Result<Option<HeaderValue>, Error> {
        if url.username().is_empty() && url.password().is_none() {
            return Ok(None);
        }
        let plain = |part| Zeroizing::new(percent_decode_str(part).collect::<Vec<u8>>());
        let mut pair = plain(url.username());
        pair.push(b':');
        pair.extend_from_slice(&plain(url.password().unwrap_or_default()));
        let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(&*pair)));
        authorization_header(&value).map(Some)
    }

    /// Asks the proxy for the way to the server.
    async fn tunnel(
        &self,
        stream: tokio::net::TcpStream,
        origin: &Origin,
    ) -> Result<tokio::net::TcpStream, ConnectError> {
        let host = match origin.host.contains(':') {
            true => format!("[{}]", origin.host),
            false => origin.host.clone(),
        };
        let target = format!("https://{host}:{}", origin.port).parse();
        let target: Uri = target.map_err(|cause| ConnectError::Proxy(Box::new(cause)))?;
        let mut tunnel = Tunnel::new(target.clone(), Opened(Some(TokioIo::new(stream))));
        if let Some(authorization) = &self.authorization {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        match tunnel.call(target).await {
            Ok(stream) => Ok(stream.into_inner()),
            Err(cause) => Err(ConnectError::Proxy(Box::new(cause))),
        }
    }
}

/// A connection to the proxy, on which a tunnel is requested.
struct Opened(Option<TokioIo<tokio::net::TcpStream>>);

impl Service<Uri> for Opened {
    type Response = TokioIo<tokio::net::TcpStream>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(
            self.0
                .take()
                .ok_or_else(|| io::ErrorKind::NotConnected.into()),
        )
    }
}

/// Why there is no connection. Nothing was sent.
#[derive(Debug)]
pub(super) enum ConnectError {
    Resolve(resolver::Unresolved),
    Tcp(io::Error),
    Proxy(Box<dyn StdError + Send + Sync>),
    Tls(io::Error),
    TimedOut,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(cause) => cause.fmt(f),
            Self::Tcp(_) => f.write_str("tcp connect error"),
            Self::Proxy(cause) => cause.fmt(f),
            Self::Tls(cause) => cause.fmt(f),
            Self::TimedOut => f.write_str("no connection in a third of the timeout"),
        }
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Resolve(cause) => cause.source(),
            Self::Tcp(cause) => Some(cause),
            Self::Proxy(cause) => cause.source(),
            // Wraps the TLS library's own error, which `source` of an io::Error hides.
            Self::Tls(cause) => cause.get_ref().map(|cause| cause as _),
            Self::TimedOut => None,
        }
    }
}
