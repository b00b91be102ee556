//! The sandbox, for tests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;

use crate::callbacks::Callback;
use crate::callbacks::fault::CallbackFault;
use crate::calls::call::{Call, IncomingCall};
use crate::calls::clock::Clock;
use crate::calls::line::Line;
use crate::error::Error;
use crate::fault::Fault;
use crate::http::received::Received;
use crate::http::reply::Reply;
use crate::http::response::Response;
use crate::http::server::Server;
use crate::log::LoggedRequest;
use crate::platform::Platform;
use crate::v1::refusal::Refusal;

mod builder;

pub use builder::Builder;

/// A running sandbox.
///
/// It serves on its own thread, so it can be started and dropped in synchronous
/// code and inside an async runtime alike. Every method may be called from many
/// threads at the same time; none waits for the network. Dropping it closes every
/// connection and joins the thread: a request that is in progress then gets no
/// response.
#[must_use = "a sandbox that is dropped has stopped"]
pub struct Sandbox {
    // Declared first: it stops before the other fields are dropped.
    _server: Server,
    platform: Arc<Platform>,
    url: String,
    secure: Option<Secure>,
}

/// The https port: its URL, and the certificate of its authority.
struct Secure {
    url: String,
    ca_pem: String,
}

impl Sandbox {
    /// Starts with user `u-sandbox`, token `t-sandbox`, secret `s-sandbox`, no
    /// numbers, and a free port on 127.0.0.1. In v2 it is the account `9900000`, with client
    /// `client-sandbox`, `client-secret-sandbox`.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The base URL for clients, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base URL for https, if [`Builder::https`] was called.
    pub fn https_url(&self) -> Option<&str> {
        self.secure.as_ref().map(|secure| secure.url.as_str())
    }

