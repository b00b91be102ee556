//! Callback-based client: requests run on background threads.

mod batch;
mod many;
mod ticket;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::check::CheckSubject;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::keep_ready;
use crate::protocol::Request;
use crate::request_runner::RequestRunner;
use crate::response::{Call, Finding, Transferred};
use crate::transfer::Transfer;
use crate::transport::{
    Abandon, AssignedWorker, RequestProgress, SendPermit, WorkerClient, is_first_worker,
    look_after_connections,
};

pub use batch::{Batch, Limits};
pub use many::TransferMany;
pub use ticket::Ticket;

/// Transfers calls without blocking the calling thread.
///
/// A few threads of the library do the work, for all background clients of the process. They start
/// with the first request, and no signal handler runs on them. Cheap to clone; may be used by many
/// threads at the same time. When a client is dropped, its requests in progress still end normally.
/// A forked child may continue to use it, with its own threads; requests that were in progress at
/// the fork belong to the parent, and the child does not get their outcomes.
///
/// A list of calls is read page by page: [`execute`](Self::execute) sends
/// [`Request::list_calls`], then [`Request::next_page`] for each [`CallPage::next`](crate::CallPage::next).
///
/// Each `done` is called exactly once, on one of those threads: it must not block. If a method
/// returns an error, nothing was sent and `done` isn't called.
///
/// ```
/// # use calltransfer_sandbox::{IncomingCall, Sandbox};
/// use std::sync::mpsc;
/// use calltransfer::{Config, Transfer, background};
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
/// let client = background::Client::new(config);
/// let (sender, receiver) = mpsc::channel();
/// client.transfer(Transfer::new(call_id, "+18382947878"), move |result| {
///     let _ = sender.send(result);
/// })?;
/// let done = receiver.recv()??;
/// println!("the new call is {:?}", done.new_call_id);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    runner: RequestRunner,
    worker_client: WorkerClient,
}

/// Ends the threads of the library in this process, and closes their connections and descriptors.
///
/// For programs that check for leaks, or whose main thread ends before the others. Drop all clients
/// before; requests of a background client that are still in progress end as after
/// [`Ticket::cancel`]. Waits for the threads, but at most one second for those in a name look-up or
/// in the read of a file. Returns the number of threads that are still running. Clients may be used
/// afterwards, and start their threads again. On a thread that calls a `done` it does nothing, and
/// returns 1.
pub fn shut_down() -> usize {
    crate::transport::shut_down()
}

impl Client {
    /// A client for this configuration. Nothing is opened or loaded before the first transfer.
    pub fn new(config: Config) -> Self {
        let runner = RequestRunner::new(config);
        let worker_client = WorkerClient::new();
        let client = Self(Arc::new(Inner {
            runner,
            worker_client,
        }));
        if client.config().keep_ready() {
            // On the worker that gets the next request, to which an error is reported.
            let prepare = Request::prepare(client.config());
            let first = client.0.worker_client.assign_first();
            let _ =
                first.map(|place| client.start(place, prepare, RequestProgress::default(), |_| ()));
        }
        client
    }

    /// The client's configuration.
    pub fn config(&self) -> &Config {
        &self.0.runner.config
    }

    /// Asks the platform to connect a live call to someone else, and passes the outcome to `done`.
    ///
    /// The request is sent at most once, unless the platform is known to have done nothing, because
    /// the platform cannot distinguish a retry from a new request.
    ///
    /// # Errors
    /// An argument that can't be sent, or no thread to send it. All other errors go to `done`:
    /// see [`Error::outcome`].
    pub fn transfer(
        &self,
        transfer: impl AsRef<Transfer>,
        done: impl FnOnce(Result<Transferred, Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        self.execute(Request::transfer(self.config(), transfer)?, done)
    }

    /// Reads a call. A read changes nothing, so it is retried after every failure that may be
    /// temporary.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn get_call(
        &self,
        call_id: &str,
        done: impl FnOnce(Result<Call, Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        self.execute(Request::get_call(self.config(), call_id)?, done)
    }

    /// Answers an incoming call, so that it can be transferred.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn answer(
        &self,
        call_id: &str,
        done: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        self.execute(Request::answer(self.config(), call_id)?, done)
    }

