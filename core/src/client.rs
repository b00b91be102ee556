//! The async client.

use std::sync::{Arc, OnceLock};

use crate::config::Config;
use crate::error::Error;
use crate::process_id::ProcessId;
use crate::protocol::Request;
use crate::request_runner::RequestRunner;
use crate::response::{Call, Finding, Transferred};
use crate::transfer::Transfer;
use crate::transport::{Http, RequestProgress, SendPermit};

/// Transfers calls from async code, on the tokio runtime that awaits it.
///
/// Cheap to clone; clones share their connections. May be used by many tasks at once. For threads
/// without a runtime there is [`blocking::Client`](crate::blocking::Client).
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
    /// Made at the first transfer, with the process that made it.
    http: OnceLock<(ProcessId, Http)>,
}

impl Client {
    /// A client for this configuration. Nothing is opened or loaded before the first transfer.
    pub fn new(config: Config) -> Self {
        let runner = RequestRunner::new(config);
        let http = OnceLock::new();
        Self(Arc::new(Inner { runner, http }))
    }

    /// The configuration that it was made with.
    pub fn config(&self) -> &Config {
        &self.0.runner.config
    }

    /// Asks the platform to connect a live call to someone else.
    ///
    /// Sent at most once, unless the platform is known to have done nothing: it cannot distinguish a
    /// retry from a new request. Dropping the future stops it; whether the transfer is then made
    /// is unknown.
    ///
    /// # Errors
    /// What went wrong. [`Error::outcome`] says whether the call was transferred.
    pub async fn transfer(&self, transfer: impl AsRef<Transfer>) -> Result<Transferred, Error> {
        self.execute(Request::transfer(self.config(), transfer)?)
            .await
    }

    /// Reads a call. Changes nothing, so it is tried again whenever that may help.
    ///
    /// # Errors
    /// What went wrong; the outcome is `not_sent` or `not_applied`.
    pub async fn get_call(&self, call_id: &str) -> Result<Call, Error> {
        self.execute(Request::get_call(self.config(), call_id)?)
            .await
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

    /// Reads a call after an unknown outcome, and says what is now known of its
    /// transfer. Reads once, and never sends the transfer again.
    ///
    /// # Errors
    /// What kept the call from being read.
    pub async fn check(&self, call_id: &str) -> Result<Finding, Error> {
        self.execute(Request::check(self.config(), call_id)?).await
    }

    /// Sends a request that was made with the same configuration.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub async fn execute<T>(&self, request: Request<T>) -> Result<T, Error> {
        self.run(request, RequestProgress::default()).await
    }

    /// Sends a request that was made with the same configuration, once, if `permit` allows it at
    /// the moment in which the body is handed out.
    ///
    /// It is not retried, whatever [`ConfigBuilder::max_retries`](crate::ConfigBuilder::max_retries)
    /// says: who gives permits decides about repeats. Only a token that was revoked early (v2) is
    /// renewed, and the permit asked again.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer). A refused permit is
    /// [`Cancelled`](crate::ErrorKind::Cancelled), and nothing was sent.
    pub async fn execute_with<T>(
        &self,
        request: Request<T>,
        permit: SendPermit,
    ) -> Result<T, Error> {
        self.run(request, RequestProgress::permitted(permit)).await
    }

    async fn run<T>(&self, request: Request<T>, progress: RequestProgress) -> Result<T, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            let message = "runtime: no Tokio runtime in this context; use blocking::Client";
            return Err(Error::misconfigured("runtime", message.to_owned()));
        }
        let http = self.http()?;
        let progress = Arc::new(progress);
        self.0.runner.run(&http, &request, &progress).await
    }

    fn http(&self) -> Result<Http, Error> {
        let pid = ProcessId::current();
        match self.0.http.get() {
            Some((made_by, http)) if *made_by == pid => Ok(http.clone()),
            // After a fork the connections belong to the parent; a child does without a pool.
            Some(_) => Http::new(&self.0.runner.config),
            None => {
                let http = Http::new(&self.0.runner.config)?;
                Ok(self.0.http.get_or_init(|| (pid, http)).1.clone())
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
