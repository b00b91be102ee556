//! A request as it would go out, to be looked at: nothing is sent.

use crate::config::Config;
use crate::dialect::Order;
use crate::outcome::Error;
use crate::request::Transfer;

/// A request as it would go out. It holds no credentials; numbers and texts stand in it whole.
///
/// ```
/// use calltransfer::{Config, Preview, Transfer};
///
/// let config = Config::builder()
///     .user_id("u-abc123")
///     .token("t-token")
///     .secret("s-secret")
///     .build()?;
/// let request = Preview::transfer(&config, &Transfer::new("c-1", "+18382947878"))?;
/// assert_eq!(request.method, "POST");
/// assert!(request.url.ends_with("/v1/users/u-abc123/calls/c-1"));
/// # Ok::<(), calltransfer::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The method of HTTP, as `POST`.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// What the body is, as `application/json`; `None` where there is none.
    pub content_type: Option<String>,
    /// The body; `None` where there is none.
    pub body: Option<String>,
}

impl Preview {
    /// What [`Client::transfer`](crate::Client::transfer) would send.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), as for the transfer itself.
    pub fn transfer(config: &Config, transfer: &Transfer) -> Result<Self, Error> {
        let order = config.api().dialect().transfer(config, transfer)?;
        Ok(Self::of(&order))
    }

    /// What [`Client::answer`](crate::Client::answer) would send.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), as for the request itself.
    pub fn answer(config: &Config, call_id: &str) -> Result<Self, Error> {
        let order = config.api().dialect().answer(config, call_id)?;
        Ok(Self::of(&order))
    }

    /// What [`Client::hang_up`](crate::Client::hang_up) would send.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), as for the request itself.
    pub fn hang_up(config: &Config, call_id: &str) -> Result<Self, Error> {
        let order = config.api().dialect().hang_up(config, call_id)?;
        Ok(Self::of(&order))
    }

    /// What [`Client::get_call`](crate::Client::get_call) and
    /// [`Client::check`](crate::Client::check) would send.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), as for the request itself.
    pub fn get_call(config: &Config, call_id: &str) -> Result<Self, Error> {
        let order = config.api().dialect().get_call(config, call_id)?;
        Ok(Self::of(&order))
    }

    fn of<T>(order: &Order<T>) -> Self {
        let outgoing = &order.outgoing;
        let body = outgoing.body.as_ref();
        Self {
            method: outgoing.method.to_string(),
            url: outgoing.url.to_string(),
            content_type: body
                .and_then(|(_, content_type)| content_type.to_str().ok())
                .map(str::to_owned),
            body: body.map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preview")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