    /// The certificate of the authority that signed the https port's, as PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.secure.as_ref().map(|secure| secure.ca_pem.as_str())
    }

    /// The account's user ID.
    pub fn user_id(&self) -> &str {
        &self.platform.account.user_id
    }

    /// The account's API token.
    pub fn token(&self) -> &str {
        &self.platform.account.token
    }

    /// The account's API secret.
    pub fn secret(&self) -> &str {
        &self.platform.account.secret
    }

    /// The account's ID in v2: `9900000` by default.
    pub fn account_id(&self) -> &str {
        &self.platform.account.account_id
    }

    /// The client's ID, for tokens of v2.
    pub fn client_id(&self) -> &str {
        &self.platform.account.client_id
    }

    /// The client's secret.
    pub fn client_secret(&self) -> &str {
        &self.platform.account.client_secret
    }

    /// The name of the user that v2 accepts without a token.
    pub fn username(&self) -> &str {
        &self.platform.account.username
    }

    /// The user's password.
    pub fn password(&self) -> &str {
        &self.platform.account.password
    }

    /// Makes all issued tokens of v2 invalid.
    pub fn revoke_tokens(&self) {
        self.platform.with_state(|state| state.tokens.revoke());
    }

    /// Places an incoming call, and returns its ID.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidAddress`], [`Error::InvalidId`] and [`Error::IdTaken`].
    pub fn place_incoming_call(&self, call: IncomingCall) -> Result<String, Error> {
        self.platform
            .with_state(|state| state.call_store.place_incoming(call))
    }

    /// The called party of an outbound call answers.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCall`], and [`Error::InvalidState`] unless it is a started outbound call.
    pub fn answer(&self, id: &str) -> Result<(), Error> {
        self.platform
            .with_state(|state| state.call_store.other_party_answers(id))
    }

    /// The other party of a call hangs up.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCall`], and [`Error::InvalidState`] if the call has ended.
    pub fn hang_up(&self, id: &str) -> Result<(), Error> {
        self.platform
            .with_state(|state| state.call_store.other_party_hangs_up(id, None))
    }

    /// Advances the time of calls, and runs everything that is due until then.
    pub fn advance(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.platform
            .with_state(|state| state.call_store.advance(ms));
    }

    /// Changes how time passes from now on.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidClock`].
    pub fn set_clock(&self, clock: Clock) -> Result<(), Error> {
        if !clock.is_allowed() {
            return Err(Error::InvalidClock);
        }
        self.platform
            .with_state(|state| state.call_store.change_clock(clock));
        Ok(())
    }

    /// Sets how a number behaves, for calls that are placed later.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyLines`].
    pub fn set_line(&self, number: impl Into<String>, line: Line) -> Result<(), Error> {
        self.platform
            .with_state(|state| state.call_store.lines.set(number.into(), line))
    }

    /// The call with this ID. Of ended calls, the last 10,000 are kept.
    pub fn call(&self, id: &str) -> Option<Call> {
        self.platform
            .with_state(|state| state.call_store.get(id).cloned())
    }

    /// Every call, in the order in which they were placed.
    pub fn calls(&self) -> Vec<Call> {
        self.platform
            .with_state(|state| state.call_store.all().cloned().collect())
    }

    /// The last 10,000 requests to the API, oldest first.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.platform.with_state(|state| state.log.entries())
    }

    /// The last 10,000 callbacks, delivered or not, oldest first.
    pub fn callbacks(&self) -> Vec<Callback> {
        self.platform.with_state(|state| state.callbacks.entries())
    }

    /// Empties the list of requests.
    pub fn forget_requests(&self) {
        self.platform.with_state(|state| state.log.forget());
    }

    /// Responds to the next requests to the API with these replies, one each, after
    /// those that wait already. Such a request changes no call.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidReply`] and [`Error::TooManyReplies`]: none is added then.
    pub fn script(&self, replies: Vec<Reply>) -> Result<(), Error> {
        self.platform.with_state(|state| state.script.add(replies))
    }

    /// Removes the replies that were not sent yet.
    pub fn forget_script(&self) {
        self.platform.with_state(|state| state.script.clear());
    }

    /// Applies these faults to the next requests to the API that they match. If several
    /// match the same request, the first happens. A scripted reply takes precedence.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFault`] and [`Error::TooManyFaults`]: none is added then.
    pub fn inject(&self, faults: Vec<Fault>) -> Result<(), Error> {
        self.platform.with_state(|state| state.faults.add(faults))
    }

    /// Removes the faults that have not happened yet.
    pub fn forget_faults(&self) {
        self.platform.with_state(|state| state.faults.clear());
    }

    /// Applies these faults to the next callbacks that they match. If several match the
    /// same callback, all of them happen.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFault`] and [`Error::TooManyFaults`]: none is added then.
    pub fn inject_callbacks(&self, faults: Vec<CallbackFault>) -> Result<(), Error> {
        self.platform
            .with_state(|state| state.callback_faults.add(faults))
    }

    /// Removes the faults of callbacks. What they have done to callbacks that
    /// were not sent yet stays.
    pub fn forget_callback_faults(&self) {
        self.platform
            .with_state(|state| state.callback_faults.clear());
    }

    /// Sends a request to the admin interface without a connection: `path` is what follows `/_sandbox/`, `body`
    /// is JSON or empty. Returns the status and the body of the response, which is JSON or empty.
    ///
    /// For bindings of other languages; Rust has the methods above.
    pub fn admin(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let Ok(method) = Method::from_bytes(method.as_bytes()) else {
            let refusal =
                Refusal::validation(format!("method: {method:?} is not a valid HTTP method"));
            return plain(refusal.into_response());
        };
        let target = format!("/_sandbox/{path}");
        let body = Bytes::from(body.to_owned());
        let (response, _) = self
            .platform
            .handle(Received::within(method, &target, body));
        plain(response)
    }
}

fn plain(response: Response) -> (u16, String) {
    let body = String::from_utf8_lossy(&response.body).into_owned();
    (response.status.as_u16(), body)
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
