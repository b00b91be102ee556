//! The settings as the program sets them, and their checks.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::ca_file::CaFile;
use super::credentials::Given;
use super::environment::{unused_proxy, value_of, variable_of};
use super::{Config, address};
use crate::api::Api;
use crate::error::Error;
use crate::observe::{Attempt, Observer, RequestRecord};
use crate::policy::concurrency;
use crate::policy::pace::Pace;
use crate::redact;
use crate::transfer::timeout;

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_RETRIES: u32 = 2;

/// Collects the settings of a [`Config`]; [`build`](Self::build) checks them.
#[derive(Clone, Default)]
pub struct ConfigBuilder {
    api: Option<String>,
    given: Given,
    base_url: Option<String>,
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    env_proxy: Option<String>,
    unused_proxy: Option<&'static str>,
    timeout: Option<Duration>,
    max_retries: Option<u32>,
    max_connections: Option<usize>,
    rate: Option<f64>,
    keep_alive: Option<bool>,
    keep_ready: bool,
    observer: Observer,
}

impl ConfigBuilder {
    /// The API to use, `v1` or `v2`. By default the credentials decide; it is needed only if there
    /// are credentials for both.
    #[must_use]
    pub fn api(mut self, api: impl Into<String>) -> Self {
        self.api = Some(api.into());
        self
    }

    /// v1: the account's user ID, such as `u-abc123`. It is part of every path.
    #[must_use]
    pub fn user_id(self, user_id: impl Into<String>) -> Self {
        self.give("user_id", user_id)
    }

    /// v1: the API token, the user name of basic authentication.
    #[must_use]
    pub fn token(self, token: impl Into<String>) -> Self {
        self.give("token", token)
    }

    /// v1: the API secret, the password of basic authentication.
    #[must_use]
    pub fn secret(self, secret: impl Into<String>) -> Self {
        self.give("secret", secret)
    }

    /// v2: the account's ID, such as `5500099`. It is part of every path.
    #[must_use]
    pub fn account_id(self, account_id: impl Into<String>) -> Self {
        self.give("account_id", account_id)
    }

    /// v2: the ID of a client that may fetch OAuth2 tokens; together with
    /// [`client_secret`](Self::client_secret).
    #[must_use]
    pub fn client_id(self, client_id: impl Into<String>) -> Self {
        self.give("client_id", client_id)
    }

    /// v2: the secret of that client. It is sent only to the token endpoint.
    #[must_use]
    pub fn client_secret(self, client_secret: impl Into<String>) -> Self {
        self.give("client_secret", client_secret)
    }

    /// v2: the name of an API user, for basic authentication, which the platform is phasing out;
    /// together with [`password`](Self::password), and instead of a client.
    #[must_use]
    pub fn username(self, username: impl Into<String>) -> Self {
        self.give("username", username)
    }

    /// v2: the password of that API user.
    #[must_use]
    pub fn password(self, password: impl Into<String>) -> Self {
        self.give("password", password)
    }

    fn give(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.given.set(field, value.into());
        self
    }

    /// The URL of the platform: https, or http to this machine. By default the platform's own URL.
    ///
    /// In v2, requests for calls then go to `{base_url}/api/v2`, and requests for tokens to
    /// `{base_url}/api/v1/oauth2/token`. By default these are two different hosts.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// A PEM file of certificates to trust, instead of the system's; at most 16 MiB. It is read
    /// once, before the first https request, on a thread of its own and within the timeout of that
    /// request. If the file can't be read in that time, the request ends as `not_sent`.
    #[must_use]
    pub fn ca_file(mut self, ca_file: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(ca_file.into());
        self
    }

    /// An http proxy for the https connection, such as `http://user:password@proxy:3128`. It gets a
    /// CONNECT request and sees neither credentials nor calls. None by default. Of the environment,
    /// only `CALLTRANSFER_PROXY` is read, not `HTTPS_PROXY` and similar variables.
    #[must_use]
    pub fn proxy(mut self, proxy: impl Into<String>) -> Self {
        self.proxy = Some(proxy.into());
        self
    }

