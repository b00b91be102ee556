//! The requests of a worker: so many in progress, and the next ones ready.
//!
//! A request that has ended begins the next one at once, on the thread on which it ended: the worker
//! itself may be writing to the disk meanwhile.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use calltransfer::{Error, Request, SendPermit, Transferred, background};

/// The row, and how its request ended.
pub(super) type Done = (i64, Result<Transferred, Error>);

pub(super) struct Sending {
    client: background::Client,
    done: Sender<Done>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Ready>,
    running: usize,
    /// Most that may run.
    limit: usize,
}

/// A row that is `sending` on disk, with the permit of the lease under which it was taken.
pub(super) struct Ready {
    pub(super) row: i64,
    pub(super) request: Request<Transferred>,
    pub(super) permit: SendPermit,
}

impl Sending {
    pub(super) fn new(client: background::Client, done: Sender<Done>) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self {
            client,
            done,
            state,
        })
    }

    pub(super) fn client(&self) -> &background::Client {
        &self.client
    }

    pub(super) fn add(&self, ready: Ready) {
        self.lock().ready.push_back(ready);
    }

    /// Begins as many as may run now.
    pub(super) fn begin(self: &Arc<Self>, limit: usize) {
        self.lock().limit = limit;
        while self.begin_one() {}
    }

    /// Takes back the rows that are not begun.
    pub(super) fn take_back(&self) -> Vec<i64> {
        let ready = std::mem::take(&mut self.lock().ready);
        ready.into_iter().map(|ready| ready.row).collect()
    }

    fn begin_one(self: &Arc<Self>) -> bool {
        let mut state = self.lock();
        if state.running >= state.limit {
            return false;
        }
        let Some(Ready {
            row,
            request,
            permit,
        }) = state.ready.pop_front()
        else {
            return false;
        };
        state.running += 1;
        drop(state);
        let this = Arc::clone(self);
        let done = move |result| this.ended(row, result);
        if let Err(error) = self.client.execute_with(request, permit, done) {
            self.ended(row, Err(error));
        }
        true
    }

    fn ended(self: &Arc<Self>, row: i64, result: Result<Transferred, Error>) {
        self.lock().running -= 1;
        // What an error means for the others is for the worker to say.
        let goes_on = result.is_ok();
        // The channel is only closed when the worker is gone.
        let _ = self.done.send((row, result));
        if goes_on {
            self.begin_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
