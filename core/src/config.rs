//! Whose calls, where, and with how much patience.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::dialect::Api;
use crate::mask;
use crate::observe::{Attempt, Observer};
use crate::outcome::Error;
use crate::request::{Fault, id, patience};

const BASE_URL: &str = "https://api.catapult.inetwork.com";
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_RETRIES: u32 = 2;

/// What a client needs to know: the account, the platform's address, and its patience.
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
    user_id: String,
    /// Wiped from memory with the last copy of the configuration.
    authorization: Arc<Zeroizing<String>>,
    base_url: Url,
    ca_file: Option<PathBuf>,
    proxy: Option<Url>,
    timeout: Duration,
    max_retries: u32,
    keep_alive: bool,
    observer: Observer,
}

impl Config {
    /// The environment variables that [`ConfigBuilder::or_env`] reads, each with the setting that
    /// it fills.
    pub const ENVIRONMENT: &'static [(&'static str, &'static str)] = &[
        ("user_id", "BANDWIDTH_USER_ID"),
        ("token", "BANDWIDTH_API_TOKEN"),
        ("secret", "BANDWIDTH_API_SECRET"),
        ("base_url", "CALLTRANSFER_BASE_URL"),
    ];

    /// Begins a configuration with nothing set.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The configuration of the environment: `BANDWIDTH_USER_ID`, `BANDWIDTH_API_TOKEN`,
    /// `BANDWIDTH_API_SECRET`, and perhaps `CALLTRANSFER_BASE_URL`.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration), naming what is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().or_env().build()
    }

    /// The account's user id.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The API that is spoken.
    pub fn api(&self) -> Api {
        Api::V1
    }

    /// The id that stands in every path.
    pub(crate) fn account(&self) -> &str {
        &self.user_id
    }

    /// The platform's address.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// The value of the Authorization header (RFC 7617), marked so that no log shows it.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, Error> {
        let mut value = HeaderValue::from_str(&self.authorization)
            .map_err(|cause| Error::internal("no Authorization header", &cause))?;
        value.set_sensitive(true);
        Ok(value)
    }

    pub(crate) fn proxy(&self) -> Option<&Url> {
        self.proxy.as_ref()
    }

    pub(crate) fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn max_retries(&self) -> u32 {
        self.max_retries
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("user_id", &self.user_id)
            .field("base_url", &self.base_url.as_str())
            .field("ca_file", &self.ca_file)
            .field(
                "proxy",
                &self.proxy.as_ref().map(|proxy| mask::url(proxy.as_str())),
            )
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .field("keep_alive", &self.keep_alive)
            .finish_non_exhaustive()
    }
}

/// Collects the settings of a [`Config`]; what is wrong is told by [`build`](Self::build).
#[derive(Clone, Default)]
pub struct ConfigBuilder {
    user_id: Option<String>,
    token: Option<Zeroizing<String>>,
    secret: Option<Zeroizing<String>>,
    base_url: Option<String>,
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    timeout: Option<Duration>,
    max_retries: Option<u32>,
    keep_alive: Option<bool>,
    observer: Observer,
}

