//! SIGPIPE stays away from the host: a closed connection is an error of ours, not a death of its.
//!
//! A write raises the signal on the thread that writes. The host's own is sent to the process
//! (`kill`), and stays pending for the host; Linux distinguishes the two. What remains: a `pthread_kill`
//! of this very thread meanwhile is taken for a write's, unless the kernel reports who sent it. On
//! other systems one that came in between is taken for ours, but on Apple's, whose sockets raise none.

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
            && is_pending() != Some(false)
            && is_pending_here() != Some(false);
        Some(Self { before, pending })
    }
}

#[cfg(unix)]
impl Drop for Blocked {
    fn drop(&mut self) {
        // Of those for the process none is ours.
        if !self.pending && is_pending() == Some(true) && is_pending_here() != Some(false) {
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

/// Whether one is pending for this thread, and not for the process as a whole; `None` where the
/// system doesn't say.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_pending_here() -> Option<bool> {
    let status = std::fs::read_to_string("/proc/thread-self/status").ok()?;
    let mask = status.lines().find_map(|l| l.strip_prefix("SigPnd:"))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    Some(mask & (1 << (libc::SIGPIPE - 1)) != 0)
}

/// Takes a pending SIGPIPE off this thread, and sends it again if it is the host's.
///
/// The kernel takes one that is for the thread before one that is for the process.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn consume() {
    let Some(pipe) = only_sigpipe() else { return };
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    let at_once = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointers are valid for the call.
    let taken = unsafe { libc::sigtimedwait(&pipe, info.as_mut_ptr(), &at_once) };
    if taken != libc::SIGPIPE {
        return;
    }
    // SAFETY: zero is a value of it, and the call filled it.
    let info = unsafe { info.assume_init() };
    // SAFETY: every signal that can come here has a sender: a write, kill, tgkill or sigqueue.
    let sender = unsafe { info.si_pid() };
    let from_write =
        info.si_code == libc::SI_USER && u32::try_from(sender) == Ok(std::process::id());
    if !from_write {
        let for_thread = info.si_code == libc::SI_TKILL;
        // SAFETY: sends a signal that is blocked here to this thread or process.
        unsafe {
            if for_thread {
                libc::pthread_kill(libc::pthread_self(), libc::SIGPIPE);
            } else {
                libc::kill(libc::getpid(), libc::SIGPIPE);
            }
        }
    }
}

/// Its sockets raise none: they are made with SO_NOSIGPIPE. So a pending one is the host's.
#[cfg(target_vendor = "apple")]
fn is_pending_here() -> Option<bool> {
    Some(false)
}

#[cfg(all(
    unix,
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))
))]
fn is_pending_here() -> Option<bool> {
    None
}

/// Takes a pending SIGPIPE off this thread.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn consume() {
    if let Some(pipe) = only_sigpipe() {
        let mut taken = 0;
        // SAFETY: both pointers are valid; the signal is blocked and pending, so it returns at once.
        unsafe { libc::sigwait(&pipe, &mut taken) };
    }
}

/// Other systems have no SIGPIPE.
#[cfg(not(unix))]
pub(super) struct Blocked;

#[cfg(not(unix))]
impl Blocked {
    pub(super) fn new() -> Option<Self> {
        None
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static HANDLED: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn handle(_: libc::c_int) {
        HANDLED.fetch_add(1, Ordering::SeqCst);
    }

    /// How many signals reach the host's handler on this thread when `during` happens while blocked.
    fn handled(during: impl FnOnce()) -> usize {
        HANDLED.store(0, Ordering::SeqCst);
        let blocked = Blocked::new();
        during();
        assert_eq!(HANDLED.load(Ordering::SeqCst), 0);
        drop(blocked);
        HANDLED.load(Ordering::SeqCst)
    }

    fn write_to_closed() {
        let mut pair = [0; 2];
        // SAFETY: a socket of our own, closed at the other end before the write.
        unsafe {
            assert_eq!(
                libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, pair.as_mut_ptr()),
                0
            );
            libc::close(pair[1]);
            assert_eq!(libc::write(pair[0], b"x".as_ptr().cast(), 1), -1);
            libc::close(pair[0]);
        }
    }

    // One test, because a handler is the process's. What is sent to the process as a whole is tested
    // with a process of its own, whose other threads can't take it.
    #[test]
    fn sigpipe_of_a_write_is_taken_off_the_thread() {
        let handler: extern "C" fn(libc::c_int) = handle;
        // SAFETY: the handler changes an atomic, nothing else.
        let before = unsafe { libc::signal(libc::SIGPIPE, handler as libc::sighandler_t) };
        assert_eq!(handled(|| ()), 0);
        assert_eq!(handled(write_to_closed), 0);
        // SAFETY: what was there before.
        unsafe { libc::signal(libc::SIGPIPE, before) };
    }
}
