//! Many transfers at once: so many under way, so many a second, and a stop that tells of each.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::{Client, Inner, Pace, Ticket};
use crate::dialect::Order;
use crate::outcome::{Error, Outcome, Transferred};
use crate::process_id::ProcessId;
use crate::request::{Fault, Transfer};
use crate::transport::Trace;

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
        let reason = format!("{concurrency} is out of range; allowed is 1 to 10,000");
        Err(Fault::new("concurrency", reason).into())
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
        let reason = format!("{rate} is out of range; allowed is 0.001 to 1,000,000 a second");
        Err(Fault::new("rate", reason).into())
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
    queue: VecDeque<(usize, Order<Transferred>)>,
    under_way: HashMap<usize, Ticket>,
    /// Tasks that take from the queue until it is empty.
    lanes: usize,
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

    /// Makes many transfers, and gives the outcome of each as it comes, under its number from 0.
    ///
    /// A failure is one of the outcomes, not the end. Where the platform says that it is too
    /// much, the whole batch waits until that clears and goes on more slowly. `items` are taken as
    /// there is room for them, so they may be endless. The iterator blocks; dropping it stops what
    /// has not ended.
    ///
    /// ```
    /// # use calltransfer_sandbox::{IncomingCall, Sandbox};
    /// use calltransfer::background::{Client, Limits};
    /// use calltransfer::{Config, Transfer};
    ///
    /// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start()?;
    /// # let ids: Vec<_> = (0..3).map(|_| sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap()).collect();
    /// # let base_url = sandbox.url();
    /// let config = Config::builder()
    ///     .user_id("u-abc123")
    ///     .token("t-token")
    ///     .secret("s-secret")
    ///     .base_url(base_url)
    ///     .build()?;
    /// let client = Client::new(config);
    /// let items = ids.into_iter().map(|id| Transfer::new(id, "+18382947878"));
    /// let limits = Limits::new(16)?.rate(50.0)?;
    /// for (number, result) in client.transfer_many(items, limits) {
    ///     match result {
    ///         Ok(done) => println!("{number}: the new call is {:?}", done.call_id),
    ///         Err(error) => println!("{number}: {}: {error}", error.outcome()),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn transfer_many<I>(&self, items: I, limits: Limits) -> TransferMany<I::IntoIter>
    where
        I: IntoIterator<Item = Transfer>,
    {
        let (tell, told) = channel();
        // Nobody listens after a drop.
        let batch = self.batch(limits, move |number, result| {
            drop(tell.send((number, result)))
        });
        TransferMany {
            batch,
            items: items.into_iter().fuse(),
            told,
            taken: 0,
            open: 0,
        }
    }
}

impl Batch {
    /// Adds a transfer, to be begun as soon as the limits allow.
    ///
    /// # Errors
    /// An argument that can't be sent, no thread to send it, or a batch that was stopped:
    /// nothing was sent, and `each` isn't told.
    pub fn add(&self, number: usize, transfer: impl AsRef<Transfer>) -> Result<(), Error> {
        let order = self.0.inner.delivery.transfer(transfer.as_ref())?;
        if !self.0.is_here() {
            return Err(self.0.not_begun(&order));
        }
        let mut state = self.0.lock();
        if state.stopped {
            return Err(self.0.not_begun(&order));
        }
        state.queue.push_back((number, order));
        if state.lanes < self.0.limits.concurrency {
            state.lanes += 1;
            drop(state);
            self.0
                .open_lane()
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
        state.queue.is_empty() && state.under_way.is_empty()
    }

    fn is_stopped(&self) -> bool {
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
            let tickets: Vec<_> = state.under_way.values().cloned().collect();
            (std::mem::take(&mut state.queue), tickets)
        };
        for ticket in tickets {
            ticket.cancel();
        }
        for (number, order) in queue {
            (self.0.each)(number, Err(self.0.not_begun(&order)));
        }
    }
}

impl Shared {
    fn open_lane(self: &Arc<Self>) -> Result<(), Error> {
        let lane = Lane(Arc::clone(self));
        self.inner.desk.run(async move {
            while let Some(turn) = lane.next() {
                turn.play().await;
            }
        })
    }

    /// A lane didn't open; the transfer that asked for it may still be taken by another.
    fn take_back(&self, number: usize, error: Error) -> Result<(), Error> {
        let mut state = self.lock();
        if state.lanes > 0 {
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

    fn not_begun(&self, order: &Order<Transferred>) -> Error {
        let delivery = &self.inner.delivery;
        delivery.cancelled(order, Instant::now(), &Trace::default())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the transfers that may be under way at once.
struct Lane(Arc<Shared>);

impl Lane {
    fn next(&self) -> Option<Turn> {
        let mut state = self.0.lock();
        let (number, order) = state.queue.pop_front()?;
        let stop = Ticket::default();
        state.under_way.insert(number, stop.clone());
        Some(Turn {
            shared: Arc::clone(&self.0),
            trace: Arc::new(Trace::paced(Arc::clone(&self.0.pace))),
            number,
            order,
            stop,
            told: false,
        })
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        // Empty as a rule; not where a panic ended the lane, or where one was just added.
        if state.queue.is_empty() {
            state.lanes -= 1;
            return;
        }
        drop(state);
        let _ = self.0.open_lane();
    }
}

/// A transfer whose turn it is. Somebody is told of it, whatever happens.
struct Turn {
    shared: Arc<Shared>,
    trace: Arc<Trace>,
    number: usize,
    order: Order<Transferred>,
    stop: Ticket,
    told: bool,
}

impl Turn {
    async fn play(mut self) {
        let inner = &self.shared.inner;
        let waited = self
            .stop
            .unless_cancelled(pin!(self.shared.pace.turn()))
            .await;
        let result = match waited {
            Some(()) => inner.deliver(&self.order, &self.trace, &self.stop).await,
            None => Err(self.shared.not_begun(&self.order)),
        };
        if result.is_ok() {
            self.shared.pace.succeeded();
        }
        self.tell(result);
    }

    fn tell(&mut self, result: Result<Transferred, Error>) {
        self.told = true;
        (self.shared.each)(self.number, result);
        self.shared.lock().under_way.remove(&self.number);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.told {
            return;
        }
        let lost = Error::panicked(if self.trace.is_body_pulled() {
            Outcome::Unknown
        } else {
            Outcome::NotSent
        });
        // A second panic while the first unwinds would end the process.
        let _ = catch_unwind(AssertUnwindSafe(|| self.tell(Err(lost))));
    }
}

/// The outcomes of many transfers, as they come; made by [`Client::transfer_many`].
pub struct TransferMany<I> {
    batch: Batch,
    items: Fuse<I>,
    told: Receiver<(usize, Result<Transferred, Error>)>,
    taken: usize,
    open: usize,
}

impl<I> TransferMany<I> {
    /// Takes no more items and stops what has not ended; its outcomes still come.
    pub fn stop(&mut self) {
        self.batch.stop();
    }
}

impl<I: Iterator<Item = Transfer>> Iterator for TransferMany<I> {
    type Item = (usize, Result<Transferred, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.batch.has_room() && !self.batch.is_stopped() {
            let Some(transfer) = self.items.next() else {
                break;
            };
            let number = self.taken;
            self.taken += 1;
            if let Err(error) = self.batch.add(number, &transfer) {
                return Some((number, Err(error)));
            }
            self.open += 1;
        }
        self.open = self.open.checked_sub(1)?;
        self.told.recv().ok()
    }
}

impl<I> Drop for TransferMany<I> {
    fn drop(&mut self) {
        self.batch.stop();
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

impl<I> fmt::Debug for TransferMany<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferMany")
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