impl ConfigBuilder {
    /// The account's user id, as `u-abc123`: it stands in every path. Needed.
    #[must_use]
    pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
        self.user_id = Some(user_id.into());
        self
    }

    /// The API token, the user name of basic authentication. Needed.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Zeroizing::new(token.into()));
        self
    }

    /// The API secret, the password of basic authentication. Needed.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(Zeroizing::new(secret.into()));
        self
    }

    /// Where the platform is: https, or http to this machine. The platform's own by default.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// A PEM file of certificates to trust, instead of the system's. It is read when the first
    /// https connection is set up.
    #[must_use]
    pub fn ca_file(mut self, ca_file: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(ca_file.into());
        self
    }

    /// An http proxy for the https connection, as `http://user:password@proxy:3128`: it is asked
    /// to CONNECT and sees neither credentials nor calls. None by default: the variables of the
    /// environment that other programs read are not.
    #[must_use]
    pub fn proxy(mut self, proxy: impl Into<String>) -> Self {
        self.proxy = Some(proxy.into());
        self
    }

    /// The time for one transfer, all attempts and waits included: more than 0, an hour at most,
    /// 10 seconds by default. Opening a connection gets a third of it.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many times a transfer is tried again where that can't make it twice: 2 by default, 0
    /// switches it off.
    #[must_use]
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = Some(max_retries);
        self
    }

    /// Whether a connection is used again for the next request, for up to 4 seconds: true by
    /// default. A request that meets a connection just being closed can end unknown; `false`
    /// opens a connection for each request, so that this can't happen.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: bool) -> Self {
        self.keep_alive = Some(keep_alive);
        self
    }

    /// Calls `observer` after each attempt, on the thread that made it, for logs and figures.
    ///
    /// It must not panic and should not block: the transfer waits for it. What it is given holds
    /// no secret and no phone number.
    #[must_use]
    pub fn on_attempt(mut self, observer: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        self.observer = Observer::new(observer);
        self
    }

    /// Fills what was not set from the environment; see [`Config::ENVIRONMENT`]. Empty variables
    /// count as absent.
    #[must_use]
    pub fn or_env(mut self) -> Self {
        self.user_id = self.user_id.or_else(|| variable("user_id"));
        self.token = self.token.or_else(|| variable("token").map(Zeroizing::new));
        self.secret = self
            .secret
            .or_else(|| variable("secret").map(Zeroizing::new));
        self.base_url = self.base_url.or_else(|| variable("base_url"));
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration), naming all that is missing, or the
    /// first that is wrong.
    pub fn build(self) -> Result<Config, Error> {
        let (Some(user_id), Some(token), Some(secret)) = (&self.user_id, &self.token, &self.secret)
        else {
            return Err(self.missing());
        };
        id::check("user_id", user_id).map_err(misconfigured)?;
        let authorization = basic(token, secret)?;
        let base_url = base_url(self.base_url.as_deref().unwrap_or(BASE_URL))?;
        let timeout = self.timeout.unwrap_or(TIMEOUT);
        patience::check(timeout).map_err(misconfigured)?;
        let proxy = self
            .proxy
            .as_deref()
            .map(|proxy| proxy_url(proxy, &base_url))
            .transpose()?;
        Ok(Config {
            user_id: user_id.clone(),
            authorization: Arc::new(authorization),
            base_url,
            ca_file: self.ca_file,
            timeout,
            max_retries: self.max_retries.unwrap_or(MAX_RETRIES),
            keep_alive: self.keep_alive.unwrap_or(true),
            proxy,
            observer: self.observer,
        })
    }

    fn missing(&self) -> Error {
        let absent = [
            self.user_id.is_none(),
            self.token.is_none(),
            self.secret.is_none(),
        ];
        let missing: Vec<_> = Config::ENVIRONMENT
            .iter()
            .zip(absent)
            .filter_map(|(names, absent)| absent.then_some(*names))
            .collect();
        let fields: Vec<_> = missing.iter().map(|(field, _)| *field).collect();
        let variables: Vec<_> = missing.iter().map(|(_, variable)| *variable).collect();
        let message = format!(
            "{}: missing; give to the client or set {}",
            fields.join(", "),
            variables.join(", ")
        );
        Error::misconfigured(fields.first().copied().unwrap_or("user_id"), message)
    }
}

impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("user_id", &self.user_id)
            .field("base_url", &self.base_url.as_deref().map(mask::url))
            .field("ca_file", &self.ca_file)
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}

fn misconfigured(fault: Fault) -> Error {
    Error::misconfigured(&fault.field, fault.message)
}

fn variable(field: &str) -> Option<String> {
    let (_, name) = Config::ENVIRONMENT
        .iter()
        .find(|(known, _)| *known == field)?;
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Basic authentication (RFC 7617).
fn basic(token: &str, secret: &str) -> Result<Zeroizing<String>, Error> {
    for (field, value) in [("token", token), ("secret", secret)] {
        if value.is_empty() || value.chars().any(char::is_control) {
            return Err(Error::configuration(
                field,
                "is empty or holds control characters",
            ));
        }
    }
    if token.contains(':') {
        return Err(Error::configuration(
            "token",
            "holds a colon, which basic authentication can't carry",
        ));
    }
    let pair = Zeroizing::new(format!("{token}:{secret}"));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Ok(Zeroizing::new(format!("Basic {}", *encoded)))
}

/// https anywhere, http only to loopback: credentials never cross a network in the clear.
fn base_url(text: &str) -> Result<Url, Error> {
    let refused = |reason: &str| {
        let shown = mask::url(text);
        Error::configuration("base_url", format!("\"{shown}\" {reason}"))
    };
    let url = Url::parse(text)
        .map_err(|_| refused("is no URL; allowed is https://host, or http:// to loopback"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" if url.has_host() => {}
        "http" if loopback => {}
        "http" => {
            return Err(refused(
                "is plain http, which is allowed to loopback only; use https",
            ));
        }
        _ => return Err(refused("is no https address")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(
            "holds credentials; give token and secret by themselves",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("holds a query or a fragment"));
    }
    Ok(url)
}

/// An http proxy that is asked to CONNECT; plain http to loopback needs none.
fn proxy_url(text: &str, base_url: &Url) -> Result<Url, Error> {
    let refused = |reason: &str| {
        let shown = mask::url(text);
        Error::configuration("proxy", format!("\"{shown}\" {reason}"))
    };
    if base_url.scheme() != "https" {
        return Err(refused("counts only with an https base_url"));
    }
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(url),
        _ => Err(refused("is no proxy; allowed is http://host:port")),
    }
}
