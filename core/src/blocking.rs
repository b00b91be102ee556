//! The blocking client: the same as [`Client`](crate::Client), for threads without a runtime.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task::Poll;
use std::thread::Thread;
use std::time::Duration;
use std::vec;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

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
use crate::transport::{self, RequestProgress, RuntimePool};

/// Transfers calls from ordinary threads.
///
/// May be used by many threads at the same time; each request runs on the thread that calls the
/// method. It also works inside async code, but starts a thread for each request there. A forked
/// child may continue to use it: it opens its own connections.
///
/// ```
/// # use calltransfer_sandbox::{IncomingCall, Sandbox};
/// use calltransfer::{Config, Transfer, blocking};
///
/// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start()?;
/// # let call_id = sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap();
/// # let base_url = sandbox.url();
/// let config = Config::builder()
///     .user_id("u-abc123")
///     .token("t-token")
///     .secret("s-secret")
///     .base_url(base_url)
///     .build()?;
/// let client = blocking::Client::new(config);
/// let done = client.transfer(Transfer::new(call_id, "+18382947878"))?;
/// println!("the new call is {:?}", done.new_call_id);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Client {
    inner: Arc<Inner>,
    /// Present if a connection is kept ready.
    keeper: PerProcess<OnceLock<Option<Keeper>>>,
}

struct Inner {
    runner: RequestRunner,
    runtimes: RuntimePool,
}

impl Client {
    /// A client for this configuration. Unless `keep_ready` is set, nothing is opened or loaded
    /// before the first transfer.
    pub fn new(config: Config) -> Self {
        let inner = Arc::new(Inner {
            runner: RequestRunner::new(config),
            runtimes: RuntimePool::new(),
        });
        let client = Self {
            inner,
            keeper: PerProcess::default(),
        };
        client.keep_ready();
        client
    }

    /// The client's configuration.
    pub fn config(&self) -> &Config {
        &self.inner.runner.config
    }

    /// Asks the platform to connect a live call to someone else, and waits for the outcome.
    ///
    /// The request is sent at most once, unless the platform is known to have done nothing, because
    /// the platform cannot distinguish a retry from a new request.
    ///
    /// # Errors
    /// Why the transfer was not made, or is not known to have been made; [`Error::outcome`] says
    /// which.
    pub fn transfer(&self, transfer: impl AsRef<Transfer>) -> Result<Transferred, Error> {
        self.execute(Request::transfer(self.config(), transfer)?)
    }

    /// Reads a call. A read changes nothing, so it is retried after every failure that may be
    /// temporary.
    ///
    /// # Errors
    /// Why the call was not read; the outcome is `not_sent` or `not_applied`.
    pub fn get_call(&self, call_id: &str) -> Result<Call, Error> {
        self.execute(Request::get_call(self.config(), call_id)?)
    }

