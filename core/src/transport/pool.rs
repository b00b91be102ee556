//! The idle connections of one runtime, kept for the next request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::connection::Connection;
use super::look_after_connections;
use super::origin::Origin;

/// What is left of a response is dealt with in less, or the connection is not used again.
const WAKE_TIME: Duration = Duration::from_millis(200);
/// A connection that is idle for longer is looked at before it is used.
const UNWATCHED: Duration = Duration::from_millis(100);
/// After a burst, connections beyond `SPARE` are kept no longer than this.
const SHORT: Duration = Duration::from_secs(4);
const SPARE: usize = 16;

/// A connection with less than this share of its time left is renewed by who wants one ready.
const READY_SHARE: u32 = 4;

/// The longest idle connection first; the newest is used next, so that the others can end.
#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    is_swept: AtomicBool,
}

impl Pool {
    /// A connection to this server that is open as far as is known.
    pub(super) async fn take(&self, origin: &Arc<Origin>) -> Option<Connection> {
        loop {
            let mut connection = self.newest(origin)?;
            if connection.age() > UNWATCHED {
                // A blocking client's connections were not looked after since the last request.
                look_after_connections().await;
            }
            if let Ok(true) = timeout(WAKE_TIME, connection.wake()).await {
                return Some(connection);
            }
        }
    }

    fn newest(&self, origin: &Arc<Origin>) -> Option<Connection> {
        let mut idle = self.lock();
        let found = idle
            .iter()
            .rposition(|one| Arc::ptr_eq(&one.origin, origin))?;
        Some(idle.remove(found))
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(self: &Arc<Self>, connection: Connection) {
        connection.rest();
        self.lock().push(connection);
        if !self.is_swept.swap(true, Ordering::AcqRel) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Whether the newest connection to this server can be used for a while.
    pub(super) fn is_ready(&self, origin: &Arc<Origin>) -> bool {
        let idle = self.lock();
        let mut known = idle.iter().rev();
        let newest = known.find(|one| Arc::ptr_eq(&one.origin, origin));
        newest.is_some_and(|one| one.time_left() > one.idle_limit() / READY_SHARE)
    }

    /// The connection that was idle longest, to be closed.
    pub(super) fn close_oldest(&self) -> Option<Connection> {
        let mut idle = self.lock();
        (!idle.is_empty()).then(|| idle.remove(0))
    }

    /// Closes what is not going to be used. How long until there may be more, if any is left.
    fn close_old(&self) -> Option<Duration> {
        let mut closing = Vec::new();
        let mut idle = self.lock();
        let mut beyond = idle.len().saturating_sub(SPARE);
        let (mut kept, mut next) = (Vec::with_capacity(idle.len()), Duration::MAX);
        for connection in idle.drain(..) {
            let mut left = connection.time_left();
            if beyond > 0 {
                beyond -= 1;
                left = left.min(SHORT.saturating_sub(connection.age()));
            }
            if left.is_zero() {
                closing.push(connection);
            } else {
                next = next.min(left);
                kept.push(connection);
            }
        }
        *idle = kept;
        if idle.is_empty() {
            self.is_swept.store(false, Ordering::Release);
        }
        let more = (!idle.is_empty()).then_some(next);
        drop(idle);
        drop(closing); // without the lock
        more
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes connections as they become too old, for as long as there are any.
async fn sweep(pool: Weak<Pool>) {
    let mut wait = SHORT;
    loop {
        sleep(wait).await;
        let Some(pool) = pool.upgrade() else { return };
        match pool.close_old() {
            Some(next) => wait = next.clamp(Duration::from_millis(100), SHORT),
            None => return,
        }
    }
}
