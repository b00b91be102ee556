//! What is reported to ThreadSanitizer: the library isn't instrumented, so that it can't see by itself what
//! happens before what. Does nothing in a program that is built without it.

use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A place that the program's threads are ordered by: what was done before a release was done before
/// an acquire that comes later.
#[derive(Default)]
pub(crate) struct Order(u64); // ThreadSanitizer distinguishes places of eight bytes

static RELEASE: Function = Function::named(c"__tsan_release");
static ACQUIRE: Function = Function::named(c"__tsan_acquire");

impl Order {
    pub(crate) fn release(&self) {
        RELEASE.call(self);
    }

    pub(crate) fn acquire(&self) {
        ACQUIRE.call(self);
    }
}

/// A function of ThreadSanitizer's, looked up once. No lock: a child may be forked meanwhile.
struct Function {
    name: &'static CStr,
    address: AtomicUsize,
}

const NOT_LOOKED_UP: usize = 0;
const ABSENT: usize = 1;

impl Function {
    const fn named(name: &'static CStr) -> Self {
        Self {
            name,
            address: AtomicUsize::new(NOT_LOOKED_UP),
        }
    }

    fn call(&self, order: &Order) {
        let mut address = self.address.load(Ordering::Relaxed);
        if address == NOT_LOOKED_UP {
            address = look_up(self.name).unwrap_or(ABSENT);
            self.address.store(address, Ordering::Relaxed);
        }
        if address == ABSENT {
            return;
        }
        // SAFETY: a function of this name takes an address and returns nothing (tsan_interface.h).
        let function: unsafe extern "C" fn(*mut c_void) = unsafe { std::mem::transmute(address) };
        let place: *const u64 = &raw const order.0;
        // SAFETY: it doesn't touch what is there.
        unsafe { function(place.cast_mut().cast()) };
    }
}

#[cfg(target_os = "linux")]
fn look_up(name: &CStr) -> Option<usize> {
    // SAFETY: the name ends in NUL.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found as usize)
}

#[cfg(not(target_os = "linux"))]
fn look_up(_: &CStr) -> Option<usize> {
    None
}
