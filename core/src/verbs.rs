//! The requests that can be made. A new one is a function here and a method of each protocol.

use std::time::Duration;

use http::Method;

use crate::calls::{CallPage, CallQuery, NextPage};
use crate::check::{Check, CheckSubject};
use crate::config::Config;
use crate::error::{Error, InvalidArgument};
use crate::follow::{Follow, FollowUntil, Poll};
use crate::http_request::{Action, HttpRequest, url_of};
use crate::protocol::{self, Protocol, Request};
use crate::response::{Call, CallEvent, Finding, Response, Transferred};
use crate::time_limit::TimeLimit;
use crate::transfer::Transfer;

impl Request<Transferred> {
    /// Connects a live call to someone else. See [`Client::transfer`](crate::Client::transfer).
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming the first invalid argument.
    pub fn transfer(config: &Config, transfer: impl AsRef<Transfer>) -> Result<Self, Error> {
        let http_request = protocol::of(config).transfer(config, transfer.as_ref())?;
        Ok(Self {
            is_success_certain: |protocol, headers, config| {
                protocol.names_new_call(headers, config)
            },
            with_timing: Transferred::with_timing,
            ..Self::new(
                config,
                http_request,
                |protocol, response, config, request| {
                    protocol.read_transfer(response, config.account(), &request.call_id)
                },
            )
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
        Ok(Self::new(config, http_request, read_update))
    }

    /// Ends a call. See [`Client::hang_up`](crate::Client::hang_up).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn hang_up(config: &Config, call_id: &str) -> Result<Self, Error> {
        let http_request = protocol::of(config).hang_up(config, call_id)?;
        Ok(Self::new(config, http_request, read_update))
    }

    /// Opens a connection, so that the next request needs one round trip. See
    /// [`Client::prepare`](crate::Client::prepare).
    ///
    /// Nothing is sent, except the request for an access token of v2 if there is none.
    /// [`method`](Self::method) is `CONNECT`, although no such request is sent.
    pub fn prepare(config: &Config) -> Self {
        let url = config.base_url().clone();
        let http_request = HttpRequest::without_call(Action::Prepare, Method::CONNECT, url);
        Self::new(config, http_request, |_, _, _, _| Ok(()))
    }
}

impl Request<Call> {
    /// Reads a call. See [`Client::get_call`](crate::Client::get_call).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn get_call(config: &Config, call_id: &str) -> Result<Self, Error> {
        let http_request = protocol::of(config).get_call(config, call_id)?;
        Ok(Self::new(config, http_request, read_call))
    }
}

impl Request<Vec<CallEvent>> {
    /// Reads the list of a call's events. v1 only. See
    /// [`Client::get_call_events`](crate::Client::get_call_events).
    ///
    /// # Errors
    /// As for [`Request::transfer`]; [`Configuration`](crate::ErrorKind::Configuration) with the v2
    /// API, which has no such list.
    pub fn get_call_events(config: &Config, call_id: &str) -> Result<Self, Error> {
        let http_request = protocol::of(config).get_call_events(config, call_id)?;
        Ok(Self::new(
            config,
            http_request,
            |protocol, response, _, _| response.read_call_events(protocol),
        ))
    }
}

impl Request<Follow> {
    /// Follows a transfer by reading calls, until `until` is reached or the timeout is over. See
    /// [`Client::follow`](crate::Client::follow).
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): of the field `timeout`, if it is more
    /// than 7 days; of the field `follow`, if it was made for another API than that of the
    /// configuration.
    pub fn follow(
        config: &Config,
        follow: Follow,
        until: FollowUntil,
        timeout: Duration,
    ) -> Result<Self, Error> {
        TimeLimit::FOLLOW.check("timeout", timeout)?;
        if follow.api() != config.api() {
            let (of, is) = (follow.api().as_str(), config.api().as_str());
            let reason = format!("belongs to a {of} transfer, but the client uses {is}");
            return Err(InvalidArgument::new("follow", reason).into());
        }
        let first = follow.new_call_ids().next().unwrap_or(follow.call_id());
        let http_request = protocol::of(config).get_call(config, first)?;
        let poll = Poll {
            follow,
            until,
            timeout,
        };
        Ok(Self::of_steps(config, http_request, Box::new(poll)))
    }
}

impl Request<CallPage> {
    /// Reads the first page of a list. See [`Client::list_calls`](crate::Client::list_calls).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn list_calls(config: &Config, query: impl AsRef<CallQuery>) -> Result<Self, Error> {
        let http_request = protocol::of(config).list_calls(config, query.as_ref())?;
        Ok(Self::new(config, http_request, read_page))
    }

    /// Reads the page that follows another one, [`CallPage::next`].
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) if the platform's link must not be followed:
    /// it leads to another server, to something else than this account's calls, to a page that was
    /// read before, or beyond 10,000 pages. Then nothing is sent.
    pub fn next_page(config: &Config, next: NextPage) -> Result<Self, Error> {
        let calls_path = protocol::of(config).calls_path(config);
        let (url, listing) = next.check(&url_of(config.base_url(), &calls_path))?;
        let mut http_request = HttpRequest::without_call(Action::ListCalls, Method::GET, url);
        http_request.listing = Some(Box::new(listing));
        Ok(Self::new(config, http_request, read_page))
    }
}

impl Request<Finding> {
    /// Reads a call to find out whether it was transferred, and lists if its state is not conclusive:
    /// by one transfer, or by any. See [`Client::check`](crate::Client::check).
    ///
    /// # Errors
    /// As for [`Request::transfer`].
    pub fn check<'a>(config: &Config, subject: impl Into<CheckSubject<'a>>) -> Result<Self, Error> {
        let subject = subject.into();
        let call_id = subject.call_id().to_owned();
        let http_request = protocol::of(config).get_call(config, &call_id)?;
        let (sent, shared) = match subject {
            CheckSubject::Call(_) => (None, None),
            CheckSubject::Transfer(sent) => (Some(sent.clone()), None),
            CheckSubject::Shared(sent, shared) => (Some(sent.clone()), Some(shared.clone())),
        };
        let check = Box::new(Check {
            call_id,
            sent,
            shared,
        });
        Ok(Self::of_steps(config, http_request, check))
    }
}

fn read_update(
    protocol: &dyn Protocol,
    response: &Response,
    _: &Config,
    _: &HttpRequest,
) -> Result<(), Error> {
    response.read_update(protocol)
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

fn read_page(
    protocol: &dyn Protocol,
    response: &Response,
    _: &Config,
    http_request: &HttpRequest,
) -> Result<CallPage, Error> {
    let calls = response.read_calls(protocol)?;
    let listing = http_request.listing.as_deref();
    let (headers, url) = (&response.headers, &http_request.url);
    Ok(CallPage::new(calls, headers, url, listing))
}
