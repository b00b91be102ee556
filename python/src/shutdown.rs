//! The end of the interpreter around threads that are still in the library.
//!
//! Up to Python 3.13, a thread that wants the interpreter's lock while the interpreter ends is
//! ended where it stands, and Rust's frames don't survive that. Python's own code gives the lock
//! away; so where Rust runs any, it says so here. At exit those who run some are waited for, and
//! no other thread begins.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use calltransfer::process_id::ProcessId;
use pyo3::prelude::*;
use pyo3::types::PyCFunction;

/// No program's end waits longer than this for code that doesn't come back.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The process, in the upper half, and how many of its threads are inside.
static INSIDE: AtomicU64 = AtomicU64::new(0);

/// The thread that ends the interpreter.
static ENDING: Mutex<Option<ThreadId>> = Mutex::new(None);

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// While it lives, the interpreter doesn't end.
pub(crate) struct Running(PhantomData<*const ()>);

/// Says that Python's own code is about to run. A thread that comes too late stays here.
pub(crate) fn block_shutdown(py: Python<'_>) -> Running {
    if DEPTH.get() == 0 {
        count(1);
        if is_ended_by_another() {
            count(-1);
            py.detach(|| {
                loop {
                    thread::park();
                }
            })
        }
    }
    DEPTH.set(DEPTH.get() + 1);
    Running(PhantomData)
}

impl Drop for Running {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if DEPTH.get() == 0 {
            count(-1);
        }
    }
}

/// Has the interpreter wait at its end.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    let hook = PyCFunction::new_closure(py, None, None, |arguments, _| wait(arguments.py()))?;
    py.import("atexit")?.call_method1("register", (hook,))?;
    Ok(())
}

fn wait(py: Python<'_>) {
    if let Ok(mut shutdown) = ENDING.lock() {
        *shutdown = Some(thread::current().id());
    }
    let begin = Instant::now();
    while inside(INSIDE.load(Ordering::SeqCst)) > 0 && begin.elapsed() < TIMEOUT {
        py.detach(|| thread::sleep(Duration::from_millis(1)));
    }
}

fn is_ended_by_another() -> bool {
    let shutdown = ENDING.lock().ok().and_then(|shutdown| *shutdown);
    shutdown.is_some_and(|thread| thread != thread::current().id())
}

fn count(change: i64) {
    let next = |state| Some(process() | inside(state).saturating_add_signed(change));
    let _ = INSIDE.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
}

/// How many are inside, by this state; a forked child begins with none.
fn inside(state: u64) -> u64 {
    let is_ours = state >> 32 == process() >> 32;
    if is_ours {
        state & u64::from(u32::MAX)
    } else {
        0
    }
}

fn process() -> u64 {
    u64::from(ProcessId::current().short()) << 32
}
