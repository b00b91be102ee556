//! Which process this is: threads, locks and connections of another one must not be used.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many forks lie between this process and the first one that called this.
static FORKS: AtomicU64 = AtomicU64::new(0);

/// One process, as opposed to its parents and its forked children.
///
/// The pid alone does not distinguish them: pid 1 that forks into a new pid namespace, as container
/// runtimes do, has a child whose pid is 1 too. The number of forks alone does not either: a raw
/// `clone` runs no fork handlers. Two values are equal only where both are. What remains is a raw
/// `clone` into a new pid namespace by pid 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessId {
    pid: u32,
    forks: u64,
}

impl ProcessId {
    /// The process that calls.
    pub fn current() -> Self {
        count_forks();
        Self {
            pid: std::process::id(),
            forks: FORKS.load(Ordering::Relaxed),
        }
    }

    /// The pid and the number of forks, for bindings.
    pub fn parts(self) -> (u32, u64) {
        (self.pid, self.forks)
    }

    /// 32 bits that differ between a process and its children: a pid has 22 bits at most on Linux,
    /// the number of forks has the rest.
    pub fn short(self) -> u32 {
        let [low, ..] = self.forks.to_le_bytes();
        self.pid ^ (u32::from(low) << 24)
    }

    /// The same pid, one fork later.
    #[cfg(test)]
    pub(crate) fn of_child(self) -> Self {
        Self {
            forks: self.forks + 1,
            ..self
        }
    }
}

/// Has forks counted from now on.
///
/// No lock is taken, because a fork by another thread would leave it held in the child. Two threads
/// that come first at once both register, and a fork counts twice then, which does no harm.
///
/// glibc removes the handler with the library that registered it, other C libraries don't unload
/// one; the shared library for C is linked so that it stays loaded anyway.
#[cfg(unix)]
fn count_forks() {
    static REGISTERED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

    /// Runs in the child, where only async-signal-safe work is allowed.
    extern "C" fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    if !REGISTERED.load(Ordering::Acquire) {
        // SAFETY: the handler lives as long as the program or library that this code is part of.
        let status = unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        if status == 0 {
            REGISTERED.store(true, Ordering::Release);
        }
    }
}

/// Other systems have no fork.
#[cfg(not(unix))]
fn count_forks() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_id_stays_the_same_without_a_fork() {
        assert_eq!(ProcessId::current(), ProcessId::current());
    }

    #[test]
    fn process_id_of_a_child_with_the_same_pid_differs() {
        let parent = ProcessId::current();
        let child = parent.of_child();
        assert_ne!(parent, child);
        assert_ne!(parent.short(), child.short());
    }

    #[cfg(unix)]
    #[test]
    fn process_id_after_a_fork_counts_it() {
        let parent = ProcessId::current();
        // SAFETY: the child does nothing but read atomics and leave at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let counted = ProcessId::current().forks > parent.forks;
            // SAFETY: leaves without running anything of the parent's.
            unsafe { libc::_exit(if counted { 0 } else { 1 }) };
        }
        let mut status = 0;
        // SAFETY: `status` is valid for the call.
        let ended = unsafe { libc::waitpid(child, &mut status, 0) };
        assert_eq!((ended, status), (child, 0));
        assert_eq!(ProcessId::current(), parent);
    }
}
