//! The async client.

use std::sync::{Arc, OnceLock};
use std::vec;

use crate::calls::CallQuery;
use crate::check::CheckSubject;
use crate::config::Config;
use crate::error::Error;
use crate::keep_ready;
use crate::per_process::PerProcess;
use crate::protocol::{NextRequest, Request};
use crate::request_runner::RequestRunner;
use crate::response::{Call, Finding, Transferred};
use crate::transfer::Transfer;
use crate::transport::{Http, Network, RequestProgress, SendPermit};

/// Transfers calls from async code, on the tokio runtime that awaits it.
///
/// Cheap to clone; clones share their connections. May be used by many tasks at once. For threads
/// without a runtime use [`blocking::Client`](crate::blocking::Client).
///
/// ```
/// # use calltransfer_sandbox::{IncomingCall, Sandbox};
/// use calltransfer::{Client, Config, Transfer, WhisperAudio};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start().unwrap();
/// # let call_id = sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap();
/// # let base_url = sandbox.url();
/// let config = Config::builder()
///     .user_id("u-abc123")
///     .token("t-token")
///     .secret("s-secret")
///     .base_url(base_url)
///     .build()?;
/// let client = Client::new(config);
/// let transfer = Transfer::new(call_id, "+18382947878")
///     .caller_id("private")
///     .whisper_audio(WhisperAudio::sentence("You have an incoming call"));
/// let done = client.transfer(transfer).await?;
/// println!("the new call is {:?}", done.new_call_id);
/// # Ok::<(), calltransfer::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    runner: RequestRunner,
    network: Network,
    /// Created at the first transfer.
    http: PerProcess<OnceLock<Http>>,
}

impl Client {
    /// A client for this configuration. Nothing is opened or loaded before the first transfer.
    pub fn new(config: Config) -> Self {
        let runner = RequestRunner::new(config);
        let client = Self(Arc::new(Inner {
            runner,
            network: Network::default(),
            http: PerProcess::default(),
        }));
        if client.config().keep_ready() && tokio::runtime::Handle::try_current().is_ok() {
            // An error is reported to the first request.
            let _ = client.http();
        }
        client
    }

    /// The client's configuration.
    pub fn config(&self) -> &Config {
        &self.0.runner.config
    }

    /// Asks the platform to connect a live call to someone else.
    ///
    /// The request is sent at most once, unless the platform is known to have done nothing, because
    /// the platform cannot distinguish a retry from a new request. Dropping the future stops the
    /// request; whether the transfer is then made is unknown.
    ///
    /// # Errors
    /// Why the transfer was not made, or is not known to have been made; [`Error::outcome`] says
    /// which.
    pub async fn transfer(&self, transfer: impl AsRef<Transfer>) -> Result<Transferred, Error> {
        self.execute(Request::transfer(self.config(), transfer)?)
            .await
    }

    /// Reads a call. A read changes nothing, so it is retried after every failure that may be
    /// temporary.
    ///
    /// # Errors
    /// Why the call was not read; the outcome is `not_sent` or `not_applied`.
    pub async fn get_call(&self, call_id: &str) -> Result<Call, Error> {
        self.execute(Request::get_call(self.config(), call_id)?)
            .await
    }

    /// Lists the account's calls, in the platform's order (the newest first). A page is requested
    /// when its first call is needed; this method sends nothing.
    ///
    /// ```
    /// # use calltransfer_sandbox::{IncomingCall, Sandbox};
    /// use calltransfer::CallQuery;
    /// # use calltransfer::{Client, Config};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start().unwrap();
    /// # sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap();
    /// # let config = Config::builder().user_id("u-abc123").token("t-token").secret("s-secret");
    /// # let client = Client::new(config.base_url(sandbox.url()).build()?);
    ///
    /// let mut calls = client.list_calls(CallQuery::new().state("active").to("+18385550199"))?;
    /// while let Some(call) = calls.next().await {
    ///     println!("{}", call?.id);
    /// }
    /// # Ok::<(), calltransfer::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming the field.
    pub fn list_calls(&self, query: impl AsRef<CallQuery>) -> Result<CallList, Error> {
        Ok(CallList {
            next: Some(Ok(Request::list_calls(self.config(), query)?)),
            calls: Vec::new().into_iter(),
            client: self.clone(),
        })
    }

