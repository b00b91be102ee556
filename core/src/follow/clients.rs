//! The methods of the clients for following a transfer.

use std::time::Duration;

use super::first::TransferToFirst;
use super::first_transferred::FirstTransferred;
use super::poll::FollowUntil;
use super::state::{Follow, Seen};
use super::status::FollowStatus;
use crate::background::{self, Ticket};
use crate::client::Client;
use crate::error::Error;
use crate::events::Event;
use crate::protocol::Request;
use crate::response::CallEvent;
use crate::response::Transferred;
use crate::{Config, blocking};

impl Client {
    /// Reads the list of a call's events. v1 only.
    ///
    /// # Errors
    /// As for [`get_call`](Self::get_call); [`Configuration`](crate::ErrorKind::Configuration) with
    /// the v2 API, which has no such list.
    pub async fn get_call_events(&self, call_id: &str) -> Result<Vec<CallEvent>, Error> {
        self.execute(Request::get_call_events(self.config(), call_id)?)
            .await
    }

    /// Follows a transfer that was made, by reading calls. Nothing is sent before
    /// [`CallFollow::wait`].
    ///
    /// ```
    /// # use calltransfer_sandbox::{IncomingCall, Sandbox};
    /// use std::time::Duration;
    /// use calltransfer::{FollowResult, FollowUntil, Transfer};
    /// # use calltransfer::{Client, Config};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start().unwrap();
    /// # let call_id = sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap();
    /// # let config = Config::builder().user_id("u-abc123").token("t-token").secret("s-secret");
    /// # let client = Client::new(config.base_url(sandbox.url()).build()?);
    ///
    /// let done = client.transfer(Transfer::new(call_id, "+12025550110")).await?;
    /// let mut follow = client.follow(&done)?;
    /// let status = follow.wait(FollowUntil::Answered, Duration::from_secs(60)).await?;
    /// assert_eq!(status.result, Some(FollowResult::Busy));
    /// # Ok::<(), calltransfer::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// None, if `done` was returned by a client.
    pub fn follow(&self, done: &Transferred) -> Result<CallFollow, Error> {
        Ok(self.follow_from(of(self.config(), done)?))
    }

    /// Follows a transfer whose IDs are known, or continues with what a [`Follow`](crate::Follow)
    /// already knows.
    pub fn follow_from(&self, follow: Follow) -> CallFollow {
        CallFollow {
            client: self.clone(),
            follow,
        }
    }

    /// Transfers a call to the first of several targets that answers.
    ///
    /// In v1 the targets are called one after the other: the next one only if it is certain that
    /// the previous one did not get the call, and that the caller's call is active. If this is not
    /// known, it stops, so that no two targets get the same caller. In v2 one request calls all
    /// targets at the same time; if none answers, the response to the event `transferComplete` says
    /// what the call does next, and without such a response the call ends. Dropping the future
    /// stops the sequence; a target may then have the call, or still get it.
    ///
    /// # Errors
    /// An argument that can't be sent, or the error of the first target if it is refused for a
    /// reason that applies to all targets. Everything else, also an unknown outcome, is in the
    /// result.
    pub async fn transfer_to_first(
        &self,
        first: TransferToFirst,
    ) -> Result<FirstTransferred, Error> {
        self.execute(Request::transfer_to_first(self.config(), first)?)
            .await
    }
}

/// A transfer that is followed by an async client. Made by [`Client::follow`].
///
/// A read shows the state at the time of the read. In v1, a read also shows whether a call that has
/// ended was answered; the list of its events, which is read too, shows why it ended. In v2 only
/// events and the list of calls name the new call, so the list is read. A target that could not be
/// called at all is not in the list, and the result stays unknown.
#[derive(Debug, Clone)]
pub struct CallFollow {
    client: Client,
    follow: Follow,
}

impl CallFollow {
    /// Reads until `until` is reached: at once, again after 0.25 seconds, and then at growing
    /// intervals of at most 2 seconds.
    ///
    /// A read that fails is repeated until `timeout` is over. Then the status is returned; if it
    /// has no result, the result is [`Unknown`](crate::FollowResult::Unknown) and the evidence says
    /// why. Call it again to continue. With a `timeout` of 0 it reads once. Dropping the future stops
    /// the reads, and loses what they have shown so far.
    ///
    /// # Errors
    /// A `timeout` of more than 7 days; an error that another read would return too, such as wrong
    /// credentials.
    pub async fn wait(
        &mut self,
        until: FollowUntil,
        timeout: Duration,
    ) -> Result<FollowStatus, Error> {
        let follow = self.follow.clone();
        let request = Request::follow(self.client.config(), follow, until, timeout)?;
        self.follow = self.client.execute(request).await?;
        Ok(self.status())
    }

