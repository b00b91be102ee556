//! `pthread_cancel` waits until a function of the library has returned: the forced unwinding of
//! glibc must not pass through Rust's frames, which would end the process.

#[cfg(target_os = "linux")]
unsafe extern "C" {
    // Not in the libc crate.
    fn pthread_setcancelstate(state: libc::c_int, before: *mut libc::c_int) -> libc::c_int;
}

/// As glibc and musl have it.
#[cfg(target_os = "linux")]
const PTHREAD_CANCEL_DISABLE: libc::c_int = 1;

/// While it lives, this thread is not cancelled. A cancellation that comes meanwhile is acted on at
/// the host's next cancellation point.
#[cfg(target_os = "linux")]
pub(crate) struct Uncancellable(libc::c_int);

#[cfg(target_os = "linux")]
impl Uncancellable {
    pub(crate) fn new() -> Self {
        let mut before = 0;
        // SAFETY: a state that there is, and a pointer to where the old one goes.
        unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &mut before) };
        Self(before)
    }
}

#[cfg(target_os = "linux")]
impl Drop for Uncancellable {
    fn drop(&mut self) {
        // SAFETY: the state that this thread had; not asked for again, so nothing is written.
        unsafe { pthread_setcancelstate(self.0, std::ptr::null_mut()) };
    }
}

/// Elsewhere a thread that waits in the library must not be cancelled.
#[cfg(not(target_os = "linux"))]
pub(crate) struct Uncancellable;

#[cfg(not(target_os = "linux"))]
impl Uncancellable {
    pub(crate) fn new() -> Self {
        Self
    }
}
