//! SIGPIPE stays away from the host: a closed connection is an error of ours, not a death of its.

/// While it lives, a write to a closed connection raises no SIGPIPE on this thread.
#[cfg(unix)]
pub(super) struct Blocked {
    before: libc::sigset_t,
    /// Already pending before: then it is the host's, and stays.
    pending: bool,
}

#[cfg(unix)]
impl Blocked {
    pub(super) fn new() -> Option<Self> {
        let pipe = only_sigpipe()?;
        let mut before = std::mem::MaybeUninit::uninit();
        // SAFETY: both pointers are valid for the call; `before` is written where it returns 0.
        let status = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &pipe, before.as_mut_ptr()) };
        if status != 0 {
            return None;
        }
        // SAFETY: initialised by the successful call above.
        let before = unsafe { before.assume_init() };
        // SAFETY: `before` is a set. Only what was blocked before can be pending from before.
        let pending = unsafe { libc::sigismember(&before, libc::SIGPIPE) } == 1
            && is_pending() != Some(false);
        Some(Self { before, pending })
    }
}

#[cfg(unix)]
impl Drop for Blocked {
    fn drop(&mut self) {
        // One that came in between is ours: a write raises it on the writing thread.
        if !self.pending && is_pending() == Some(true) {
            consume();
        }
        // SAFETY: `before` is the mask that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut()) };
    }
}

#[cfg(unix)]
fn only_sigpipe() -> Option<libc::sigset_t> {
    let mut set = std::mem::MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set, sigaddset changes an initialised one.
    unsafe {
        let made = libc::sigemptyset(set.as_mut_ptr()) == 0
            && libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE) == 0;
        made.then(|| set.assume_init())
    }
}

#[cfg(unix)]
fn is_pending() -> Option<bool> {
    let mut set = std::mem::MaybeUninit::uninit();
    // SAFETY: sigpending initialises the set where it returns 0.
    unsafe {
        (libc::sigpending(set.as_mut_ptr()) == 0)
            .then(|| libc::sigismember(set.as_ptr(), libc::SIGPIPE) == 1)
    }
}

/// Takes a pending SIGPIPE off this thread.
#[cfg(unix)]
fn consume() {
    if let Some(pipe) = only_sigpipe() {
        let mut taken = 0;
        // SAFETY: both pointers are valid; the signal is blocked and pending, so it returns at once.
        unsafe { libc::sigwait(&pipe, &mut taken) };
    }
}

/// Elsewhere there is no SIGPIPE.
#[cfg(not(unix))]
pub(super) struct Blocked;

#[cfg(not(unix))]
impl Blocked {
    pub(super) fn new() -> Option<Self> {
        None
    }
}
