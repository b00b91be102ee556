//! Many transfers at once: so many under way, so many a second, and a stop that tells of each.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::time::Instant;

use super::{Client, Inner, Ticket, lock};
use crate::error::InvalidArgument;
use crate::error::{Error, Outcome};
use crate::policy::pace::Pace;
use crate::process_id::ProcessId;
use crate::protocol::Request;
use crate::response::Transferred;
use crate::transfer::Transfer;
use crate::transport::{Abandon, RequestProgress};

/// How much of a batch may go on at once, and how fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    concurrency: usize,
    rate: Option<f64>,
}

impl Limits {
    /// Most transfers that may be under way at once.
    pub const MOST: usize = 10_000;

    /// So many transfers under way at once, 1 to 10,000. Each has a connection, and so a file
    /// descriptor.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming `concurrency`.
    pub fn new(concurrency: usize) -> Result<Self, Error> {
        if (1..=Self::MOST).contains(&concurrency) {
            let rate = None;
            return Ok(Self { concurrency, rate });
        }
        let reason = format!("must be 1 to 10,000, got {concurrency}");
        Err(InvalidArgument::new("concurrency", reason).into())
    }

    /// At most so many transfers begun a second, evenly spread. Further attempts of a transfer
    /// that the platform refused aren't counted.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming `rate`.
    pub fn rate(self, rate: f64) -> Result<Self, Error> {
        if (0.001..=1e6).contains(&rate) {
            let rate = Some(rate);
            return Ok(Self { rate, ..self });
        }
        let reason = format!("must be 0.001 to 1,000,000 per second, got {rate}");
        Err(InvalidArgument::new("rate", reason).into())
    }
}

/// Transfers that go out together; made by [`Client::batch`]. Dropping it stops nothing.
///
/// For hosts that feed it bit by bit; [`Client::transfer_many`] is the whole.
#[derive(Clone)]
pub struct Batch(Arc<Shared>);

type Each = dyn Fn(usize, Result<Transferred, Error>) + Send + Sync;

struct Shared {
    /// A forked child has no threads that play, and locks that nobody opens.
    pid: ProcessId,
    inner: Arc<Inner>,
    limits: Limits,
    pace: Arc<Pace>,
    each: Box<Each>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(usize, Request<Transferred>)>,
    in_flight: HashMap<usize, Ticket>,
    /// Tasks that take from the queue until it is empty.
    loops: usize,
    stopped: bool,
}

impl Client {
    /// A batch within these limits. `each` is told the outcome of every transfer that is added,
    /// under the number that it was added with: on a thread of the library's, or on the one that
    /// stops the batch. It must not block.
    pub fn batch(
        &self,
        limits: Limits,
        each: impl Fn(usize, Result<Transferred, Error>) + Send + Sync + 'static,
    ) -> Batch {
        Batch(Arc::new(Shared {
            pid: ProcessId::current(),
            inner: Arc::clone(&self.0),
            limits,
            pace: Arc::new(Pace::new(limits.rate)),
            each: Box::new(each),
            state: Mutex::default(),
        }))
    }
}

impl Batch {
    /// Adds a transfer, to be begun as soon as the limits allow.
    ///
    /// # Errors
    /// An argument that can't be sent, no thread to send it, or a batch that was stopped:
    /// nothing was sent, and `each` isn't told.
    pub fn add(&self, number: usize, transfer: impl AsRef<Transfer>) -> Result<(), Error> {
        let request = Request::transfer(&self.0.inner.runner.config, transfer)?;
        if !self.0.is_here() {
            return Err(self.0.not_begun(&request));
        }
        let mut state = self.0.lock();
        if state.stopped {
            return Err(self.0.not_begun(&request));
        }
        state.queue.push_back((number, request));
        if state.loops < self.0.limits.concurrency {
            state.loops += 1;
            drop(state);
            self.0
                .start_loop()
                .or_else(|error| self.0.take_back(number, error))?;
        }
        Ok(())
    }

    /// Whether a transfer that is added now may begin soon: no more wait than may be under way.
    pub fn has_room(&self) -> bool {
        if !self.0.is_here() {
            return false;
        }
        let state = self.0.lock();
        state.queue.len() < self.0.limits.concurrency
    }

    /// Whether `each` was told of everything that was added.
    pub fn is_idle(&self) -> bool {
        if !self.0.is_here() {
            return true;
        }
        let state = self.0.lock();
        state.queue.is_empty() && state.in_flight.is_empty()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.0.lock().stopped
    }

    /// Stops what has not ended, and tells `each` about it. What waits was not sent; what is under
    /// way ends as after [`Ticket::cancel`]. In a forked child nothing is: it is the parent's.
    pub fn stop(&self) {
        if !self.0.is_here() {
            return;
        }
        let (queue, tickets) = {
            let mut state = self.0.lock();
            state.stopped = true;
            let tickets: Vec<_> = state.in_flight.values().cloned().collect();
            (std::mem::take(&mut state.queue), tickets)
        };
        for ticket in tickets {
            ticket.cancel();
        }
        for (number, request) in queue {
            (self.0.each)(number, Err(self.0.not_begun(&request)));
        }
    }
}

