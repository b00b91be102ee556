//! Runtimes for blocking requests: each is driven by the thread that waits.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::task::Poll;

use tokio::runtime::{Builder, Handle, Runtime};

use super::descriptors::Mark;
use super::{Http, Network, failure};
use crate::config::Config;
use crate::error::Error;
use crate::process_id::ProcessId;

/// Idle runtimes that are kept, each with a connection; beyond that many threads at once, runtimes
/// are made and dropped for each request.
const MAX_IDLE_RUNTIMES: usize = 32;

/// The runtimes of one blocking client.
///
/// A request takes a runtime for itself, so requests of many threads don't wait for each other. The
/// slots are only ever tried, never waited for: a slot that another thread held at a fork stays
/// locked in the child, and is passed over there.
pub(crate) struct RuntimePool {
    idle: [Mutex<Option<PooledRuntime>>; MAX_IDLE_RUNTIMES],
    network: Network,
}

struct PooledRuntime {
    /// Taken only when dropped.
    parts: Option<(Runtime, Http)>,
    pid: ProcessId,
    mark: Mark,
}

impl RuntimePool {
    pub(crate) fn new() -> Self {
        Self {
            idle: [const { Mutex::new(None) }; MAX_IDLE_RUNTIMES],
            network: Network::default(),
        }
    }

    /// Runs what `task` makes of the HTTP client to its end on this thread.
    ///
    /// Inside an async runtime, where that would panic, it runs on a thread of its own. `None` if
    /// the host closed the descriptors meanwhile: the task was left where it was.
    pub(crate) fn run<T, F>(
        &self,
        config: &Config,
        task: impl FnOnce(Http) -> F + Send,
    ) -> Result<Option<T>, Error>
    where
        T: Send,
        F: Future<Output = T>,
    {
        let here = || {
            let mut pooled = self.take(config)?;
            let value = pooled.run(task)?;
            if value.is_some() {
                self.put(pooled);
            }
            Ok(value)
        };
        if Handle::try_current().is_err() {
            return here();
        }
        std::thread::scope(|scope| {
            let worker = std::thread::Builder::new().spawn_scoped(scope, here);
            let worker = worker.map_err(|cause| failure::no_resources("thread", cause))?;
            worker.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Sees to it that the runtime that is taken next has a connection ready: renews it in a runtime
    /// of its own, so that requests meanwhile find the old one.
    pub(crate) fn keep_ready<F>(
        &self,
        config: &Config,
        is_ready: impl Fn(&Http) -> bool,
        prepare: impl FnOnce(Http) -> F,
    ) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>>,
    {
        for slot in &self.idle {
            let Some(mut slot) = slot.try_lock().ok().filter(|slot| slot.is_some()) else {
                continue;
            };
            // Held for moments: who looks for a runtime meanwhile makes another one.
            let Some(mut pooled) = slot.take() else {
                continue;
            };
            if pooled.pid != ProcessId::current() || !pooled.mark.is_intact() {
                continue;
            }
            let looked = pooled.run(async |http| {
                look_after_connections().await;
                is_ready(&http)
            })?;
            if let Some(is_ready) = looked {
                *slot = Some(pooled);
                if is_ready {
                    return Ok(());
                }
            }
            break;
        }
        let mark = Mark::current().map_err(|cause| failure::no_resources("descriptor", cause))?;
        let mut renewed =
            PooledRuntime::new(self.network.http(config)?, ProcessId::current(), mark)?;
        match renewed.run(prepare)? {
            Some(prepared) => prepared?,
            None => return Ok(()),
        }
        let [first, ..] = &self.idle;
        let before = match first.try_lock() {
            Ok(mut slot) => slot.replace(renewed),
            Err(_) => Some(renewed),
        };
        drop(before);
        Ok(())
    }

    fn take(&self, config: &Config) -> Result<PooledRuntime, Error> {
        let pid = ProcessId::current();
        let mark = Mark::current().map_err(|cause| failure::no_resources("descriptor", cause))?;
        for slot in &self.idle {
            let taken = slot.try_lock().ok().and_then(|mut slot| slot.take());
            match taken {
                Some(pooled) if pooled.pid == pid && pooled.mark == mark => {
                    return Ok(pooled);
                }
                // The parent's, or closed by the host: its drop leaves everything alone.
                Some(_) | None => {}
            }
        }
        PooledRuntime::new(self.network.http(config)?, pid, mark)
    }

    fn put(&self, pooled: PooledRuntime) {
        for slot in &self.idle {
            if let Ok(mut slot) = slot.try_lock()
                && slot.is_none()
            {
                *slot = Some(pooled);
                return;
            }
        }
    }
}

impl PooledRuntime {
    fn new(http: Http, pid: ProcessId, mark: Mark) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|cause| failure::no_resources("runtime", cause))?;
        let parts = Some((runtime, http));
        Ok(Self { parts, pid, mark })
    }

    fn run<T, F: Future<Output = T>>(
        &mut self,
        task: impl FnOnce(Http) -> F,
    ) -> Result<Option<T>, Error> {
        let Some((runtime, http)) = &self.parts else {
            return Err(Error::internal("the pooled is gone", &"it was dropped"));
        };
        let whole = async {
            // Connections were not looked after since the last call. This asks the system for events,
            // and a connection handles its events before it takes a request.
            tokio::task::yield_now().await;
            let value = task(http.clone()).await;
            if !http.keeps_alive() {
                // Now, not at the next call: the platform would hold the connection until then.
                look_after_connections().await;
            }
            value
        };
        // Dropped only where its descriptors are its own: that closes them.
        let mut whole = ManuallyDrop::new(Box::pin(whole));
        let mark = self.mark;
        let until_closed = poll_fn(|context| {
            if mark.is_intact() {
                whole.as_mut().poll(context).map(Some)
            } else {
                Poll::Ready(None)
            }
        });
        let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(until_closed)));
        let lost = match &ended {
            Ok(value) => value.is_none(),
            Err(panic) => !mark.is_intact() || is_of_the_driver(&**panic),
        };
        if lost {
            // `whole` is left as it is.
            std::mem::forget(self.parts.take());
            return Ok(None);
        }
        drop(ManuallyDrop::into_inner(whole));
        ended.map_or_else(|panic| resume_unwind(panic), Ok)
    }
}

/// Whether the runtime panicked because it can't wait for the system: its descriptors are closed.
fn is_of_the_driver(panic: &(dyn Any + Send)) -> bool {
    panic.downcast_ref::<String>().is_some_and(|text| {
        text.starts_with("unexpected error when polling the I/O driver")
            || text.starts_with("failed to wake I/O driver")
    })
}

/// Lets the runtime ask the system for events, and the connections handle them.
pub(crate) async fn look_after_connections() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

impl Drop for PooledRuntime {
    fn drop(&mut self) {
        let Some((runtime, http)) = self.parts.take() else {
            return;
        };
        if self.pid != ProcessId::current() || !self.mark.is_intact() {
            // After a fork these belong to the parent: closing them would speak on its connections.
            // After the host closed all descriptors, their numbers may be those of its own files.
            std::mem::forget((runtime, http));
            return;
        }
        drop(http);
        // Doesn't wait for a name look-up, and may be called inside an async runtime.
        runtime.shutdown_background();
    }
}
