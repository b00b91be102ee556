//! A background client's place among the workers: which one takes a request, and with which
//! connections.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::descriptors::Mark;
use super::gate::Gate;
use super::workers::{AssignedWorker, Workers};
use super::{Http, Network, failure};
use crate::config::Config;
use crate::error::Error;
use crate::per_process::PerProcess;

/// One client's share of the workers.
pub(crate) struct WorkerClient {
    id: u64,
    network: Network,
    /// What limits its connections, until the host closes them all behind the library's back.
    gate: PerProcess<Mutex<MarkedGate>>,
}

/// A gate, and the mark of the connections that it counts.
type MarkedGate = Option<(Mark, Arc<Gate>)>;

/// Connections of a background client, unless its configuration says otherwise.
const MAX_CONNECTIONS: usize = 64;

thread_local! {
    /// This worker's connections, by the client that they belong to.
    static CONNECTIONS: RefCell<HashMap<u64, Http>> = RefCell::new(HashMap::new());
}

#[allow(
    clippy::unused_self,
    reason = "what is run on a worker belongs to this client"
)]
impl WorkerClient {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            network: Network::default(),
            gate: PerProcess::default(),
        }
    }

    /// The worker with the least to do. All that can fail happens here, before there is a task.
    pub(crate) fn assign(&self) -> Result<AssignedWorker, Error> {
        let workers = Workers::of_this_process()?;
        // On a tie take the first worker, so that sequential requests reuse its connection.
        let least = workers.each.iter().min_by_key(|worker| worker.busy());
        let none = || Error::internal("no thread for the request", &"there is none");
        least.map(AssignedWorker).ok_or_else(none)
    }

    /// The worker that gets the next request where none has more to do.
    pub(crate) fn assign_first(&self) -> Result<AssignedWorker, Error> {
        let workers = Workers::of_this_process()?;
        let none = || Error::internal("no thread for the request", &"there is none");
        workers.each.first().map(AssignedWorker).ok_or_else(none)
    }

    /// The client's connections on the calling worker, and whether they were made now, at the first
    /// need.
    pub(crate) fn connections(&self, config: &Config) -> Result<(Http, bool), Error> {
        CONNECTIONS.with_borrow_mut(|all| {
            if let Some(http) = all.get(&self.id) {
                return Ok((http.clone(), false));
            }
            let gate = self.gate(config)?;
            let http = self.network.http_within(config, Some(gate))?;
            all.insert(self.id, http.clone());
            Ok((http, true))
        })
    }
}

impl WorkerClient {
    fn gate(&self, config: &Config) -> Result<Arc<Gate>, Error> {
        let mark = Mark::current().map_err(|cause| failure::no_resources("descriptors", cause))?;
        // Only workers take it, which a forked child has none of, nor this lock of its parent's.
        let mut gate = self
            .gate
            .current()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*gate {
            Some((known, gate)) if *known == mark => Ok(Arc::clone(gate)),
            _ => {
                let most = config.max_connections();
                let made = Arc::new(Gate::new(most.unwrap_or(MAX_CONNECTIONS), most.is_none()));
                *gate = Some((mark, Arc::clone(&made)));
                Ok(made)
            }
        }
    }
}

impl Drop for WorkerClient {
    fn drop(&mut self) {
        let id = self.id;
        for worker in Workers::existing().into_iter().flat_map(|all| &all.each) {
            worker.spawn(async move {
                let http = CONNECTIONS.with_borrow_mut(|all| all.remove(&id));
                drop(http);
            });
        }
    }
}