    /// Ends a call.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn hang_up(
        &self,
        call_id: &str,
        done: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        self.execute(Request::hang_up(self.config(), call_id)?, done)
    }

    /// Reads a call after an unknown outcome, and passes to `done` what is now known of its transfer: of
    /// the one that an error is about, or of any transfer of a call. Reads the call, and a list if its
    /// state is not conclusive, within one timeout; never sends the transfer again. See
    /// [`Client::check`](crate::Client::check).
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn check<'a>(
        &self,
        subject: impl Into<CheckSubject<'a>>,
        done: impl FnOnce(Result<Finding, Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        self.execute(Request::check(self.config(), subject)?, done)
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
    /// As for [`transfer`](Self::transfer). `done` gets why there is no connection, after one
    /// attempt.
    pub fn prepare(
        &self,
        done: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        self.execute(Request::prepare(self.config()), done)
    }

    /// Sends a request that was made with the same configuration, and passes the outcome to `done`.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn execute<T: Send + 'static>(
        &self,
        request: Request<T>,
        done: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        // Before the guard exists: where this fails, `done` is never called.
        let place = self.0.worker_client.assign()?;
        Ok(self.start(place, request, RequestProgress::default(), done))
    }

    /// Sends a request that was made with the same configuration, once, if `permit` allows it when
    /// the body is passed to the connection; see
    /// [`Client::execute_with`](crate::Client::execute_with).
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn execute_with<T: Send + 'static>(
        &self,
        request: Request<T>,
        permit: SendPermit,
        done: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) -> Result<Ticket, Error> {
        let place = self.0.worker_client.assign()?;
        Ok(self.start(place, request, RequestProgress::permitted(permit), done))
    }

    fn start<T: Send + 'static>(
        &self,
        place: AssignedWorker,
        request: Request<T>,
        progress: RequestProgress,
        done: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) -> Ticket {
        let ticket = Ticket::new();
        let stop = ticket.clone();
        let completion = Arc::new(CompletionGuard {
            done: Mutex::new(Some(done)),
            inner: Arc::clone(&self.0),
            request,
            progress: Arc::new(progress),
            begin: Instant::now(),
        });
        let waiting = Arc::clone(&completion);
        place.run(waiting, async move {
            let CompletionGuard {
                inner,
                request,
                progress,
                ..
            } = &*completion;
            let ended = inner.run(request, progress, &stop).await;
            move || completion.complete(ended)
        });
        ticket
    }
}

impl Inner {
    async fn run<T>(
        self: &Arc<Self>,
        request: &Request<T>,
        progress: &Arc<RequestProgress>,
        stop: &Ticket,
    ) -> Result<T, Error> {
        let begin = Instant::now();
        let ended = if stop.is_cancelled() {
            None
        } else {
            let (http, is_new) = self.worker_client.connections(&self.runner.config)?;
            if is_new && self.runner.config.keep_ready() && is_first_worker() {
                let inner = Arc::downgrade(self);
                tokio::spawn(keep_ready::keep_ready(inner, |i| &i.runner, http.clone()));
            }
            let running = pin!(self.runner.run(&http, request, progress));
            let ended = stop.unless_cancelled(running).await;
            if is_new || !http.keeps_alive() {
                // A host that has its outcome may close all descriptors: what the pool still does with
                // them, when it gets its first connection or closes one, comes before.
                look_after_connections().await;
            }
            ended
        };
        ended.unwrap_or_else(|| Err(self.runner.cancelled(request, begin, progress)))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.0.runner.config)
            .finish_non_exhaustive()
    }
}

/// Calls `done` exactly once, whatever happens: also if an observer panics.
struct CompletionGuard<T, D: FnOnce(Result<T, Error>)> {
    done: Mutex<Option<D>>,
    inner: Arc<Inner>,
    request: Request<T>,
    progress: Arc<RequestProgress>,
    begin: Instant,
}

impl<T, D: FnOnce(Result<T, Error>)> CompletionGuard<T, D> {
    /// Passes on the first result; later ones are dropped.
    fn complete(&self, result: Result<T, Error>) {
        let done = lock(&self.done).take();
        if let Some(done) = done {
            done(result);
        }
    }
}

impl<T: Send, D: FnOnce(Result<T, Error>) + Send> Abandon for CompletionGuard<T, D> {
    fn abandon(&self) {
        let runner = &self.inner.runner;
        self.complete(Err(runner.closed(
            &self.request,
            self.begin,
            &self.progress,
        )));
    }
}

impl<T, D: FnOnce(Result<T, Error>)> Drop for CompletionGuard<T, D> {
    fn drop(&mut self) {
        let Some(done) = lock(&self.done).take() else {
            return;
        };
        let lost = if std::thread::panicking() {
            Error::panicked(if self.progress.has_body_started() {
                Outcome::Unknown
            } else {
                Outcome::NotSent
            })
        } else {
            // The library was shut down.
            let runner = &self.inner.runner;
            runner.cancelled(&self.request, self.begin, &self.progress)
        };
        // A second panic while the first unwinds would end the process.
        let _ = catch_unwind(AssertUnwindSafe(|| done(Err(lost))));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