    /// The status that is known now.
    pub fn status(&self) -> FollowStatus {
        self.follow.status()
    }

    /// Takes an event, for programs that both read and receive events.
    pub fn event(&mut self, event: &Event) -> Seen {
        self.follow.event(event)
    }
}

impl blocking::Client {
    /// Reads the list of a call's events. v1 only.
    ///
    /// # Errors
    /// As for [`get_call`](Self::get_call); [`Configuration`](crate::ErrorKind::Configuration) with
    /// the v2 API, which has no such list.
    pub fn get_call_events(&self, call_id: &str) -> Result<Vec<CallEvent>, Error> {
        self.execute(Request::get_call_events(self.config(), call_id)?)
    }

    /// Follows a transfer that was made, by reading calls; see
    /// [`Client::follow`](crate::Client::follow).
    ///
    /// # Errors
    /// None, if `done` was returned by a client.
    pub fn follow(&self, done: &Transferred) -> Result<BlockingCallFollow<'_>, Error> {
        Ok(self.follow_from(of(self.config(), done)?))
    }

    /// Follows a transfer whose IDs are known, or continues with what a [`Follow`]
    /// already knows.
    pub fn follow_from(&self, follow: Follow) -> BlockingCallFollow<'_> {
        BlockingCallFollow {
            client: self,
            follow,
        }
    }

    /// Transfers a call to the first of several targets that answers, and waits for the result; see
    /// [`Client::transfer_to_first`](crate::Client::transfer_to_first).
    ///
    /// # Errors
    /// As for [`Client::transfer_to_first`](crate::Client::transfer_to_first).
    pub fn transfer_to_first(&self, first: TransferToFirst) -> Result<FirstTransferred, Error> {
        self.execute(Request::transfer_to_first(self.config(), first)?)
    }
}

/// A transfer that is followed by a blocking client; otherwise as
/// [`CallFollow`](crate::CallFollow).
#[derive(Debug, Clone)]
pub struct BlockingCallFollow<'c> {
    client: &'c blocking::Client,
    follow: Follow,
}

impl BlockingCallFollow<'_> {
    /// Reads until `until` is reached, on this thread; see
    /// [`CallFollow::wait`](crate::CallFollow::wait).
    ///
    /// # Errors
    /// As for [`CallFollow::wait`](crate::CallFollow::wait).
    pub fn wait(&mut self, until: FollowUntil, timeout: Duration) -> Result<FollowStatus, Error> {
        let follow = self.follow.clone();
        let request = Request::follow(self.client.config(), follow, until, timeout)?;
        self.follow = self.client.execute(request)?;
        Ok(self.status())
    }

    /// The status that is known now.
    pub fn status(&self) -> FollowStatus {
        self.follow.status()
    }

    /// Takes an event, for programs that both read and receive events.
    pub fn event(&mut self, event: &Event) -> Seen {
        self.follow.event(event)
    }
}

impl background::Client {
    /// Follows a transfer by reading calls until `until` is reached, and then passes the `Follow`
    /// to `done`; see [`CallFollow::wait`](crate::CallFollow::wait).
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn follow(
        &self,
        follow: Follow,
        until: FollowUntil,
        timeout: Duration,
        done: impl FnOnce(Result<Follow, Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        let request = Request::follow(self.config(), follow, until, timeout)?;
        self.execute(request, done)
    }

    /// Transfers a call to the first of several targets that answers, and passes the result to `done`;
    /// see [`Client::transfer_to_first`](crate::Client::transfer_to_first).
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn transfer_to_first(
        &self,
        first: TransferToFirst,
        done: impl FnOnce(Result<FirstTransferred, Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        self.execute(Request::transfer_to_first(self.config(), first)?, done)
    }
}

fn of(config: &Config, done: &Transferred) -> Result<Follow, Error> {
    Follow::of(config.api(), done)
}
