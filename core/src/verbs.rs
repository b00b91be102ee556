//! The requests that can be made. A new one is a function here and a method of each protocol.

use http::{HeaderMap, Method};

use crate::calls::{self, CallPage, CallQuery, NextPage};
use crate::config::Config;
use crate::error::Error;
use crate::protocol::http_request::{Action, HttpRequest};
use crate::protocol::{self, Protocol, Request};
use crate::response::{Call, Finding, Response, Transferred};
use crate::transfer::Transfer;

impl Request<Transferred> {
    /// Connects a live call to someone else. See [`Client::transfer`](crate::Client::transfer).
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming the first invalid argument.
    pub fn transfer(config: &Config, transfer: impl AsRef<Transfer>) -> Result<Self, Error> {
        let protocol = protocol::of(config);
        Ok(Self {
            api: config.api(),
            http_request: protocol.transfer(config, transfer.as_ref())?,
            read: |protocol, response, config, http_request| {
                protocol.read_transfer(response, config.account(), &http_request.call_id)
            },
            is_proved_by: |protocol, headers, config| protocol.names_new_call(headers, config),
            with_timing: Transferred::with_timing,
        })
    }
}

impl Request<()> {
    /// Answers an incoming call. See [`Client::answer`](crate::Client::answer).
    ///
    /// # Errors
    /// As for [`Request::transfer`]; [`Configuration`](crate::ErrorKind::Configuration) with the v2
    /// API, which has no such request.
    pub fn answer(config: &Config, call_id: &str) -> Result<Self, Error> {
        let http_request = protocol::of(config).answer(config, call_id)?;
        Ok(Self::update(config, http_request))
    }

    /// Ends a call. See [`Client::hang_up`](crate::Client::hang_up).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn hang_up(config: &Config, call_id: &str) -> Result<Self, Error> {
        let http_request = protocol::of(config).hang_up(config, call_id)?;
        Ok(Self::update(config, http_request))
    }

    /// Opens a connection, so that the next request needs one round trip. See
    /// [`Client::prepare`](crate::Client::prepare).
    ///
    /// Nothing is sent with it but, where there is none, the request for an access token of v2;
    /// [`method`](Self::method) is `CONNECT` for want of a better word.
    pub fn prepare(config: &Config) -> Self {
        let url = config.base_url().clone();
        Self {
            api: config.api(),
            http_request: HttpRequest::without_call(Action::Prepare, Method::CONNECT, url),
            read: |_, _, _, _| Ok(()),
            is_proved_by: never,
            with_timing: |done, _, _| done,
        }
    }

    fn update(config: &Config, http_request: HttpRequest) -> Self {
        Self {
            api: config.api(),
            http_request,
            read: |protocol, response, _, _| response.read_update(protocol),
            is_proved_by: never,
            with_timing: |done, _, _| done,
        }
    }
}

impl Request<Call> {
    /// Reads a call. See [`Client::get_call`](crate::Client::get_call).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn get_call(config: &Config, call_id: &str) -> Result<Self, Error> {
        Ok(Self {
            api: config.api(),
            http_request: protocol::of(config).get_call(config, call_id)?,
            read: read_call,
            is_proved_by: never,
            with_timing: |call, _, _| call,
        })
    }
}

impl Request<CallPage> {
    /// Reads the first page of a list. See [`Client::list_calls`](crate::Client::list_calls).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn list_calls(config: &Config, query: impl AsRef<CallQuery>) -> Result<Self, Error> {
        let http_request = protocol::of(config).list_calls(config, query.as_ref())?;
        Ok(Self::page(config, http_request))
    }

    /// Reads the page that follows another one, [`CallPage::next`].
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) where the platform's link is not to be
    /// followed: to another server, out of this account's calls, to a page that was read before, or
    /// beyond 10,000 pages. Nothing is sent then.
    pub fn next_page(config: &Config, next: NextPage) -> Result<Self, Error> {
        let (url, listing) = next.check(config, protocol::of(config))?;
        let mut http_request = HttpRequest::without_call(Action::ListCalls, Method::GET, url);
        http_request.listing = Some(Box::new(listing));
        Ok(Self::page(config, http_request))
    }

    fn page(config: &Config, http_request: HttpRequest) -> Self {
        Self {
            api: config.api(),
            http_request,
            read: calls::read,
            is_proved_by: never,
            with_timing: |page, _, _| page,
        }
    }
}

impl Request<Finding> {
    /// Reads a call to find out whether it was transferred. See
    /// [`Client::check`](crate::Client::check).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn check(config: &Config, call_id: &str) -> Result<Self, Error> {
        Ok(Self {
            api: config.api(),
            http_request: protocol::of(config).get_call(config, call_id)?,
            read: |protocol, response, config, http_request| {
                Finding::of(read_call(protocol, response, config, http_request))
            },
            is_proved_by: never,
            with_timing: |finding, _, _| finding,
        })
    }
}

fn read_call(
    protocol: &dyn Protocol,
    response: &Response,
    config: &Config,
    http_request: &HttpRequest,
) -> Result<Call, Error> {
    let is_requested = |id: &str| protocol::is_requested(id, config, http_request);
    response.read_call(protocol, is_requested)
}

fn never(_: &dyn Protocol, _: &HeaderMap, _: &Config) -> bool {
    false
}
