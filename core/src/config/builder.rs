//! The settings, as they come in, and their checks.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Api;
use super::ca_file::CaFile;
use super::credentials::Given;
use super::environment::{unused_proxy, value_of, variable_of};
use super::{Config, address};
use crate::error::Error;
use crate::observe::{Attempt, Observer, RequestRecord};
use crate::policy::concurrency;
use crate::policy::pace::Pace;
use crate::redact;
use crate::transfer::timeout;

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_RETRIES: u32 = 2;

/// Collects the settings of a [`Config`]; [`build`](Self::build) reports what is wrong.
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
    /// The API to speak, `v1` or `v2`. The credentials say it; it is needed only where those of
    /// both are there.
    #[must_use]
    pub fn api(mut self, api: impl Into<String>) -> Self {
        self.api = Some(api.into());
        self
    }

    /// v1: the account's user id, as `u-abc123`: it is part of every path.
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

    /// v2: the account's id, as `5500099`: it is part of every path.
    #[must_use]
    pub fn account_id(self, account_id: impl Into<String>) -> Self {
        self.give("account_id", account_id)
    }

    /// v2: the id of a client that may fetch OAuth2 tokens; with
    /// [`client_secret`](Self::client_secret).
    #[must_use]
    pub fn client_id(self, client_id: impl Into<String>) -> Self {
        self.give("client_id", client_id)
    }

    /// v2: the secret of that client. It goes to the token endpoint only.
    #[must_use]
    pub fn client_secret(self, client_secret: impl Into<String>) -> Self {
        self.give("client_secret", client_secret)
    }

    /// v2: the name of an API user, for basic authentication, which the platform is retiring; with
    /// [`password`](Self::password), and instead of a client.
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

    /// Where the platform is: https, or http to this machine. The platform's own by default.
    ///
    /// In v2 the calls are then below `{base_url}/api/v2` and tokens come from
    /// `{base_url}/api/v1/oauth2/token`; the platform's own are on two hosts.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// A PEM file of certificates to trust, instead of the system's. It is read before the
    /// first https request, once, on a thread of its own and within that request's time: a file that
    /// blocks ends it as `not_sent`. 16 MiB at most.
    #[must_use]
    pub fn ca_file(mut self, ca_file: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(ca_file.into());
        self
    }

    /// An http proxy for the https connection, as `http://user:password@proxy:3128`: it is asked
    /// to CONNECT and sees neither credentials nor calls. None by default; `HTTPS_PROXY` and the
    /// other variables that are meant for all programs are not read, `CALLTRANSFER_PROXY` is.
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

    /// Most connections that one [`background::Client`](crate::background::Client) has open at
    /// once, and so requests that it has in progress: 1 to 10,000, 64 by default. Further requests
    /// wait for their turn within their own time; one whose turn has not come when nine tenths of
    /// it are over ends with [`Timeout`](crate::ErrorKind::Timeout), and was not sent.
    ///
    /// What is set here holds for batches and permitted requests too; the default doesn't, since
    /// these have limits of their own. Blocking and async clients have as many connections as
    /// there are threads or tasks that send.
    #[must_use]
    pub fn max_connections(mut self, max_connections: usize) -> Self {
        self.max_connections = Some(max_connections);
        self
    }

    /// At most so many transfers begun a second by one client, evenly spread: 0.001 to 1,000,000;
    /// no limit by default. Further attempts aren't counted. Where the platform says that it is
    /// too much, all transfers of the client wait until that clears, and go on more slowly. A
    /// transfer that may not start within its time ends with
    /// [`Timeout`](crate::ErrorKind::Timeout) at once, and was not sent.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Whether a connection is used again for the next request, for as long as the server keeps it
    /// open as far as is known, 50 seconds at most: true by default. A request that meets a
    /// connection just being closed can end unknown; `false` opens a connection for each request,
    /// so that this can't happen.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: bool) -> Self {
        self.keep_alive = Some(keep_alive);
        self
    }

    /// Whether a client keeps a connection open while it waits, and renews it, and a token of v2,
    /// before it becomes too old: false by default. Then a transfer takes one round trip at any
    /// time. It costs a TLS handshake whenever the connection is renewed, about every 40 seconds,
    /// and a blocking client a thread of its own. It ends with the client.
    ///
    /// An async client begins with its first request, or when it is made within a runtime. Requires
    /// `keep_alive`.
    #[must_use]
    pub fn keep_ready(mut self, keep_ready: bool) -> Self {
        self.keep_ready = keep_ready;
        self
    }

    /// Calls `observer` after each attempt, on the thread that made it, for logs and figures.
    ///
    /// It must not panic and should not block: the transfer waits for it. What it is given holds
    /// no secret and no phone number.
    #[must_use]
    pub fn on_attempt(mut self, observer: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        self.observer.set_attempts(observer);
        self
    }

    /// Calls `observer` once for each request that has ended, with all of its attempts: for counters
    /// and durations. Of a request that its caller stopped waiting for, too.
    ///
    /// The conditions of [`on_attempt`](Self::on_attempt) are in force here too. A page of a list is a
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

    /// Fills what was not set from the environment; see [`Config::ENVIRONMENT`]. Empty variables
    /// count as absent.
    ///
    /// Credentials that were set say which API is meant, and `username` or `client_id` which pair:
    /// the variables of the other are not read then. The proxy of the environment counts with an
    /// https `base_url` only: no proxy is asked for this machine itself.
    ///
    /// In a set-user-id program, and in one with file capabilities, the environment is ignored: it
    /// is that of the user who started it.
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
    /// [`Configuration`](crate::ErrorKind::Configuration), naming all that is missing, or the
    /// first that is wrong.
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

    /// Said, or the one whose credentials are there; never guessed.
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
