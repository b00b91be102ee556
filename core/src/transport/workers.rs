//! The threads behind requests that nobody waits for: a few for the process, each with a runtime
//! and connections of its own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::{Http, signals};
use crate::config::Config;
use crate::outcome::Error;
use crate::process_id::ProcessId;

/// More threads than this bring no more transfers: the platform is the limit long before.
const MOST: usize = 4;

/// This process's workers, for as long as it lives: a thread that goes with the process needs nobody
/// to join it. What a forked child finds here is its parent's, and is left alone.
static CURRENT: AtomicPtr<Workers> = AtomicPtr::new(std::ptr::null_mut());

struct Workers {
    pid: ProcessId,
    each: Vec<Worker>,
}

struct Worker {
    runtime: Handle,
    /// Requests that it has not ended yet.
    busy: AtomicUsize,
    /// The thread ends when this is dropped.
    _alive: oneshot::Sender<()>,
}

/// One client's place with the workers.
pub(crate) struct Desk(u64);

thread_local! {
    /// This worker's connections, by the desk that they belong to.
    static CONNECTIONS: RefCell<HashMap<u64, Http>> = RefCell::new(HashMap::new());
}

impl Desk {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Lets the worker with the least to do run `task` to its end.
    pub(crate) fn run<F>(&self, task: F) -> Result<(), Error>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let workers = Workers::of_this_process()?;
        // The first of equals, so that one request after another meets a connection that is open.
        let least = workers.each.iter().min_by_key(|worker| worker.busy());
        let Some(worker) = least else {
            return Err(Error::internal("no thread for the call", &"there is none"));
        };
        let running = Running::on(worker);
        // Boxed, because the runtime moves what it is given several times.
        let task = Box::pin(task);
        worker.runtime.spawn(async move {
            let _running = running;
            task.await;
        });
        Ok(())
    }

    /// The desk's connections on the worker that asks; made at the first need.
    pub(crate) fn connections(&self, config: &Config) -> Result<Http, Error> {
        CONNECTIONS.with_borrow_mut(|all| {
            if let Some(http) = all.get(&self.0) {
                return Ok(http.clone());
            }
            let http = Http::new(config)?;
            all.insert(self.0, http.clone());
            Ok(http)
        })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let id = self.0;
        for worker in Workers::existing().into_iter().flat_map(|all| &all.each) {
            worker.runtime.spawn(async move {
                let http = CONNECTIONS.with_borrow_mut(|all| all.remove(&id));
                drop(http);
            });
        }
    }
}

impl Workers {
    fn existing() -> Option<&'static Self> {
        // SAFETY: NULL, or leaked by `of_this_process`, and never changed after.
        let found = unsafe { CURRENT.load(Ordering::Acquire).as_ref() };
        found.filter(|workers| workers.pid == ProcessId::current())
    }

    /// No lock is taken, so a fork leaves none held.
    fn of_this_process() -> Result<&'static Self, Error> {
        loop {
            let seen = CURRENT.load(Ordering::Acquire);
            if let Some(workers) = Self::existing() {
                return Ok(workers);
            }
            let made = Box::into_raw(Box::new(Self::start()?));
            match CURRENT.compare_exchange(seen, made, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: just leaked, and shared from now on.
                Ok(_) => return Ok(unsafe { &*made }),
                // SAFETY: made above, and nobody else has seen it. Its threads end with it.
                Err(_) => drop(unsafe { Box::from_raw(made) }),
            }
        }
    }

    fn start() -> Result<Self, Error> {
        let number = thread::available_parallelism().map_or(1, usize::from);
        // The threads inherit the mask: no signal handler of the host ever runs on them.
        let _held = signals::Held::new();
        let each: Result<_, Error> = (0..number.min(MOST)).map(|_| Worker::start()).collect();
        let pid = ProcessId::current();
        each.map(|each| Self { pid, each })
    }
}

impl Worker {
    fn start() -> Result<Self, Error> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|cause| Error::internal("no runtime for the call", &cause))?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        thread::Builder::new()
            .name("calltransfer".to_owned())
            .spawn(move || drop(runtime.block_on(ended)))
            .map_err(|cause| Error::internal("no thread for the call", &cause))?;
        Ok(Self {
            runtime: handle,
            busy: AtomicUsize::new(0),
            _alive: alive,
        })
    }

    fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }
}

/// Counts a request for as long as it lives.
struct Running(&'static Worker);

impl Running {
    fn on(worker: &'static Worker) -> Self {
        worker.busy.fetch_add(1, Ordering::Relaxed);
        Self(worker)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}