    /// Answers an incoming call, so that it can be transferred.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub async fn answer(&self, call_id: &str) -> Result<(), Error> {
        self.execute(Request::answer(self.config(), call_id)?).await
    }

    /// Ends a call.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub async fn hang_up(&self, call_id: &str) -> Result<(), Error> {
        self.execute(Request::hang_up(self.config(), call_id)?)
            .await
    }

    /// Reads a call after an unknown outcome, and says what is now known of its transfer:
    /// `client.check(&error)` of the one that failed, `client.check("c-1")` of any transfer of the call.
    /// Reads the call, and a list if its state is not conclusive, within one timeout; never sends the
    /// transfer again.
    ///
    /// With the error, only calls that can belong to that transfer count, by its targets and by its time
    /// on the platform's clock. If a call may belong to several transfers, the outcome stays unknown.
    ///
    /// # Errors
    /// The error of reading the call.
    pub async fn check<'a>(&self, subject: impl Into<CheckSubject<'a>>) -> Result<Finding, Error> {
        self.execute(Request::check(self.config(), subject)?).await
    }

    /// Opens a connection, so that the next transfer takes one round trip: resolves the name,
    /// connects, makes the TLS handshake and, for v2, gets an access token. Call it when a call
    /// arrives, before it is decided where the call is transferred to.
    ///
    /// Does nothing if there is an open connection. Changes nothing at the platform, and never
    /// makes a later transfer fail. The connection is used for as long as the server keeps it open,
    /// at most 50 seconds; with `keep_alive` off it isn't used at all.
    ///
    /// # Errors
    /// Why there is no connection, after one attempt; the outcome is `not_sent`.
    pub async fn prepare(&self) -> Result<(), Error> {
        self.execute(Request::prepare(self.config())).await
    }

    /// Sends a request that was made with the same configuration.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub async fn execute<T>(&self, request: Request<T>) -> Result<T, Error> {
        self.run(&request, RequestProgress::default()).await
    }

    /// Sends a request that was made with the same configuration, once, if `permit` allows it when
    /// the body is passed to the connection.
    ///
    /// It is not retried, whatever
    /// [`ConfigBuilder::max_retries`](crate::ConfigBuilder::max_retries) says: the code that gives
    /// permits decides whether to send again. Only if a token was revoked early (v2), a new one is
    /// fetched, and the permit is requested again.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer). A refused permit is
    /// [`Cancelled`](crate::ErrorKind::Cancelled), and nothing was sent.
    pub async fn execute_with<T>(
        &self,
        request: Request<T>,
        permit: SendPermit,
    ) -> Result<T, Error> {
        self.run(&request, RequestProgress::permitted(permit)).await
    }

    async fn run<T>(&self, request: &Request<T>, progress: RequestProgress) -> Result<T, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            let message = "runtime: no Tokio runtime in this context; use blocking::Client";
            return Err(Error::misconfigured("runtime", message.to_owned()));
        }
        let http = self.http()?;
        let progress = Arc::new(progress);
        self.0.runner.run(&http, request, &progress).await
    }

    fn http(&self) -> Result<Http, Error> {
        let kept = self.0.http.current();
        match kept.get() {
            Some(http) => Ok(http.clone()),
            None => {
                let made = self.0.network.http(self.config())?;
                let http = kept.get_or_init(|| made.clone());
                if self.config().keep_ready() && http.is_same(&made) {
                    let inner = Arc::downgrade(&self.0);
                    tokio::spawn(keep_ready::keep_ready(inner, |i| &i.runner, made));
                }
                Ok(http.clone())
            }
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.0.runner.config)
            .finish_non_exhaustive()
    }
}

/// A list of calls, read page by page. Made by [`Client::list_calls`].
///
/// It ends with the first error. It is not a snapshot: calls begin and end while it is read. A call
/// that appears on two pages because of that is returned once.
pub struct CallList {
    client: Client,
    /// The next page; stored until it was read, so that a dropped future loses no calls.
    next: Option<NextRequest>,
    /// The rest of the page that was read last.
    calls: vec::IntoIter<Call>,
}

impl CallList {
    /// The next call; `None` after the last, and after an error.
    ///
    /// The future may be dropped while it waits; the next one reads the same page again.
    pub async fn next(&mut self) -> Option<Result<Call, Error>> {
        loop {
            if let Some(call) = self.calls.next() {
                return Some(Ok(call));
            }
            match self.next_page().await? {
                Ok(calls) => self.calls = calls.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The calls of the next page, or the rest of a page that [`next`](Self::next) began; may be
    /// empty. `None` after the last page, and after an error.
    pub async fn next_page(&mut self) -> Option<Result<Vec<Call>, Error>> {
        if self.calls.len() > 0 {
            return Some(Ok(self.calls.by_ref().collect()));
        }
        let page = match self.next.as_ref()? {
            Ok(request) => self.client.run(request, RequestProgress::default()).await,
            Err(_) => return self.next.take()?.err().map(Err),
        };
        self.next = None;
        Some(page.map(|page| {
            let (calls, next) = page.split(self.client.config());
            self.next = next;
            calls.collect()
        }))
    }
}

impl std::fmt::Debug for CallList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallList")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
