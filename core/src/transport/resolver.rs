//! Name look-up by the system, with an error type that differs from a failed connection.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::signals;
use crate::config::loopback;
use crate::per_process::StaticPerProcess;

/// Each look-up waits for the system on a thread; there are no more of them in a process.
const MAX_THREADS: usize = 8;
/// How long addresses are used again: connections that are opened at once share one look-up.
const FRESH: Duration = Duration::from_secs(5);

static LOOK_UPS: StaticPerProcess<LookUps> = StaticPerProcess::new();

/// The look-ups of a process, by the system's `getaddrinfo`.
///
/// There is one look-up of a name at a time; requests for the same name share its result.
#[derive(Default)]
struct LookUps {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: HashMap<String, (Instant, Vec<SocketAddr>)>,
    /// The requests that wait for a name.
    waiting: HashMap<String, Vec<oneshot::Sender<Found>>>,
    /// The names that no thread has begun with.
    queue: VecDeque<String>,
    threads: usize,
}

type Found = Result<Vec<SocketAddr>, Unresolved>;

/// The addresses of a host, which may be an address itself.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Unresolved> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let mut addresses = match loopback::addresses(host) {
        Some(addresses) => addresses.to_vec(),
        None => match LOOK_UPS.current().look_up(host)? {
            LookUp::Known(addresses) => addresses,
            LookUp::InProgress(found) => {
                let gone = |_| Unresolved(Arc::new(io::Error::other("the look-up was given up")));
                found.await.map_err(gone)??
            }
        },
    };
    addresses.iter_mut().for_each(|one| one.set_port(port));
    Ok(addresses)
}

/// No connection was made: the next one looks the name up again.
pub(super) fn forget(host: &str) {
    LOOK_UPS.current().lock().known.remove(host);
}

enum LookUp {
    Known(Vec<SocketAddr>),
    InProgress(oneshot::Receiver<Found>),
}

impl LookUps {
    fn look_up(&'static self, name: &str) -> Result<LookUp, Unresolved> {
        let mut state = self.lock();
        if let Some((since, addresses)) = state.known.get(name)
            && since.elapsed() < FRESH
        {
            return Ok(LookUp::Known(addresses.clone()));
        }
        let (sender, receiver) = oneshot::channel();
        if let Some(waiting) = state.waiting.get_mut(name) {
            waiting.push(sender);
            return Ok(LookUp::InProgress(receiver));
        }
        if state.threads < MAX_THREADS {
            match signals::spawn_without_signals("calltransfer-dns", || self.work()) {
                Ok(_) => state.threads += 1,
                // The others come to it later.
                Err(_) if state.threads > 0 => {}
                Err(cause) => {
                    let reason = format!("no thread for the look-up can be started: {cause}");
                    return Err(Unresolved(Arc::new(io::Error::new(cause.kind(), reason))));
                }
            }
        }
        state.waiting.insert(name.to_owned(), vec![sender]);
        state.queue.push_back(name.to_owned());
        Ok(LookUp::InProgress(receiver))
    }

    /// Looks up names until none is left.
    fn work(&self) {
        while let Some(name) = self.next() {
            let looked = catch_unwind(|| (name.as_str(), 0).to_socket_addrs());
            let looked = looked.unwrap_or_else(|_| Err(io::Error::other("the look-up panicked")));
            let found = looked.map(Iterator::collect);
            self.notify(name, found.map_err(|cause| Unresolved(Arc::new(cause))));
        }
    }

    fn next(&self) -> Option<String> {
        let mut state = self.lock();
        let next = state.queue.pop_front();
        if next.is_none() {
            state.threads -= 1; // under the lock: a later look-up starts a thread
        }
        next
    }

    fn notify(&self, name: String, found: Found) {
        let mut state = self.lock();
        let waiting = state.waiting.remove(&name);
        state.known.retain(|_, (since, _)| since.elapsed() < FRESH);
        if let Ok(addresses) = &found {
            let known = (Instant::now(), addresses.clone());
            state.known.insert(name, known);
        }
        drop(state);
        for waiter in waiting.into_iter().flatten() {
            let _ = waiter.send(found.clone()); // one that is gone needs it no more
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The host's name has no address.
#[derive(Debug, Clone)]
pub(super) struct Unresolved(Arc<io::Error>);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host name could not be resolved")
    }
}

impl std::error::Error for Unresolved {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
