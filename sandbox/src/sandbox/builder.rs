//! The settings of a sandbox, and its start.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::account::Account;
use crate::address::is_phone_number;
use crate::callbacks::fault::CallbackFault;
use crate::calls::clock::Clock;
use crate::calls::line::{Line, Lines};
use crate::error::{Error, ID};
use crate::http::server::Server;
use crate::http::tls::Certificate;
use crate::platform::Platform;
use crate::sandbox::{Sandbox, Secure};

/// The settings of a sandbox.
#[derive(Clone)]
pub struct Builder {
    account: Account,
    token_lifetime: Option<u32>,
    bind: SocketAddr,
    https: Option<Certificate>,
    clock: Clock,
    lines: Vec<(String, Line)>,
    callbacks_anywhere: bool,
    callback_faults: Vec<CallbackFault>,
    record: Option<PathBuf>,
    idle_timeout: Duration,
}

/// The default of nginx.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            account: Account::default(),
            token_lifetime: None,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            https: None,
            clock: Clock::Instant,
            lines: Vec::new(),
            callbacks_anywhere: false,
            callback_faults: Vec::new(),
            record: None,
            idle_timeout: IDLE_TIMEOUT,
        }
    }

    /// Sets the account's user ID, API token and API secret.
    pub fn user(
        mut self,
        id: impl Into<String>,
        token: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        self.account.user_id = id.into();
        self.account.token = token.into();
        self.account.secret = secret.into();
        self
    }

    /// Sets the account's ID in v2, and the client's ID and secret.
    pub fn client(
        mut self,
        account_id: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        self.account.account_id = account_id.into();
        self.account.client_id = client_id.into();
        self.account.client_secret = client_secret.into();
        self
    }

    /// Sets the user and password that v2 accepts instead of a token.
    pub fn login(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.account.username = username.into();
        self.account.password = password.into();
        self
    }

    /// Sets the lifetime of a v2 token in seconds, by the wall clock: 3,600 by default.
    pub fn token_lifetime(mut self, seconds: u32) -> Self {
        self.token_lifetime = Some(seconds);
        self
    }

    /// Adds a number that the account owns.
    pub fn owned_number(mut self, number: impl Into<String>) -> Self {
        self.account.owned_numbers.insert(number.into());
        self
    }

    /// Sets how time passes for calls; [`Clock::Instant`] by default.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how a number behaves, in place of its documented behaviour.
    pub fn line(mut self, number: impl Into<String>, line: Line) -> Self {
        self.lines.push((number.into(), line));
        self
    }

    /// Sends callbacks to other machines too. By default, only those to loopback are
    /// sent, and the others are only recorded.
    pub fn callbacks_anywhere(mut self) -> Self {
        self.callbacks_anywhere = true;
        self
    }

    /// Adds a fault of callbacks, as for [`Sandbox::inject_callbacks`]; may be called more than once.
    pub fn callback_fault(mut self, fault: CallbackFault) -> Self {
        self.callback_faults.push(fault);
        self
    }

    /// Requests per second that are served; further ones get 429 `rate-limit-reached`.
    pub fn rate_limit(mut self, a_second: u32) -> Self {
        self.account.limits.requests_a_second = Some(a_second);
        self
    }

    /// New outbound calls per second, on average over ten seconds; further ones get 403
    /// `call-rate-limit`. A transfer makes one.
    pub fn call_rate_limit(mut self, a_second: u32) -> Self {
        self.account.limits.calls_a_second = Some(a_second);
        self
    }

    /// Sets how long a connection may be idle, and how long the head or the body of a request may take to
    /// arrive, before the connection is closed: 75 seconds by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Appends every request to this file, as a line of JSON.
    ///
    /// It contains phone numbers: on Unix, a new file can be read and written by its owner only.
    pub fn record(mut self, file: impl Into<PathBuf>) -> Self {
        self.record = Some(file.into());
        self
    }

    /// Sets the address to listen on; port 0 takes a free one. Any address but loopback
    /// is open to other machines, without encryption and with an admin interface that
    /// needs no password.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.bind = address;
        self
    }

    /// Serves https too, on another free port, with this certificate.
    pub fn https(mut self, certificate: Certificate) -> Self {
        self.https = Some(certificate);
        self
    }

    /// Starts the sandbox; when this returns, it listens.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the user ID is not valid in a path, the token contains a colon, an owned
    /// number is not + and 2 to 15 digits, or the clock or a fault is not possible; otherwise the
    /// system's error if the address cannot be bound or no thread can be started.
    pub fn start(self) -> io::Result<Sandbox> {
        self.check()?;
        let listener = TcpListener::bind(self.bind)?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}");
        let mut endpoints = vec![(listener, None)];
        let mut secure = None;
        if let Some(certificate) = self.https {
            let (ca_pem, acceptor) = certificate.acceptor()?;
            let listener = TcpListener::bind((self.bind.ip(), 0))?;
            let url = format!("https://{}", listener.local_addr()?);
            secure = Some(Secure { url, ca_pem });
            endpoints.push((listener, Some(acceptor)));
        }
        let record = match &self.record {
            Some(path) => Some(private(File::options().create(true).append(true)).open(path)?),
            None => None,
        };
        let mut lines = Lines::new();
        for (number, line) in self.lines {
            lines.set(number, line).map_err(io::Error::other)?;
        }
        let platform = Arc::new(Platform::new(
            self.account,
            address,
            self.clock,
            lines,
            self.callbacks_anywhere,
            record,
            self.idle_timeout,
        ));
        let faults = platform.with_state(|state| state.callback_faults.add(self.callback_faults));
        faults.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        if let Some(seconds) = self.token_lifetime {
            platform.with_state(|state| state.tokens.lifetime_s = seconds);
        }
        let server = Server::start(endpoints, Arc::clone(&platform))?;
        Ok(Sandbox {
            _server: server,
            platform,
            url,
            secure,
        })
    }

    fn check(&self) -> io::Result<()> {
        let invalid = |message: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        let Account {
            user_id,
            token,
            owned_numbers,
            ..
        } = &self.account;
        if !crate::calls::call_store::is_id(user_id) {
            return invalid(&format!("user_id: must be {ID}"));
        }
        if !self.clock.is_allowed() {
            return invalid(&Error::InvalidClock.to_string());
        }
        if token.contains(':') {
            return invalid("token: must not contain \":\" (HTTP Basic authentication)");
        }
        if !owned_numbers.iter().all(|number| is_phone_number(number)) {
            return invalid("owned_number: must be + and 2 to 15 digits");
        }
        Ok(())
    }
}

/// A new file is accessible to its owner only.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}
