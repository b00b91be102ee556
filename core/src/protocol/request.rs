//! A request as it would be sent, with the way to read its response.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;

use super::Protocol;
use super::steps::Steps;
use crate::api::Api;
use crate::config::Config;
use crate::error::Error;
use crate::http_request::HttpRequest;
use crate::redact;
use crate::response::Response;
use crate::transfer::timeout;

/// A request that is checked and complete, and whose response is read as a `T`.
///
/// Made by [`Request::transfer`], [`Request::answer`], [`Request::hang_up`], [`Request::get_call`],
/// [`Request::list_calls`] and so on, without I/O; sent by the `execute` method of a client with
/// the same [`Config`]. [`Request::check`], [`Request::follow`] and [`Request::transfer_to_first`]
/// send several requests, one after the other; only the first one is shown. It contains no
/// credentials, but whole phone numbers and texts. `Debug` shows only the method, and the URL
/// without its query.
///
/// ```
/// use calltransfer::{Config, Request, Transfer};
///
/// let config = Config::builder()
///     .user_id("u-abc123")
///     .token("t-token")
///     .secret("s-secret")
///     .build()?;
/// let request = Request::transfer(&config, Transfer::new("c-1", "+18382947878"))?;
/// assert_eq!(request.method(), "POST");
/// assert!(request.url().ends_with("/v1/users/u-abc123/calls/c-1"));
/// assert_eq!(request.body(), Some(r#"{"state":"transferring","transferTo":"+18382947878"}"#));
/// # Ok::<(), calltransfer::Error>(())
/// ```
pub struct Request<T> {
    pub(crate) api: Api,
    pub(crate) http_request: HttpRequest,
    pub(crate) read: Read<T>,
    /// Whether the head of a successful response proves the success, so that its body need not be read.
    pub(crate) is_success_certain: fn(&dyn Protocol, &HeaderMap, &Config) -> bool,
    /// Adds the number of attempts and the time to a result that shows them.
    pub(crate) with_timing: fn(T, u32, Duration) -> T,
    /// For an operation of several requests: its steps. The request above is then the first of
    /// them, and the one that is shown.
    pub(crate) steps: Option<Box<dyn Steps<T>>>,
}

/// Reads a response.
pub(crate) type Read<T> = fn(&dyn Protocol, &Response, &Config, &HttpRequest) -> Result<T, Error>;

impl<T> Request<T> {
    /// One request, and how its response is read.
    pub(crate) fn new(config: &Config, http_request: HttpRequest, read: Read<T>) -> Self {
        Self {
            api: config.api(),
            http_request,
            read,
            is_success_certain: |_, _, _| false,
            with_timing: |result, _, _| result,
            steps: None,
        }
    }

    /// An operation of several requests, of which this is the first.
    pub(crate) fn of_steps(
        config: &Config,
        mut http_request: HttpRequest,
        steps: Box<dyn Steps<T>>,
    ) -> Self {
        // Which of the requests an error is about is not known then.
        http_request.parties = None;
        let read: Read<T> =
            |_, _, _, _| Err(Error::internal("no response is read here", &"it has steps"));
        Self {
            steps: Some(steps),
            ..Self::new(config, http_request, read)
        }
    }

    /// The HTTP method, such as `POST`.
    pub fn method(&self) -> &str {
        self.http_request.method.as_str()
    }

    /// The whole URL.
    pub fn url(&self) -> &str {
        self.http_request.url.as_str()
    }

    /// The media type of the body, such as `application/json`; `None` without a body.
    pub fn content_type(&self) -> Option<&str> {
        let (_, content_type) = self.http_request.body.as_ref()?;
        content_type.to_str().ok()
    }

    /// The body; `None` without one.
    pub fn body(&self) -> Option<&str> {
        let (bytes, _) = self.http_request.body.as_ref()?;
        std::str::from_utf8(bytes).ok()
    }

    /// The timeout of this request, including all attempts and waits, instead of the client's: more
    /// than 0, at most 1 hour.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming `timeout`.
    pub fn timeout(mut self, timeout: Duration) -> Result<Self, Error> {
        timeout::check(timeout)?;
        self.http_request.timeout = Some(timeout);
        Ok(self)
    }

    /// The call that the request is about; empty for a list.
    pub fn call_id(&self) -> &str {
        &self.http_request.call_id
    }

    /// Credentials go only to the server that they were given for.
    pub(crate) fn check_config(&self, config: &Config) -> Result<(), Error> {
        let (url, base) = (&self.http_request.url, config.base_url());
        let is_same = url.scheme() == base.scheme()
            && url.host() == base.host()
            && url.port_or_known_default() == base.port_or_known_default();
        if is_same && self.api == config.api() {
            return Ok(());
        }
        let reason = "was made with another base_url or api than the client has";
        Err(Error::configuration("request", reason))
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method())
            .field("url", &redact::url(self.url()))
            .finish_non_exhaustive()
    }
}
