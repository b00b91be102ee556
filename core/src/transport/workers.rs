//! The threads behind background requests: a few for the process, each with a runtime
//! and connections of its own.

use std::cell::Cell;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

use super::descriptors::Mark;
use super::in_flight::{Abandon, InFlight};
use super::{failure, signals};
use crate::error::Error;
use crate::process_id::ProcessId;

/// More threads do not increase throughput: the platform is the limit long before.
const MAX_WORKERS: usize = 4;

/// How long the end of a thread is waited for that may wait for the system.
const HELPER_TIME: Duration = Duration::from_secs(1);

/// This process's workers, for as long as it lives: a thread that ends with the process needs no
/// join. What a forked child finds here is its parent's, and is left alone; so are workers
/// whose descriptors the host has closed.
static CURRENT: AtomicPtr<Workers> = AtomicPtr::new(std::ptr::null_mut());
/// Workers that were shut down, each with those before it: requests may still refer to them.
static ENDED: AtomicPtr<Workers> = AtomicPtr::new(std::ptr::null_mut());
/// The process whose workers are being shut down: none start there meanwhile. A child that was forked
/// just then is another one.
static ENDING: AtomicU32 = AtomicU32::new(0);

pub(super) struct Workers {
    pid: ProcessId,
    mark: Mark,
    pub(super) each: Vec<Worker>,
    ended_before: AtomicPtr<Workers>,
}

pub(super) struct Worker {
    /// `None` once it was shut down. In a forked child nothing looks at its parent's workers, so a
    /// lock that a fork left held is never waited for.
    living: Mutex<Option<Living>>,
    /// Requests that it has not ended yet.
    busy: AtomicUsize,
    in_flight: Arc<InFlight>,
}

/// What a worker has while it lives.
struct Living {
    runtime: Handle,
    /// The thread ends when this is dropped.
    alive: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// A worker that takes one task.
pub(crate) struct AssignedWorker(pub(super) &'static Worker);

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is the worker that gets the next request where none has more to do.
pub(crate) fn is_first_worker() -> bool {
    let own = Handle::try_current().map(|runtime| runtime.id());
    let first = Workers::existing().and_then(|workers| workers.each.first());
    let first = first.and_then(Worker::runtime);
    first.is_some_and(|first| own.is_ok_and(|own| own == first.id()))
}

impl AssignedWorker {
    /// Lets the worker run `task` to its end, and then what it returns: a thread that waits for that
    /// finds the worker free. Where the task can't be run, `waiting` is notified.
    pub(crate) fn run<F, D>(self, waiting: Arc<dyn Abandon>, task: F)
    where
        F: Future<Output = D> + Send + 'static,
        D: FnOnce(),
    {
        let running = Running::on(self.0, waiting);
        if self.0.in_flight.ended.load(Ordering::Acquire) {
            self.0.in_flight.abandon(); // the worker ended meanwhile
            return;
        }
        // Boxed, because the runtime moves what it is given several times.
        let task = Box::pin(task);
        self.0.spawn(async move {
            let running = running;
            let done = task.await;
            drop(running);
            done();
        });
    }
}

impl Workers {
    pub(super) fn existing() -> Option<&'static Self> {
        // SAFETY: NULL, or leaked by `of_this_process`, and never changed after.
        let found = unsafe { CURRENT.load(Ordering::Acquire).as_ref() };
        found.filter(|workers| workers.pid == ProcessId::current() && workers.can_go_on())
    }

    fn can_go_on(&self) -> bool {
        let ended = |worker: &Worker| worker.in_flight.ended.load(Ordering::Acquire);
        self.mark.is_intact() && !self.each.iter().any(ended)
    }

    /// No lock is taken, so a fork leaves none held.
    pub(super) fn of_this_process() -> Result<&'static Self, Error> {
        loop {
            let seen = CURRENT.load(Ordering::Acquire);
            if let Some(workers) = Self::existing() {
                return Ok(workers);
            }
            if ENDING.load(Ordering::Acquire) == ProcessId::current().short() {
                return Err(failure::shutting_down());
            }
            let made = Box::into_raw(Box::new(Self::start()?));
            match CURRENT.compare_exchange(seen, made, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    // SAFETY: just leaked, and shared from now on.
                    let made = unsafe { &*made };
                    // SAFETY: as in `existing`.
                    if let Some(before) = unsafe { seen.as_ref() } {
                        made.abandon_those_of(before);
                    }
                    return Ok(made);
                }
                // SAFETY: made above, and no other thread has seen it. Its threads end with it.
                Err(_) => drop(unsafe { Box::from_raw(made) }),
            }
        }
    }

    /// Ends, on a thread of these workers, the tasks of earlier workers of this process that could
    /// not go on.
    fn abandon_those_of(&self, before: &'static Self) {
        if before.pid != self.pid {
            return; // the parent's
        }
        if let Some(worker) = self.each.first() {
            worker.spawn(async {
                for worker in &before.each {
                    worker.in_flight.abandon();
                }
            });
        }
    }

    /// As many as can be had, but one at least.
    fn start() -> Result<Self, Error> {
        let mark = Mark::current().map_err(|cause| failure::no_resources("descriptors", cause))?;
        let number = thread::available_parallelism().map_or(1, usize::from);
        // The threads inherit the mask: no signal handler of the host ever runs on them.
        let _held = signals::Held::new();
        let mut each = vec![Worker::start(mark)?];
        each.extend((1..number.min(MAX_WORKERS)).map_while(|_| Worker::start(mark).ok()));
        Ok(Self {
            pid: ProcessId::current(),
            mark,
            each,
            ended_before: AtomicPtr::default(),
        })
    }
}

