//! Bulk transfers with a concurrency limit, a rate limit and cancellation.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::time::Instant;

use super::{Client, Inner, Ticket, lock};
use crate::error::{Error, Outcome};
use crate::policy::concurrency;
use crate::policy::pace::Pace;
use crate::process_id::ProcessId;
use crate::protocol::Request;
use crate::response::Transferred;
use crate::transfer::Transfer;
use crate::transport::{Abandon, RequestProgress};

/// How many transfers of a batch may be in progress at the same time, and at which rate they begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    concurrency: usize,
    rate: Option<f64>,
}

impl Limits {
    /// The highest concurrency.
    pub const MOST: usize = concurrency::MOST;

    /// At most `concurrency` transfers in progress at the same time, 1 to 10,000. Each has a
    /// connection, and so needs a file descriptor.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming `concurrency`.
    pub fn new(concurrency: usize) -> Result<Self, Error> {
        concurrency::check("concurrency", concurrency)?;
        let rate = None;
        Ok(Self { concurrency, rate })
    }

    /// At most `rate` transfers begin per second, evenly spread. Further attempts of the same
    /// transfer are not counted.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), naming `rate`.
    pub fn rate(self, rate: f64) -> Result<Self, Error> {
        Pace::check(rate)?;
        let rate = Some(rate);
        Ok(Self { rate, ..self })
    }
}

/// Transfers with common limits; made by [`Client::batch`]. Dropping it does not stop them.
///
/// For programs that add transfers one by one; [`Client::transfer_many`] takes an iterator.
#[derive(Clone)]
pub struct Batch(Arc<Shared>);

type Each = dyn Fn(usize, Result<Transferred, Error>) + Send + Sync;

struct Shared {
    /// A forked child has none of the threads, and locks that stay locked.
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
    /// Number of tasks that take from the queue until it is empty.
    loops: usize,
    stopped: bool,
}

impl Client {
    /// A batch within these limits. `each` is called with the outcome of every transfer that is
    /// added, and the number that it was added with, on a thread of the library or on the thread
    /// that stops the batch. It must not block.
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
    /// Adds a transfer, which begins as soon as the limits allow.
    ///
    /// # Errors
    /// An argument that can't be sent, no thread to send it, or a batch that was stopped:
    /// nothing was sent, and `each` isn't called.
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

    /// Whether a transfer that is added now may begin soon: not more transfers wait than may be in
    /// progress.
    pub fn has_room(&self) -> bool {
        if !self.0.is_here() {
            return false;
        }
        let state = self.0.lock();
        state.queue.len() < self.0.limits.concurrency
    }

    /// Whether `each` was called for everything that was added.
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

    /// Stops all transfers that have not ended, and calls `each` for them. Those that wait were not
    /// sent; those in progress end as after [`Ticket::cancel`]. Does nothing in a forked child,
    /// because the batch belongs to the parent.
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
        // Before the worker loop exists: the end of a worker loop opens another.
        let place = self.inner.worker_client.assign()?;
        let worker_loop = Arc::new(WorkerLoop {
            shared: Arc::clone(self),
            now: Mutex::new(None),
            has_ended: AtomicBool::new(false),
        });
        let waiting = Arc::clone(&worker_loop);
        place.run(waiting, async move {
            while let Some(turn) = worker_loop.next() {
                turn.run().await;
            }
            move || worker_loop.end()
        });
        Ok(())
    }

    /// A worker loop has ended, and takes no more from the queue.
    fn loop_ended(self: &Arc<Self>) {
        let mut state = self.lock();
        // Usually empty, except after a panic of a worker loop, or if a transfer was just added.
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

    /// A worker loop could not be started; another one may still take the transfer.
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

/// One of the transfers that may be in progress at once.
struct WorkerLoop {
    shared: Arc<Shared>,
    now: Mutex<Option<Arc<RunningItem>>>,
    has_ended: AtomicBool,
}

impl WorkerLoop {
    fn next(&self) -> Option<Item> {
        let mut state = self.shared.lock();
        let (number, request) = state.queue.pop_front()?;
        let stop = Ticket::new();
        state.in_flight.insert(number, stop.clone());
        drop(state);
        let item = Arc::new(RunningItem {
            progress: Arc::new(RequestProgress::paced(Arc::clone(&self.shared.pace))),
            number,
            request,
            stop,
            begin: Instant::now(),
            is_reported: AtomicBool::new(false),
        });
        *lock(&self.now) = Some(Arc::clone(&item));
        let shared = Arc::clone(&self.shared);
        Some(Item { shared, item })
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
        if let Some(item) = now {
            let runner = &self.shared.inner.runner;
            let error = runner.closed(&item.request, item.begin, &item.progress);
            self.shared.report(&item, Err(error));
        }
        self.end();
    }
}

impl Drop for WorkerLoop {
    fn drop(&mut self) {
        self.end();
    }
}

/// The next transfer that may begin.
struct RunningItem {
    progress: Arc<RequestProgress>,
    number: usize,
    request: Request<Transferred>,
    stop: Ticket,
    begin: Instant,
    is_reported: AtomicBool,
}

impl Shared {
    /// Reports the outcome of a transfer, once.
    fn report(&self, item: &RunningItem, result: Result<Transferred, Error>) {
        if !item.is_reported.swap(true, Ordering::AcqRel) {
            (self.each)(item.number, result);
            self.lock().in_flight.remove(&item.number);
        }
    }
}

/// A transfer in progress. Its outcome is always reported, also after a panic.
struct Item {
    shared: Arc<Shared>,
    item: Arc<RunningItem>,
}

impl Item {
    async fn run(self) {
        let (shared, item) = (&self.shared, &self.item);
        let waited = item.stop.unless_cancelled(pin!(shared.pace.turn())).await;
        let result = match waited {
            Some(()) => {
                let running = shared.inner.run(&item.request, &item.progress, &item.stop);
                running.await
            }
            None => Err(shared.not_begun(&item.request)),
        };
        if result.is_ok() {
            shared.pace.succeeded();
        }
        shared.report(item, result);
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if self.item.is_reported.load(Ordering::Acquire) {
            return;
        }
        let item = &self.item;
        let lost = if std::thread::panicking() {
            Error::panicked(if item.progress.has_body_started() {
                Outcome::Unknown
            } else {
                Outcome::NotSent
            })
        } else {
            // The library was shut down.
            let runner = &self.shared.inner.runner;
            runner.cancelled(&item.request, item.begin, &item.progress)
        };
        // A second panic while the first unwinds would end the process.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            self.shared.report(&self.item, Err(lost))
        }));
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}
