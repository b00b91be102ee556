//! A value of which each process has its own, so that a forked child never waits for a lock that its
//! parent held, nor speaks on its parent's connections.

use std::sync::atomic::{AtomicPtr, Ordering};

use crate::process_id::ProcessId;

/// What the process that made it has. A child finds its own at `next`, made at the first need.
pub(crate) struct PerProcess<T> {
    pid: ProcessId,
    value: T,
    next: AtomicPtr<PerProcess<T>>,
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        Self {
            pid: ProcessId::current(),
            value: T::default(),
            next: AtomicPtr::default(),
        }
    }
}

impl<T: Default> PerProcess<T> {
    /// This process's.
    pub(crate) fn current(&self) -> &T {
        let pid = ProcessId::current();
        let mut found = self;
        while found.pid != pid {
            found = found.next();
        }
        &found.value
    }

    /// The next in the list.
    fn next(&self) -> &Self {
        // SAFETY: freed only with `self`.
        unsafe { &*Self::at(&self.next) }
    }

    /// What is at this place; made where there is nothing, by the first of this process's threads. No
    /// lock is taken, so a fork leaves none held.
    fn at(place: &AtomicPtr<Self>) -> *const Self {
        let found = place.load(Ordering::Acquire);
        if !found.is_null() {
            return found;
        }
        let made = Box::into_raw(Box::new(Self::default()));
        let order = (Ordering::AcqRel, Ordering::Acquire);
        match place.compare_exchange(std::ptr::null_mut(), made, order.0, order.1) {
            Ok(_) => made,
            Err(others) => {
                // SAFETY: made above, and not shared.
                drop(unsafe { Box::from_raw(made) });
                others
            }
        }
    }
}

/// The same for a static: made at the first need, and never freed.
pub(crate) struct StaticPerProcess<T> {
    first: AtomicPtr<PerProcess<T>>,
}

impl<T: Default> StaticPerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// This process's.
    pub(crate) fn current(&'static self) -> &'static T {
        // SAFETY: never freed.
        unsafe { &*PerProcess::at(&self.first) }.current()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let next = std::mem::take(self.next.get_mut());
        if !next.is_null() {
            // SAFETY: made by `Box::into_raw`, and `self` is no longer borrowed.
            drop(unsafe { Box::from_raw(next) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn forked_process_has_its_own_value() {
        let mut all: PerProcess<Mutex<u8>> = PerProcess::default();
        let parents = std::ptr::from_ref(all.current());
        all.pid = all.pid.of_child(); // as if this were a forked child
        let held = all.value.lock();
        let childs = std::ptr::from_ref(all.current());
        assert_ne!(parents, childs);
        assert_eq!(childs, std::ptr::from_ref(all.current()));
        drop(held);
    }
}
