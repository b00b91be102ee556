//! Runtimes for blocking calls: each is driven by the thread that calls, for as long as it calls.

use std::future::Future;
use std::sync::Mutex;

use tokio::runtime::{Builder, Handle, Runtime};

use super::{Http, sigpipe};
use crate::config::Config;
use crate::outcome::Error;
use crate::process_id::ProcessId;

/// Idle engines that are kept, each with a connection; beyond that many threads at once, engines
/// are made and dropped call by call.
const KEPT: usize = 32;

/// The engines of one blocking client.
///
/// A call takes an engine for itself, so calls of many threads don't wait for each other. The
/// slots are only ever tried, never waited for: a slot that another thread held at a fork stays
/// locked in the child, and is passed over there.
pub(crate) struct Engines([Mutex<Option<Engine>>; KEPT]);

struct Engine {
    /// Taken only when dropped.
    parts: Option<(Runtime, Http)>,
    pid: ProcessId,
}

impl Engines {
    pub(crate) fn new() -> Self {
        Self([const { Mutex::new(None) }; KEPT])
    }

    /// Runs what `task` makes of the HTTP client to its end on this thread.
    ///
    /// Inside an async runtime, where that would panic, it runs on a thread of its own.
    pub(crate) fn run<T, F>(
        &self,
        config: &Config,
        task: impl FnOnce(Http) -> F + Send,
    ) -> Result<T, Error>
    where
        T: Send,
        F: Future<Output = T>,
    {
        let here = || {
            let engine = self.take(config)?;
            let value = engine.run(task)?;
            self.put(engine);
            Ok(value)
        };
        if Handle::try_current().is_err() {
            return here();
        }
        std::thread::scope(|scope| {
            let worker = std::thread::Builder::new().spawn_scoped(scope, here);
            let worker =
                worker.map_err(|cause| Error::internal("no thread for the call", &cause))?;
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn take(&self, config: &Config) -> Result<Engine, Error> {
        let pid = ProcessId::current();
        for slot in &self.0 {
            let taken = slot.try_lock().ok().and_then(|mut slot| slot.take());
            match taken {
                Some(engine) if engine.pid == pid => return Ok(engine),
                // The parent's: its drop leaves everything alone.
                Some(_) | None => {}
            }
        }
        Engine::new(config, pid)
    }

    fn put(&self, engine: Engine) {
        for slot in &self.0 {
            if let Ok(mut slot) = slot.try_lock()
                && slot.is_none()
            {
                *slot = Some(engine);
                return;
            }
        }
    }
}

impl Engine {
    fn new(config: &Config, pid: ProcessId) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|cause| Error::internal("no runtime for the call", &cause))?;
        let parts = Some((runtime, Http::new(config)?));
        Ok(Self { parts, pid })
    }

    fn run<T, F: Future<Output = T>>(&self, task: impl FnOnce(Http) -> F) -> Result<T, Error> {
        let Some((runtime, http)) = &self.parts else {
            return Err(Error::internal("the engine is gone", &"it was dropped"));
        };
        let _guard = sigpipe::Blocked::new();
        Ok(runtime.block_on(async {
            // Connections were not looked after since the last call. This asks the system for news,
            // and a connection looks at its news before it takes a request.
            tokio::task::yield_now().await;
            let value = task(http.clone()).await;
            if !http.keeps_alive() {
                // Now, not at the next call: the platform would hold the connection until then.
                look_after_connections().await;
            }
            value
        }))
    }
}

/// Lets the runtime ask the system for news, and the connections act on it.
async fn look_after_connections() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Some((runtime, http)) = self.parts.take() else {
            return;
        };
        if self.pid != ProcessId::current() {
            // After a fork these belong to the parent: closing them would speak on its connections.
            std::mem::forget((runtime, http));
            return;
        }
        drop(http);
        // Doesn't wait for a name look-up, and may be called inside an async runtime.
        runtime.shutdown_background();
    }
}
