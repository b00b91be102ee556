//! What threads leave for another, without a lock.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Any thread puts items on it, one takes them all.
///
/// It has no lock that a thread could hold while the process forks, and the first to put something
/// on it knows: one wake-up does for everything that comes before it is taken.
pub(crate) struct LockFreeStack<T>(AtomicPtr<Item<T>>);

struct Item<T> {
    value: T,
    below: *mut Item<T>,
}

// SAFETY: a value is handed from one thread to another, and never seen by two.
unsafe impl<T: Send> Send for LockFreeStack<T> {}
// SAFETY: as above; the list itself only changes by atomic exchanges of its top.
unsafe impl<T: Send> Sync for LockFreeStack<T> {}

impl<T> LockFreeStack<T> {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Puts something on the stack; true where it was empty.
    pub(crate) fn put(&self, value: T) -> bool {
        let mut below = self.0.load(Ordering::Relaxed);
        let item = Box::into_raw(Box::new(Item { value, below }));
        loop {
            match self
                .0
                .compare_exchange_weak(below, item, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return below.is_null(),
                Err(changed) => {
                    below = changed;
                    // SAFETY: made above, and not shared until the exchange succeeds.
                    unsafe { (*item).below = below };
                }
            }
        }
    }

    /// Takes everything, the oldest first.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut top = self.0.swap(ptr::null_mut(), Ordering::Acquire);
        let mut values = Vec::new();
        while !top.is_null() {
            // SAFETY: leaked by `put`, and off the stack since the swap: no other thread has it.
            let item = unsafe { Box::from_raw(top) };
            top = item.below;
            values.push(item.value);
        }
        values.reverse();
        values
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::Acquire).is_null()
    }
}

impl<T> Drop for LockFreeStack<T> {
    fn drop(&mut self) {
        self.take();
    }
}
