//! The requests of a worker: those in progress, at most a given number, and the next ones.
//!
//! A request that has ended begins the next one at once, on the thread on which it ended: the worker
//! itself may be writing to the disk meanwhile.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use calltransfer::{Error, Request, SendPermit, Transferred, background};

/// The row, and the result of its request.
pub(super) type Done = (i64, Result<Transferred, Error>);

pub(super) struct RequestQueue {
    client: background::Client,
    done: Sender<Done>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ready: VecDeque<ReadyRequest>,
    running: usize,
    /// Most that may run.
    limit: usize,
}

/// A row that is `sending` on disk, with the permit of the lease under which it was taken.
pub(super) struct ReadyRequest {
    pub(super) row: i64,
    pub(super) request: Request<Transferred>,
    pub(super) permit: SendPermit,
}

impl RequestQueue {
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

    pub(super) fn add(&self, ready: ReadyRequest) {
        self.lock().ready.push_back(ready);
    }

    /// Begins as many requests as may be in progress.
    pub(super) fn begin(self: &Arc<Self>, limit: usize) {
        self.lock().limit = limit;
        while self.begin_one() {}
    }

    /// Removes the rows that were not begun, and returns them.
    pub(super) fn take_back(&self) -> Vec<i64> {
        let ready = std::mem::take(&mut self.lock().ready);
        ready.into_iter().map(|ready| ready.row).collect()
    }

    fn begin_one(self: &Arc<Self>) -> bool {
        let mut state = self.lock();
        if state.running >= state.limit {
            return false;
        }
        let Some(ReadyRequest {
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
        // After an error the worker decides whether the next one begins.
        let begins_next = result.is_ok();
        // The channel is only closed when the worker is gone.
        let _ = self.done.send((row, result));
        if begins_next {
            self.begin_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
