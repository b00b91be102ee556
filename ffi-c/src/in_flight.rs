//! What a queue and its requests in progress share.

use std::collections::{HashMap, VecDeque};
use std::ffi::CString;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use calltransfer_core::background::Ticket;

use crate::completion::calltransfer_completion;
use crate::ready::Ready;
use crate::thread_sanitizer::Order;

/// Shared by the queue and whatever is in progress; outlives the queue for as long as anything is.
pub(crate) struct Shared {
    state: Mutex<State>,
    completed: Condvar,
    /// A submission or a cancel, and the completion of the same request; by the request's ID.
    orders: [Order; 64],
    woken: Order,
}

struct State {
    /// `None` once the queue was freed: nothing is reported any more.
    ready: Option<Ready>,
    last_id: u64,
    under_way: HashMap<u64, Hold>,
    ended: VecDeque<Box<calltransfer_completion>>,
    lines: VecDeque<CString>,
    /// One who waits is to return, or the next who comes.
    is_woken: bool,
}

/// What is known of a request in progress.
enum Hold {
    /// It is just being handed over; whether it was cancelled meanwhile.
    New { cancelled: bool },
    /// It can be stopped.
    Held(Ticket),
}

impl State {
    /// The descriptor is readable no longer, once there is nothing more to take.
    fn lower_if_empty(&self) {
        if self.ended.is_empty()
            && !self.is_woken
            && let Some(ready) = &self.ready
        {
            ready.lower();
        }
    }
}

impl Hold {
    fn cancel(&mut self) {
        match self {
            Self::New { cancelled } => *cancelled = true,
            Self::Held(ticket) => ticket.cancel(),
        }
    }
}

impl Shared {
    pub(crate) fn new(ready: Ready) -> Self {
        let state = State {
            ready: Some(ready),
            last_id: 0,
            under_way: HashMap::new(),
            ended: VecDeque::new(),
            lines: VecDeque::new(),
            is_woken: false,
        };
        Self {
            state: Mutex::new(state),
            completed: Condvar::new(),
            orders: std::array::from_fn(|_| Order::default()),
            woken: Order::default(),
        }
    }

    fn order(&self, id: u64) -> &Order {
        let number = self.orders.len() as u64;
        &self.orders[usize::try_from(id % number).unwrap_or_default()]
    }

    /// Never taken in a forked child: there it may be held for ever.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new id, before its request is handed over: it may end before that returns.
    pub(crate) fn begin(&self) -> u64 {
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        state.under_way.insert(id, Hold::New { cancelled: false });
        self.order(id).release();
        id
    }

    /// The request was handed over.
    pub(crate) fn hold(&self, id: u64, ticket: Ticket) {
        if let Some(hold) = self.lock().under_way.get_mut(&id) {
            if matches!(hold, Hold::New { cancelled: true }) {
                ticket.cancel();
            }
            *hold = Hold::Held(ticket);
        }
    }

    /// The request could not be handed over: no completion of it is given, not even one that came
    /// meanwhile.
    pub(crate) fn forget(&self, id: u64) {
        let mut state = self.lock();
        state.under_way.remove(&id);
        state.ended.retain(|completion| completion.id != id);
    }

    /// The request has ended: on a thread of the core's.
    pub(crate) fn end(&self, completion: Box<calltransfer_completion>) {
        let mut state = self.lock();
        if state.under_way.remove(&completion.id).is_none() {
            return; // it was refused
        }
        let State {
            ready,
            ended,
            is_woken,
            ..
        } = &mut *state;
        let Some(ready) = ready else { return };
        self.order(completion.id).release();
        if ended.is_empty() && !*is_woken {
            ready.raise();
        }
        ended.push_back(completion);
        drop(state);
        self.completed.notify_one();
    }

    /// Lets one who waits return, or the next who comes.
    pub(crate) fn wake(&self) {
        let mut state = self.lock();
        let is_raised = state.is_woken || !state.ended.is_empty();
        let Some(ready) = &state.ready else { return };
        self.woken.release();
        if !is_raised {
            ready.raise();
        }
        state.is_woken = true;
        drop(state);
        self.completed.notify_one();
    }

    /// Stores a line of the log until it is taken.
    pub(crate) fn log(&self, line: CString) {
        let mut state = self.lock();
        if state.ready.is_some() {
            state.lines.push_back(line);
        }
    }

    pub(crate) fn lines(&self) -> VecDeque<CString> {
        std::mem::take(&mut self.lock().lines)
    }

    /// The next completion, in the order in which they ended; waits until `deadline`, or for ever.
    pub(crate) fn next(
        &self,
        deadline: Option<Instant>,
        mut log: impl FnMut(CString),
    ) -> Option<Box<calltransfer_completion>> {
        let mut state = self.lock();
        loop {
            // Lines come before the completion that they belong to, and no lock is held for them.
            if !state.lines.is_empty() {
                drop(state);
                self.lines().into_iter().for_each(&mut log);
                state = self.lock();
                continue;
            }
            let completion = state.ended.pop_front();
            // A completion goes first; the wake is for the next who comes then.
            let is_woken = completion.is_none() && std::mem::take(&mut state.is_woken);
            if completion.is_some() || is_woken {
                state.lower_if_empty();
                match &completion {
                    Some(completion) => self.order(completion.id).acquire(),
                    None => self.woken.acquire(),
                }
                return completion;
            }
            state = match deadline {
                None => self
                    .completed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left == Duration::ZERO {
                        return None;
                    }
                    let waited = self.completed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    pub(crate) fn cancel(&self, id: u64) -> bool {
        let mut state = self.lock();
        self.order(id).release();
        let hold = state.under_way.get_mut(&id);
        hold.map(Hold::cancel).is_some()
    }

    pub(crate) fn cancel_all(&self) -> usize {
        let mut state = self.lock();
        self.orders.iter().for_each(Order::release);
        state.under_way.values_mut().for_each(Hold::cancel);
        state.under_way.len()
    }

    pub(crate) fn count(&self) -> usize {
        let state = self.lock();
        state.under_way.len() + state.ended.len()
    }

    /// The queue goes: stops what is in flight, and reports nothing.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.under_way.values_mut().for_each(Hold::cancel);
        state.lines.clear();
        let gone = (state.ready.take(), std::mem::take(&mut state.ended));
        drop(state);
        drop(gone);
    }
}