    /// Lists the account's calls, in the platform's order (the newest first). A page is requested
    /// when the iterator reaches its first call; this method sends nothing.
    ///
    /// ```
    /// # use calltransfer_sandbox::{IncomingCall, Sandbox};
    /// use calltransfer::CallQuery;
    /// # use calltransfer::{Config, blocking::Client};
    /// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start()?;
    /// # sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap();
    /// # let config = Config::builder().user_id("u-abc123").token("t-token").secret("s-secret");
    /// # let client = Client::new(config.base_url(sandbox.url()).build()?);
    ///
    /// for call in client.list_calls(CallQuery::new().state("active").to("+18385550199"))? {
    ///     println!("{}", call?.id);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming the field.
    pub fn list_calls(&self, query: impl AsRef<CallQuery>) -> Result<CallList<'_>, Error> {
        Ok(CallList {
            client: self,
            next: Some(Ok(Request::list_calls(self.config(), query)?)),
            calls: Vec::new().into_iter(),
        })
    }

    /// Answers an incoming call, so that it can be transferred.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn answer(&self, call_id: &str) -> Result<(), Error> {
        self.execute(Request::answer(self.config(), call_id)?)
    }

    /// Ends a call.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn hang_up(&self, call_id: &str) -> Result<(), Error> {
        self.execute(Request::hang_up(self.config(), call_id)?)
    }

    /// Reads a call after an unknown outcome, and says what is now known of its transfer:
    /// `client.check(&error)` of the one that failed, `client.check("c-1")` of any transfer of the call.
    /// Reads the call, and a list if its state is not conclusive, within one timeout; never sends the
    /// transfer again. See [`Client::check`](crate::Client::check).
    ///
    /// # Errors
    /// The error of reading the call.
    pub fn check<'a>(&self, subject: impl Into<CheckSubject<'a>>) -> Result<Finding, Error> {
        self.execute(Request::check(self.config(), subject)?)
    }

    /// Opens a connection, so that the next transfer takes one round trip: resolves the name,
    /// connects, makes the TLS handshake and, for v2, gets an access token. Call it when a call
    /// arrives, before it is decided where the call is transferred to.
    ///
    /// Does nothing if there is an open connection. Changes nothing at the platform, and never
    /// makes a later transfer fail. The connection is used for as long as the server keeps it open,
    /// at most 50 seconds; with `keep_alive` off it isn't used at all.
    ///
    /// It is used by the next request of any thread; where several threads send at once, the others
    /// open connections of their own.
    ///
    /// # Errors
    /// Why there is no connection, after one attempt; the outcome is `not_sent`.
    pub fn prepare(&self) -> Result<(), Error> {
        self.execute(Request::prepare(self.config()))
    }

    /// Sends a request that was made with the same configuration, and waits for the outcome.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn execute<T: Send>(&self, request: Request<T>) -> Result<T, Error> {
        self.run(&request, None)
    }

    /// As [`execute`](Self::execute), but calls `check` every `interval` while it waits, and stops
    /// when that returns `Break`.
    ///
    /// For programs that must do something while they wait, as a Python interpreter must check for
    /// signals, and for stopping a request from another thread. `check` runs on the waiting thread.
    /// A stopped request ends with [`Cancelled`](crate::ErrorKind::Cancelled) if it was not sent,
    /// otherwise with [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer), and those two.
    pub fn execute_interruptible<T: Send>(
        &self,
        request: Request<T>,
        interval: Duration,
        check: &mut Check<'_>,
    ) -> Result<T, Error> {
        self.run(&request, Some((interval, check)))
    }

    fn run<T: Send>(
        &self,
        request: &Request<T>,
        check: Option<(Duration, &mut Check<'_>)>,
    ) -> Result<T, Error> {
        let progress = Arc::new(RequestProgress::default());
        let begin = Instant::now();
        self.keep_ready();
        let Inner { runner, runtimes } = &*self.inner;
        let ended = runtimes.run(&runner.config, async |http| {
            let running = pin!(runner.run(&http, request, &progress));
            match check {
                None => running.await,
                Some((interval, check)) => match until(running, interval, check).await {
                    Some(result) => result,
                    None => Err(runner.cancelled(request, begin, &progress)),
                },
            }
        })?;
        ended.unwrap_or_else(|| Err(runner.closed(request, begin, &progress)))
    }

    /// Starts the thread that keeps a connection ready in this process, if `keep_ready` is set. If
    /// no thread can be started, requests open connections when they need them.
    fn keep_ready(&self) {
        if self.config().keep_ready() {
            let keeper = self.keeper.current();
            keeper.get_or_init(|| Keeper::start(Arc::downgrade(&self.inner)).ok());
        }
    }
}

impl Inner {
    /// How long until the next check.
    fn renew(&self) -> Duration {
        let Self { runner, runtimes } = self;
        let renewed = runtimes.keep_ready(
            &runner.config,
            |http| runner.is_ready(http),
            async |http| runner.prepare(&http).await,
        );
        match renewed {
            Ok(()) => keep_ready::INTERVAL,
            Err(_) => keep_ready::PAUSE,
        }
    }
}

/// The thread that keeps a connection ready. It ends soon after this is dropped.
struct Keeper {
    ended: Arc<AtomicBool>,
    thread: Thread,
}

impl Keeper {
    fn start(client: Weak<Inner>) -> std::io::Result<Self> {
        let ended = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&ended);
        let thread = transport::spawn_without_signals("calltransfer-ready", move || {
            while let Some(client) = client
                .upgrade()
                .filter(|_| !is_over.load(Ordering::Acquire))
            {
                let pause = client.renew();
                drop(client);
                if !is_over.load(Ordering::Acquire) {
                    std::thread::park_timeout(pause);
                }
            }
        })?;
        Ok(Self { ended, thread })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        // No lock: in a forked child the thread is its parent's, and was never there.
        self.thread.unpark();
    }
}

/// Called at intervals; returns whether to continue waiting.
pub type Check<'a> = dyn FnMut() -> ControlFlow<()> + Send + 'a;

/// The future's value, or `None` if the check breaks.
async fn until<T>(
    mut future: Pin<&mut impl Future<Output = T>>,
    interval: Duration,
    check: &mut Check<'_>,
) -> Option<T> {
    let mut ticks = interval_at(Instant::now() + interval, interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        while ticks.poll_tick(context).is_ready() {
            if check().is_break() {
                return Poll::Ready(None);
            }
        }
        Poll::Pending
    })
    .await
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}

pub use crate::follow::BlockingCallFollow as CallFollow;

/// A list of calls, read page by page. Made by [`Client::list_calls`].
///
/// It ends with the first error. It is not a snapshot: calls begin and end while it is read. A call
/// that appears on two pages because of that is returned once.
#[derive(Debug)]
pub struct CallList<'a> {
    client: &'a Client,
    next: Option<NextRequest>,
    /// The rest of the page that was read last.
    calls: vec::IntoIter<Call>,
}

impl Iterator for CallList<'_> {
    type Item = Result<Call, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(call) = self.calls.next() {
                return Some(Ok(call));
            }
            let request = self.next.take()?;
            match request.and_then(|request| self.client.execute(request)) {
                Ok(page) => (self.calls, self.next) = page.split(self.client.config()),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl std::iter::FusedIterator for CallList<'_> {}
