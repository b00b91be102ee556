//! Client configuration: account, base URL, timeouts.

mod address;
mod builder;
pub(crate) mod ca_file;
mod credentials;
mod environment;
pub(crate) mod loopback;
pub(crate) mod wrapped;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use url::Url;

use crate::api::Api;
use crate::error::Error;
use crate::observe::Observer;
use crate::redact::{self, Secrets};
use ca_file::CaFile;

pub use builder::ConfigBuilder;
pub(crate) use credentials::Credentials;
pub(crate) use environment::is_untrusted;

/// The settings of a client: account, base URL, timeouts and more.
///
/// `Debug` shows neither token nor secret. A configuration is `Send` and `Sync`.
///
/// ```
/// use std::time::Duration;
/// use calltransfer::Config;
///
/// let config = Config::builder()
///     .user_id("u-abc123")
///     .token("t-token")
///     .secret("s-secret")
///     .timeout(Duration::from_secs(5))
///     .build()?;
/// assert!(!format!("{config:?}").contains("s-secret"));
/// # Ok::<(), calltransfer::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    api: Api,
    account: String,
    credentials: Credentials,
    /// Read from the credentials when they are first needed to redact a response.
    secrets: Arc<OnceLock<Secrets>>,
    base_url: Url,
    ca_file: Option<Arc<CaFile>>,
    proxy: Option<Url>,
    unused_proxy: Option<&'static str>,
    timeout: Duration,
    max_retries: u32,
    max_connections: Option<usize>,
    rate: Option<f64>,
    keep_alive: bool,
    keep_ready: bool,
    observer: Observer,
}

impl Config {
    /// The environment variables that [`ConfigBuilder::or_env`] reads, each with the setting that
    /// it fills.
    pub const ENVIRONMENT: &'static [(&'static str, &'static str)] = &[
        ("user_id", "BANDWIDTH_USER_ID"),
        ("token", "BANDWIDTH_API_TOKEN"),
        ("secret", "BANDWIDTH_API_SECRET"),
        ("account_id", "BW_ACCOUNT_ID"),
        ("client_id", "BW_CLIENT_ID"),
        ("client_secret", "BW_CLIENT_SECRET"),
        ("username", "BW_USERNAME"),
        ("password", "BW_PASSWORD"),
        ("api", "CALLTRANSFER_API"),
        ("base_url", "CALLTRANSFER_BASE_URL"),
        ("proxy", "CALLTRANSFER_PROXY"),
    ];

    /// Begins a configuration with nothing set.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// Reads the configuration from the environment: for v1 `BANDWIDTH_USER_ID`,
    /// `BANDWIDTH_API_TOKEN` and `BANDWIDTH_API_SECRET`; for v2 `BW_ACCOUNT_ID` with `BW_CLIENT_ID`
    /// and `BW_CLIENT_SECRET` (or `BW_USERNAME` and `BW_PASSWORD`); `CALLTRANSFER_API` if there are
    /// both; optionally `CALLTRANSFER_BASE_URL` and `CALLTRANSFER_PROXY`. A set-user-id program
    /// reads none of them.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration), naming what is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().or_env().build()
    }

    /// The API that is used, as the credentials or `api` decided.
    pub fn api(&self) -> Api {
        self.api
    }

    /// The id that is part of every path: the user id of v1, the account id of v2.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The platform's address.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The secrets that it was built with, except those of [`Credentials::Tokens`].
    pub(crate) fn secrets(&self) -> &Secrets {
        self.secrets.get_or_init(|| {
            let mut secrets = Secrets::default();
            if let Credentials::Basic(basic) = &self.credentials {
                secrets.add_basic(basic, self.api == Api::V1);
            }
            if let Some(proxy) = &self.proxy {
                credentials::add_proxy(&mut secrets, proxy);
            }
            secrets
        })
    }

    pub(crate) fn proxy(&self) -> Option<&Url> {
        self.proxy.as_ref()
    }

    /// A variable of the environment that names a proxy, if this client has none.
    pub(crate) fn unused_proxy(&self) -> Option<&'static str> {
        let wanted = self.proxy.is_none() && self.base_url.scheme() == "https";
        self.unused_proxy.filter(|_| wanted)
    }

    pub(crate) fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    pub(crate) fn keep_ready(&self) -> bool {
        self.keep_ready
    }

    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    pub(crate) fn ca_file(&self) -> Option<&Arc<CaFile>> {
        self.ca_file.as_ref()
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn max_retries(&self) -> u32 {
        self.max_retries
    }

    /// Of a background client; `None` if it wasn't set.
    pub(crate) fn max_connections(&self) -> Option<usize> {
        self.max_connections
    }

    /// Transfers a second.
    pub(crate) fn rate(&self) -> Option<f64> {
        self.rate
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("api", &format_args!("{}", self.api))
            .field("account", &self.account)
            .field("base_url", &self.base_url.as_str())
            .field("ca_file", &self.ca_file.as_ref().map(|file| file.path()))
            .field(
                "proxy",
                &self.proxy.as_ref().map(|proxy| redact::url(proxy.as_str())),
            )
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .field("max_connections", &self.max_connections)
            .field("rate", &self.rate)
            .field("keep_alive", &self.keep_alive)
            .field("keep_ready", &self.keep_ready)
            .finish_non_exhaustive()
    }
}
