//! Following as the clients offer it: a line for each verb.

use std::time::Duration;

use super::first::{FirstTransferred, TransferToFirst};
use super::poll::FollowUntil;
use super::state::{Follow, Seen};
use super::status::FollowStatus;
use crate::background::{self, Ticket};
use crate::calls::CallEvent;
use crate::client::Client;
use crate::error::Error;
use crate::events::Event;
use crate::protocol::Request;
use crate::response::Transferred;
use crate::{Config, blocking};

impl Client {
    /// Reads the list of what happened to a call. v1 only.
    ///
    /// # Errors
    /// As for [`get_call`](Self::get_call); [`Configuration`](crate::ErrorKind::Configuration) with
    /// the v2 API, which keeps no such list.
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
    /// None, for what a client returned.
    pub fn follow(&self, done: &Transferred) -> Result<CallFollow, Error> {
        Ok(self.follow_from(of(self.config(), done)?))
    }

    /// Follows a transfer of which the IDs are known, or something already is.
    pub fn follow_from(&self, follow: Follow) -> CallFollow {
        CallFollow {
            client: self.clone(),
            follow,
        }
    }

    /// Transfers a call to the first of several targets that answers.
    ///
    /// In v1 they are called one after the other: the next one only when it is certain that the one
    /// before did not get the call, and that the caller's call is active. In v2 they all ring at once, by
    /// one request; what the call does if none answers is said by the response to the event
    /// `transferComplete`, and the call ends where nothing says so. What is not known stops it: no two targets
    /// get the same caller. Dropping the future stops it; a target may then have the call, or get it.
    ///
    /// # Errors
    /// What can't be sent; and the error of the first target, if it is refused for a reason that
    /// holds for all. Everything else, an unknown outcome too, is in the result.
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
/// A read is about the moment in which it was made. In v1 a call that was answered and has ended in
/// between is known from its description; why it ended, from the list of its events. v2 names the new call
/// in events and in the list of calls only, so that list is read, too: a target that could not be called
/// at all is in neither, and then the result stays unknown.
#[derive(Debug, Clone)]
pub struct CallFollow {
    client: Client,
    follow: Follow,
}

impl CallFollow {
    /// Reads until that is reached, first after 0.25 seconds, then less often, at most 2 seconds apart.
    ///
    /// A read that fails is made again until `timeout` is over. Then the status is given, with the result
    /// [`Unknown`](crate::FollowResult::Unknown) and the reason if there is none; waiting again
    /// goes on. Dropping the future stops it, and loses nothing but what it had learned.
    ///
    /// # Errors
    /// What another read can't mend, such as wrong credentials.
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

    /// What is known now.
    pub fn status(&self) -> FollowStatus {
        self.follow.status()
    }

    /// Takes an event, for programs that have both.
    pub fn event(&mut self, event: &Event) -> Seen {
        self.follow.event(event)
    }
}

impl blocking::Client {
    /// Reads the list of what happened to a call. v1 only.
    ///
    /// # Errors
    /// As for [`get_call`](Self::get_call); [`Configuration`](crate::ErrorKind::Configuration) with
    /// the v2 API, which keeps no such list.
    pub fn get_call_events(&self, call_id: &str) -> Result<Vec<CallEvent>, Error> {
        self.execute(Request::get_call_events(self.config(), call_id)?)
    }

    /// Follows a transfer that was made, by reading calls; see
    /// [`Client::follow`](crate::Client::follow).
    ///
    /// # Errors
    /// None, for what a client returned.
    pub fn follow(&self, done: &Transferred) -> Result<BlockingCallFollow<'_>, Error> {
        Ok(self.follow_from(of(self.config(), done)?))
    }

    /// Follows a transfer of which the IDs are known, or something already is.
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

/// A transfer that is followed by a blocking client: the twin of [`CallFollow`](crate::CallFollow).
#[derive(Debug, Clone)]
pub struct BlockingCallFollow<'c> {
    client: &'c blocking::Client,
    follow: Follow,
}

impl BlockingCallFollow<'_> {
    /// Reads until that is reached, on this thread; see [`CallFollow::wait`](crate::CallFollow::wait).
    ///
    /// # Errors
    /// What another read can't mend, such as wrong credentials.
    pub fn wait(&mut self, until: FollowUntil, timeout: Duration) -> Result<FollowStatus, Error> {
        let follow = self.follow.clone();
        let request = Request::follow(self.client.config(), follow, until, timeout)?;
        self.follow = self.client.execute(request)?;
        Ok(self.status())
    }

    /// What is known now.
    pub fn status(&self) -> FollowStatus {
        self.follow.status()
    }

    /// Takes an event, for programs that have both.
    pub fn event(&mut self, event: &Event) -> Seen {
        self.follow.event(event)
    }
}

impl background::Client {
    /// Follows a transfer by reading calls until that is reached, and passes what is known then to
    /// `done`; see [`CallFollow::wait`](crate::CallFollow::wait).
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