    /// The timeout of one transfer, including all attempts and waits: more than 0, at most 1 hour,
    /// by default 10 seconds. Opening a connection may take a third of it.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The highest number of retries of a transfer, which are made only if that can't make it
    /// twice: by default 2; 0 turns retries off.
    #[must_use]
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = Some(max_retries);
        self
    }

    /// The highest number of connections that one [`background::Client`](crate::background::Client)
    /// has open at the same time, and so of requests that are in progress: 1 to 10,000, by default
    /// 64. Further requests wait for a free connection within their own timeout. A request that
    /// gets none in the first nine tenths of it ends with [`Timeout`](crate::ErrorKind::Timeout),
    /// and was not sent.
    ///
    /// A number that is set here applies to batches and permitted requests too; the default does
    /// not, since these have limits of their own. Blocking and async clients have as many
    /// connections as there are threads or tasks that send.
    #[must_use]
    pub fn max_connections(mut self, max_connections: usize) -> Self {
        self.max_connections = Some(max_connections);
        self
    }

    /// The highest number of transfers that one client begins per second, evenly spread: 0.001 to
    /// 1,000,000; by default no limit. Further attempts aren't counted. If the platform reports a
    /// rate limit, all transfers of the client wait until the limit clears, and then continue more
    /// slowly. A transfer that can't begin within its timeout ends with
    /// [`Timeout`](crate::ErrorKind::Timeout) at once, and was not sent.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Whether a connection is used again for the next request: true by default. It is kept for at
    /// most 50 seconds, or for less if the server is known to close it earlier. If the server
    /// closes a connection just when a request is sent on it, the outcome may be unknown; `false`
    /// opens a connection for each request, so that this can't happen.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: bool) -> Self {
        self.keep_alive = Some(keep_alive);
        self
    }

    /// Whether a client keeps a connection open while it is idle, and renews it (and a token of v2)
    /// before it becomes too old: false by default. A transfer then takes one round trip at any
    /// time. This costs a TLS handshake about every 40 seconds, when the connection is renewed, and
    /// in a blocking client one thread. It ends with the client.
    ///
    /// An async client opens the connection with its first request, or when the client is created
    /// within a runtime. Requires `keep_alive`.
    #[must_use]
    pub fn keep_ready(mut self, keep_ready: bool) -> Self {
        self.keep_ready = keep_ready;
        self
    }

    /// Calls `observer` after each attempt, on the thread that made it, for logs and counters.
    ///
    /// It must not panic and should not block, because the transfer waits for it. The record
    /// contains no secret and no phone number.
    #[must_use]
    pub fn on_attempt(mut self, observer: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        self.observer.set_attempts(observer);
        self
    }

    /// Calls `observer` once for each request that has ended, with all of its attempts: for
    /// counters and durations. Also for a request that its caller stopped waiting for.
    ///
    /// The conditions of [`on_attempt`](Self::on_attempt) apply here too. A page of a list is a
    /// request of its own.
    ///
    /// ```
    /// # use calltransfer::Config;
    /// let config = Config::builder().on_request(|request| {
    ///     println!("{} {} {:?}", request.action, request.outcome, request.elapsed);
    /// });
    /// ```
    #[must_use]
    pub fn on_request(mut self, observer: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        self.observer.set_requests(observer);
        self
    }

    /// Reads the settings that were not set from the environment; see [`Config::ENVIRONMENT`].
    /// Empty variables count as absent.
    ///
    /// Credentials that were set decide the API, and `username` or `client_id` decides the pair of
    /// v2; the variables of the others are then not read. The proxy of the environment is used only
    /// with an https `base_url`, because no proxy is used for this machine itself.
    ///
    /// In a set-user-id program, and in one with file capabilities, the environment is ignored,
    /// because the user who started the program controls it.
    #[must_use]
    pub fn or_env(mut self) -> Self {
        self.base_url = self.base_url.or_else(|| value_of("base_url"));
        if self.api.is_none() && self.given.api().is_none() {
            self.api = value_of("api");
        }
        let api = self.api.as_deref().and_then(Api::from_word);
        self.given.fill(api.or(self.given.api()), value_of);
        self.env_proxy = value_of("proxy");
        self.unused_proxy = unused_proxy();
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration), naming all settings that are missing, or
    /// the first one that is wrong.
    pub fn build(self) -> Result<Config, Error> {
        let api = self.which_api()?;
        let own_base = self.base_url.as_deref();
        let base_url = address::base_url(own_base.unwrap_or(api.base_url()))?;
        let (account, credentials) = self.given.build(api, own_base.map(|_| &base_url))?;
        let timeout = self.timeout.unwrap_or(TIMEOUT);
        timeout::check(timeout).map_err(Error::of_setting)?;
        if let Some(most) = self.max_connections {
            concurrency::check("max_connections", most).map_err(Error::of_setting)?;
        }
        if let Some(rate) = self.rate {
            Pace::check(rate).map_err(Error::of_setting)?;
        }
        let proxy = match (&self.proxy, &self.env_proxy) {
            (Some(proxy), _) => Some(address::proxy_url("proxy", proxy, &base_url)?),
            (None, Some(proxy)) if base_url.scheme() == "https" => {
                Some(address::proxy_url(variable_of("proxy"), proxy, &base_url)?)
            }
            _ => None,
        };
        let keep_alive = self.keep_alive.unwrap_or(true);
        if self.keep_ready && !keep_alive {
            return Err(Error::configuration("keep_ready", "requires keep_alive"));
        }
        Ok(Config {
            api,
            account,
            credentials,
            secrets: Arc::default(),
            base_url,
            ca_file: self.ca_file.map(|path| Arc::new(CaFile::new(path))),
            timeout,
            max_retries: self.max_retries.unwrap_or(MAX_RETRIES),
            max_connections: self.max_connections,
            rate: self.rate,
            keep_alive,
            keep_ready: self.keep_ready,
            proxy,
            unused_proxy: self.unused_proxy,
            observer: self.observer,
        })
    }

    /// The API that was set, or the one whose credentials there are; never guessed.
    fn which_api(&self) -> Result<Api, Error> {
        if let Some(word) = &self.api {
            return Api::from_word(word).ok_or_else(|| {
                let shown = redact::text_with_numbers(word);
                Error::configuration(
                    "api",
                    format!("\"{shown}\" is not valid; expected one of: v1, v2"),
                )
            });
        }
        if let Some((v1, v2)) = self.given.both() {
            let reason = format!(
                "credentials of both v1 ({v1}) and v2 ({v2}) are set; choose one with api, \"v1\" or \"v2\" ({})",
                variable_of("api")
            );
            return Err(Error::configuration("api", reason));
        }
        Ok(self.given.api().unwrap_or(Api::V1))
    }
}

impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("api", &self.api)
            .field("account", &self.given.account())
            .field("base_url", &self.base_url.as_deref().map(redact::url))
            .field("ca_file", &self.ca_file)
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}
