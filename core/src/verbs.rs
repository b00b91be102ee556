//! The requests that can be made. A new one is a function here and a method of each protocol.

use std::time::Duration;

use http::{HeaderMap, Method};

use crate::calls::{self, CallEvent, CallPage, CallQuery, NextPage};
use crate::check::{Check, CheckSubject};
use crate::config::Config;
use crate::error::{Error, InvalidArgument};
use crate::follow::{Follow, FollowUntil, Poll};
use crate::protocol::http_request::{Action, HttpRequest};
use crate::protocol::steps::Steps;
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
            steps: None,
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
    /// Nothing is sent, except the request for an access token of v2 if there is none.
    /// [`method`](Self::method) is `CONNECT`, although no such request is sent.
    pub fn prepare(config: &Config) -> Self {
        let url = config.base_url().clone();
        Self {
            api: config.api(),
            http_request: HttpRequest::without_call(Action::Prepare, Method::CONNECT, url),
            read: |_, _, _, _| Ok(()),
            is_proved_by: never,
            with_timing: |done, _, _| done,
            steps: None,
        }
    }

    fn update(config: &Config, http_request: HttpRequest) -> Self {
        Self {
            api: config.api(),
            http_request,
            read: |protocol, response, _, _| response.read_update(protocol),
            is_proved_by: never,
            with_timing: |done, _, _| done,
            steps: None,
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
            steps: None,
        })
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
        Ok(Self {
            api: config.api(),
            http_request: protocol::of(config).get_call_events(config, call_id)?,
            read: |protocol, response, _, _| response.read_call_events(protocol),
            is_proved_by: never,
            with_timing: |events, _, _| events,
            steps: None,
        })
    }
}

impl Request<Follow> {
    /// Follows a transfer by reading calls, until `until` is reached or the timeout is over. See
    /// [`Client::follow`](crate::Client::follow).
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) of the field `follow`, if it was made
    /// for another API than that of the configuration.
    pub fn follow(
        config: &Config,
        follow: Follow,
        until: FollowUntil,
        timeout: Duration,
    ) -> Result<Self, Error> {
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

impl<T> Request<T> {
    /// An operation of several requests, of which this is the first.
    pub(crate) fn of_steps(
        config: &Config,
        mut http_request: HttpRequest,
        steps: Box<dyn Steps<T>>,
    ) -> Self {
        // Which of the requests an error is about is not known then.
        http_request.parties = None;
        Self {
            api: config.api(),
            http_request,
            read: |_, _, _, _| Err(Error::internal("no response is read here", &"it has steps")),
            is_proved_by: never,
            with_timing: |done, _, _| done,
            steps: Some(steps),
        }
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
    /// [`Unavailable`](crate::ErrorKind::Unavailable) if the platform's link must not be followed:
    /// it leads to another server, to something else than this account's calls, to a page that was
    /// read before, or beyond 10,000 pages. Then nothing is sent.
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
            steps: None,
        }
    }
}

impl Request<Finding> {
    /// Reads a call to find out whether it was transferred, and lists where its state leaves it open:
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
