//! Name look-up by the system, with an error type that differs from a failed connection.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::signals;
use crate::config::loopback;

/// The system's `getaddrinfo`, on a thread of its own: it may wait for long.
///
/// There is one look-up of a name at a time; who asks meanwhile gets the same result. Belongs to
/// one HTTP client, and so to one process: a forked child has another.
#[derive(Default)]
pub(super) struct SystemResolver(Arc<LookUps>);

#[derive(Default)]
struct LookUps(Mutex<HashMap<String, Vec<oneshot::Sender<Found>>>>);

type Found = Result<Vec<SocketAddr>, Unresolved>;

impl SystemResolver {
    /// The addresses of a host, which may be an address itself.
    pub(super) async fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Unresolved> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let mut addresses = match loopback::addresses(host) {
            Some(addresses) => addresses.to_vec(),
            None => {
                // Nothing is sent where the thread panicked.
                let gone = |_| Unresolved(Arc::new(io::Error::other("the look-up was given up")));
                self.0.ask(host)?.await.map_err(gone)??
            }
        };
        addresses.iter_mut().for_each(|one| one.set_port(port));
        Ok(addresses)
    }
}

impl LookUps {
    fn ask(self: &Arc<Self>, name: &str) -> Result<oneshot::Receiver<Found>, Unresolved> {
        let (sender, receiver) = oneshot::channel();
        let mut in_flight = self.lock();
        if let Some(waiting) = in_flight.get_mut(name) {
            waiting.push(sender);
            return Ok(receiver);
        }
        let look_up = {
            let (all, name) = (Arc::clone(self), name.to_owned());
            move || {
                let found = (name.as_str(), 0).to_socket_addrs().map(Iterator::collect);
                all.notify(&name, found.map_err(|cause| Unresolved(Arc::new(cause))));
            }
        };
        signals::spawn_without_signals("calltransfer-dns", look_up).map_err(|cause| {
            let reason = format!("no thread for the look-up can be started: {cause}");
            Unresolved(Arc::new(io::Error::new(cause.kind(), reason)))
        })?;
        in_flight.insert(name.to_owned(), vec![sender]);
        Ok(receiver)
    }

    fn notify(&self, name: &str, found: Found) {
        let waiting = self.lock().remove(name);
        for asker in waiting.into_iter().flatten() {
            let _ = asker.send(found.clone()); // one that is gone needs it no more
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<oneshot::Sender<Found>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
