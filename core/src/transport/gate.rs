//! How many connections a background client has at most, over all its workers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::pool::Pool;

/// A request that has waited this much longer than others goes first, even if it needs a new
/// connection; else a turn goes to the worker that has the connection for it.
const FAIR: Duration = Duration::from_secs(1);

/// Gives turns to requests: each may have one connection.
pub(super) struct Gate {
    most: usize,
    is_default: bool,
    state: Mutex<State>,
    /// A permit for each connection that is open, idle ones too.
    open: Arc<Semaphore>,
}

struct State {
    free: usize,
    /// A worker's part: the requests that wait there, and the idle connections that it keeps.
    members: Vec<Member>,
}

struct Member {
    waiting: VecDeque<Waiter>,
    pool: Weak<Pool>,
}

struct Waiter {
    since: Instant,
    turn: oneshot::Sender<Turn>,
}

/// The right of one request to have a connection, given back when it is dropped.
pub(super) struct Turn {
    gate: Arc<Gate>,
    member: usize,
    is_given_back: bool,
}

impl Gate {
    /// `is_default`: it holds for requests that nothing else limits.
    pub(super) fn new(most: usize, is_default: bool) -> Self {
        Self {
            most,
            is_default,
            state: Mutex::new(State {
                free: most,
                members: Vec::new(),
            }),
            open: Arc::new(Semaphore::new(most)),
        }
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    pub(super) fn is_default(&self) -> bool {
        self.is_default
    }

    /// A worker joins, with the connections that it keeps. Its number.
    pub(super) fn join(&self, pool: &Arc<Pool>) -> usize {
        let mut state = self.lock();
        state.members.push(Member {
            waiting: VecDeque::new(),
            pool: Arc::downgrade(pool),
        });
        state.members.len() - 1
    }

    /// A turn, if there is one right now.
    pub(super) fn try_turn(self: &Arc<Self>, member: usize) -> Option<Turn> {
        let mut state = self.lock();
        state.free = state.free.checked_sub(1)?;
        Some(self.turn_of(member))
    }

    /// Waits for a turn; `None` where the gate does not know the worker.
    pub(super) async fn turn(self: &Arc<Self>, member: usize) -> Option<Turn> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = self.lock();
            if let Some(left) = state.free.checked_sub(1) {
                state.free = left;
                return Some(self.turn_of(member));
            }
            let waiter = Waiter {
                since: Instant::now(),
                turn: sender,
            };
            state.members.get_mut(member)?.waiting.push_back(waiter);
        }
        receiver.await.ok()
    }

    /// Permission to open a connection, for a request that has a turn; closes an idle one if the
    /// limit is reached.
    pub(super) async fn may_open(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.open).try_acquire_owned() {
            return Some(permit);
        }
        // A request with a turn has no connection yet: so one is idle, or is being closed.
        let pools: Vec<_> = {
            let state = self.lock();
            let pools = state.members.iter();
            pools.filter_map(|member| member.pool.upgrade()).collect()
        };
        let closed = pools.iter().find_map(|pool| pool.close_oldest());
        drop(closed);
        Arc::clone(&self.open).acquire_owned().await.ok()
    }

    fn turn_of(self: &Arc<Self>, member: usize) -> Turn {
        Turn {
            gate: Arc::clone(self),
            member,
            is_given_back: false,
        }
    }

    /// Passes a worker's turn on.
    fn give_back(self: &Arc<Self>, member: usize) {
        loop {
            let (next, waiter) = {
                let mut state = self.lock();
                match state.next(member) {
                    Some(next) => next,
                    None => {
                        state.free += 1;
                        return;
                    }
                }
            };
            match waiter.turn.send(self.turn_of(next)) {
                Ok(()) => return,
                Err(mut unused) => unused.is_given_back = true, // the request that waited is gone
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The request that gets the next turn, after one of this worker ended.
    fn next(&mut self, own: usize) -> Option<(usize, Waiter)> {
        for member in &mut self.members {
            while member
                .waiting
                .front()
                .is_some_and(|first| first.turn.is_closed())
            {
                member.waiting.pop_front();
            }
        }
        let since = |member: &Member| member.waiting.front().map(|first| first.since);
        let fronts = self.members.iter().enumerate();
        let (oldest, begin) = fronts
            .filter_map(|(index, member)| Some((index, since(member)?)))
            .min_by_key(|(_, since)| *since)?;
        let is_fair = self
            .members
            .get(own)
            .and_then(since)
            .is_some_and(|own| own.saturating_duration_since(begin) < FAIR);
        let next = if is_fair { own } else { oldest };
        let waiter = self.members.get_mut(next)?.waiting.pop_front()?;
        Some((next, waiter))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_given_back {
            self.gate.give_back(self.member);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    fn gate(most: usize) -> (Arc<Gate>, usize, usize) {
        let gate = Arc::new(Gate::new(most, true));
        let (one, two) = (gate.join(&Arc::default()), gate.join(&Arc::default()));
        (gate, one, two)
    }

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn turn_goes_to_the_worker_that_has_the_connection() {
        let (gate, one, two) = gate(1);
        let held = gate.try_turn(two).unwrap();
        let (mut first, mut second) = (pin!(gate.turn(one)), pin!(gate.turn(two)));
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
        drop(held);
        assert!(poll(first.as_mut()).is_pending());
        let Poll::Ready(Some(turn)) = poll(second.as_mut()) else {
            panic!("the worker's own request has no turn");
        };
        drop(turn);
        assert!(poll(first).is_ready());
    }

    #[test]
    fn turn_of_a_dropped_request_goes_to_the_next() {
        let (gate, one, _) = gate(1);
        let held = gate.try_turn(one).unwrap();
        {
            let mut gone = Box::pin(gate.turn(one));
            assert!(poll(gone.as_mut()).is_pending());
        }
        let mut given = Box::pin(gate.turn(one));
        let mut last = pin!(gate.turn(one));
        assert!(poll(given.as_mut()).is_pending());
        assert!(poll(last.as_mut()).is_pending());
        drop(held);
        drop(given); // it had its turn, and never looked
        assert!(poll(last).is_ready());
        assert!(gate.try_turn(one).is_some());
    }
}
