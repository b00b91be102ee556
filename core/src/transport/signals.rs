//! Threads other than the workers. Signals stay with the host's threads.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use crate::per_process::StaticPerProcess;

/// While it lives, this thread and the threads that it starts take no signal, but for those that
/// report their own errors.
#[cfg(unix)]
pub(super) struct Held(libc::sigset_t);

#[cfg(unix)]
impl Held {
    pub(super) fn new() -> Option<Self> {
        const FAULTS: [libc::c_int; 6] = [
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGILL,
            libc::SIGFPE,
            libc::SIGTRAP,
            libc::SIGABRT,
        ];
        let mut held = std::mem::MaybeUninit::uninit();
        let mut before = std::mem::MaybeUninit::uninit();
        // SAFETY: sigfillset initialises `held`; the rest takes what is initialised.
        let status = unsafe {
            libc::sigfillset(held.as_mut_ptr());
            for invalid in FAULTS {
                libc::sigdelset(held.as_mut_ptr(), invalid);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, held.as_ptr(), before.as_mut_ptr())
        };
        // SAFETY: pthread_sigmask initialises `before` where it returns 0.
        (status == 0).then(|| Self(unsafe { before.assume_init() }))
    }
}

#[cfg(unix)]
impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the mask that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}

/// Elsewhere signals don't come to threads.
#[cfg(not(unix))]
pub(super) struct Held;

#[cfg(not(unix))]
impl Held {
    pub(super) fn new() -> Option<Self> {
        None
    }
}

/// A thread that no signal handler of the host ever runs on: it inherits the mask.
pub(crate) fn spawn_without_signals(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<Thread> {
    let mut all = helpers();
    let _held = Held::new();
    let spawned = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)?;
    let thread = spawned.thread().clone();
    all.retain(|helper| !helper.is_finished());
    all.push(spawned);
    Ok(thread)
}

/// Waits for the threads that `spawn_without_signals` started, up to `time`. How many are still
/// there.
pub(super) fn join_helpers(time: Duration) -> usize {
    let end = Instant::now() + time;
    let mut left = std::mem::take(&mut *helpers());
    loop {
        let (ended, waits) = left
            .into_iter()
            .partition::<Vec<_>, _>(|helper| helper.is_finished());
        for helper in ended {
            let _ = helper.join(); // a panic was printed
        }
        left = waits;
        if left.is_empty() || Instant::now() >= end {
            let count = left.len();
            helpers().extend(left);
            return count;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The threads of this process other than the workers.
static HELPERS: StaticPerProcess<Mutex<Vec<JoinHandle<()>>>> = StaticPerProcess::new();

fn helpers() -> MutexGuard<'static, Vec<JoinHandle<()>>> {
    HELPERS
        .current()
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}
