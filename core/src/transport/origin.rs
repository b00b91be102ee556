//! A server: where it is, and how long it keeps connections.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use rustls::pki_types::ServerName;
use url::{Host, Url};

use crate::clock::since_boot;
use crate::error::Error;
use crate::policy::idle_limit::IdleLimit;

/// Scheme, host and port of a URL, and what is known of the connections to there.
pub(super) struct Origin {
    pub(super) is_secure: bool,
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    /// The `Host` header: the port stands there only if it isn't the scheme's own.
    pub(super) authority: HeaderValue,
    pub(super) server_name: Option<ServerName<'static>>,
    /// Servers often wait longer, or shorter, for the first request than for the next one.
    unused: Mutex<IdleLimit>,
    used: Mutex<IdleLimit>,
}

impl Origin {
    pub(super) fn of(url: &Url) -> Result<Self, Error> {
        let internal = |cause: &dyn std::fmt::Display| Error::internal("no host in the URL", cause);
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(internal(&"it has none")),
        };
        let is_secure = url.scheme() == "https";
        let server_name = match is_secure {
            true => Some(ServerName::try_from(host.clone()).map_err(|cause| internal(&cause))?),
            false => None,
        };
        let authority =
            HeaderValue::try_from(super::host_of(url)).map_err(|cause| internal(&cause))?;
        Ok(Self {
            is_secure,
            port: url.port_or_known_default().unwrap_or(443),
            host,
            authority,
            server_name,
            unused: Mutex::default(),
            used: Mutex::default(),
        })
    }

    pub(super) fn is_of(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.is_secure == (url.scheme() == "https")
            && self.port == url.port_or_known_default().unwrap_or(443)
            && self.host == host.trim_start_matches('[').trim_end_matches(']')
    }

    /// How long a connection may have been idle to be used.
    pub(super) fn idle_limit(&self, was_used: bool) -> Duration {
        self.limit(was_used, |limit| limit.current(since_boot()))
    }

    /// What the server said with a response.
    pub(super) fn announce(&self, timeout: Option<Duration>) {
        self.limit(true, |limit| limit.announce(timeout));
    }

    /// The server closed a connection that was idle for so long.
    pub(super) fn closed_after(&self, was_used: bool, idle: Duration) {
        self.limit(was_used, |limit| limit.closed_after(idle, since_boot()));
    }

    fn limit<T>(&self, was_used: bool, with: impl FnOnce(&mut IdleLimit) -> T) -> T {
        let limit = if was_used { &self.used } else { &self.unused };
        with(&mut limit.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