impl Worker {
    fn start(mark: Mark) -> Result<Self, Error> {
        let in_flight = Arc::new(InFlight::default());
        let look = {
            let in_flight = Arc::clone(&in_flight);
            move || in_flight.stay_if_closed(mark)
        };
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .on_thread_park(look.clone())
            .on_thread_unpark(look)
            .build()
            .map_err(|cause| failure::no_resources("runtime", cause))?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        let running = Driven {
            runtime: ManuallyDrop::new(runtime),
            in_flight: Arc::clone(&in_flight),
        };
        let thread = thread::Builder::new()
            .name("calltransfer".to_owned())
            .spawn(move || {
                IS_WORKER.set(true);
                running.until(ended);
            })
            .map_err(|cause| failure::no_resources("thread", cause))?;
        let living = Living {
            runtime: handle,
            alive,
            thread,
        };
        Ok(Self {
            living: Mutex::new(Some(living)),
            busy: AtomicUsize::new(0),
            in_flight,
        })
    }

    fn runtime(&self) -> Option<Handle> {
        let living = self.living();
        living.as_ref().map(|living| living.runtime.clone())
    }

    /// Lets the worker run a task; where it was shut down, the task is dropped, which ends it.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = self.runtime() {
            runtime.spawn(task);
        }
    }

    fn living(&self) -> MutexGuard<'_, Option<Living>> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the thread, and drops what it has in progress. Whether it has ended.
    fn shut_down(&self, can_go_on: bool) -> bool {
        let Some(living) = self.living().take() else {
            return true;
        };
        drop((living.runtime, living.alive));
        // One whose descriptors were closed stays for ever, and holds nothing of the system's.
        let has_ended = can_go_on && living.thread.join().is_ok();
        if has_ended {
            self.in_flight.lock().shrink_to_fit();
        }
        has_ended
    }

    pub(super) fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }
}

/// Ends this process's workers and all other threads and descriptors of the library's. How many
/// threads are still there.
pub(crate) fn shut_down() -> usize {
    if IS_WORKER.get() {
        return 1; // a worker can't wait for its own end
    }
    ENDING.store(ProcessId::current().short(), Ordering::Release);
    let mut left = 0;
    let seen = CURRENT.load(Ordering::Acquire);
    // SAFETY: NULL, or leaked by `of_this_process`, and never changed after.
    let workers = unsafe { seen.as_ref() };
    let own = workers.filter(|workers| workers.pid == ProcessId::current());
    if let Some(workers) = own
        && CURRENT
            .compare_exchange(
                seen,
                std::ptr::null_mut(),
                Ordering::AcqRel,
                Ordering::Acquire,
            )
            .is_ok()
    {
        let can_go_on = workers.can_go_on();
        let ended = workers.each.iter();
        left += ended.filter(|worker| !worker.shut_down(can_go_on)).count();
        let before = ENDED.swap(seen, Ordering::AcqRel);
        workers.ended_before.store(before, Ordering::Release);
    }
    left += signals::join_helpers(HELPER_TIME);
    if left == 0 {
        Mark::close_current();
    }
    ENDING.store(0, Ordering::Release);
    left
}

/// A runtime on the way to its thread, and there.
struct Driven {
    runtime: ManuallyDrop<Runtime>,
    in_flight: Arc<InFlight>,
}

impl Driven {
    fn until(self, ended: oneshot::Receiver<()>) {
        let driving = || drop(self.runtime.block_on(ended));
        if catch_unwind(AssertUnwindSafe(driving)).is_err() {
            // Only the runtime itself comes to this, where it can't wait for the system any more.
            // Dropping it would panic again, and might close what isn't its own.
            self.in_flight.abandon_and_stay();
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let runtime = unsafe { ManuallyDrop::take(&mut self.runtime) };
        // May happen inside another runtime, where no thread could be started.
        runtime.shutdown_background();
    }
}

/// Counts a request for as long as it lives.
struct Running {
    worker: &'static Worker,
    number: u64,
}

impl Running {
    fn on(worker: &'static Worker, waiting: Arc<dyn Abandon>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        worker.busy.fetch_add(1, Ordering::Relaxed);
        worker.in_flight.lock().insert(number, waiting);
        Self { worker, number }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.busy.fetch_sub(1, Ordering::Relaxed);
        let ended = self.worker.in_flight.lock().remove(&self.number);
        drop(ended); // without the lock
    }
}