impl Shared {
    fn start_loop(self: &Arc<Self>) -> Result<(), Error> {
        // Before the worker_loop exists: the end of a worker_loop opens another.
        let place = self.inner.worker_client.assign()?;
        let worker_loop = Arc::new(WorkerLoop {
            shared: Arc::clone(self),
            now: Mutex::new(None),
            has_ended: AtomicBool::new(false),
        });
        let waiting = Arc::clone(&worker_loop);
        place.run(waiting, async move {
            while let Some(turn) = worker_loop.next() {
                turn.play().await;
            }
            worker_loop.end();
        });
        Ok(())
    }

    /// A worker_loop is no more, and takes nothing from the queue.
    fn loop_ended(self: &Arc<Self>) {
        let mut state = self.lock();
        // Empty as a rule; not where a panic ended the worker_loop, or where one was just added.
        if state.queue.is_empty() {
            state.loops -= 1;
            return;
        }
        drop(state);
        let Err(error) = self.start_loop() else {
            return;
        };
        let mut state = self.lock();
        state.loops -= 1;
        if state.loops > 0 {
            return; // the others take what waits
        }
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        for (number, request) in queue {
            let error = error
                .clone_without_source()
                .with_call_id(&request.http_request.call_id);
            (self.each)(number, Err(error));
        }
    }

    /// A worker_loop didn't open; the transfer that asked for it may still be taken by another.
    fn take_back(&self, number: usize, error: Error) -> Result<(), Error> {
        let mut state = self.lock();
        state.loops -= 1;
        if state.loops > 0 {
            return Ok(());
        }
        let before = state.queue.len();
        state.queue.retain(|(waiting, _)| *waiting != number);
        if state.queue.len() < before {
            Err(error)
        } else {
            Ok(())
        }
    }

    fn is_here(&self) -> bool {
        self.pid == ProcessId::current()
    }

    fn not_begun(&self, request: &Request<Transferred>) -> Error {
        let runner = &self.inner.runner;
        runner.cancelled(request, Instant::now(), &RequestProgress::default())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// One of the transfers that may be under way at once.
struct WorkerLoop {
    shared: Arc<Shared>,
    now: Mutex<Option<Arc<Play>>>,
    has_ended: AtomicBool,
}

impl WorkerLoop {
    fn next(&self) -> Option<Turn> {
        let mut state = self.shared.lock();
        let (number, request) = state.queue.pop_front()?;
        let stop = Ticket::new();
        state.in_flight.insert(number, stop.clone());
        drop(state);
        let play = Arc::new(Play {
            progress: Arc::new(RequestProgress::paced(Arc::clone(&self.shared.pace))),
            number,
            request,
            stop,
            begin: Instant::now(),
            told: AtomicBool::new(false),
        });
        *lock(&self.now) = Some(Arc::clone(&play));
        let shared = Arc::clone(&self.shared);
        Some(Turn { shared, play })
    }

    fn end(&self) {
        if !self.has_ended.swap(true, Ordering::AcqRel) {
            self.shared.loop_ended();
        }
    }
}

impl Abandon for WorkerLoop {
    fn abandon(&self) {
        let now = lock(&self.now).take();
        if let Some(play) = now {
            let runner = &self.shared.inner.runner;
            let error = runner.closed(&play.request, play.begin, &play.progress);
            self.shared.tell(&play, Err(error));
        }
        self.end();
    }
}

impl Drop for WorkerLoop {
    fn drop(&mut self) {
        self.end();
    }
}

/// A transfer whose turn it is.
struct Play {
    progress: Arc<RequestProgress>,
    number: usize,
    request: Request<Transferred>,
    stop: Ticket,
    begin: Instant,
    told: AtomicBool,
}

impl Shared {
    /// Tells the outcome of a transfer, once.
    fn tell(&self, play: &Play, result: Result<Transferred, Error>) {
        if !play.told.swap(true, Ordering::AcqRel) {
            (self.each)(play.number, result);
            self.lock().in_flight.remove(&play.number);
        }
    }
}

/// A transfer in flight. Its outcome is always reported, whatever happens.
struct Turn {
    shared: Arc<Shared>,
    play: Arc<Play>,
}

impl Turn {
    async fn play(self) {
        let (shared, play) = (&self.shared, &self.play);
        let waited = play.stop.unless_cancelled(pin!(shared.pace.turn())).await;
        let result = match waited {
            Some(()) => {
                let running = shared.inner.run(&play.request, &play.progress, &play.stop);
                running.await
            }
            None => Err(shared.not_begun(&play.request)),
        };
        if result.is_ok() {
            shared.pace.succeeded();
        }
        shared.tell(play, result);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.play.told.load(Ordering::Acquire) {
            return;
        }
        let lost = Error::panicked(if self.play.progress.has_body_started() {
            Outcome::Unknown
        } else {
            Outcome::NotSent
        });
        // A second panic while the first unwinds would end the process.
        let _ = catch_unwind(AssertUnwindSafe(|| self.shared.tell(&self.play, Err(lost))));
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}
