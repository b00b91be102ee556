//! The end of the library's life in a process that goes on.

use crate::panic::guard;

/// End the library's threads, and close its descriptors, in a process that goes on.
///
/// For hosts that unload what uses the library, that end their main thread with pthread_exit(), and
/// that check for leaks. Free all queues, clients and lists before: what a queue that wasn't freed
/// has in progress ends as if it were cancelled. Waits until the threads have ended, and up to a
/// second for those that wait for the system in a name look-up or the read of a file. Returns how
/// many are still there; 0: no thread, connection or descriptor is left. The library can be used
/// again afterwards: it then starts what it needs.
///
/// NULL: takes no pointer. Returns -1 where the library failed.
/// Memory: frees what the library holds for itself, but for some bytes.
/// Threads: one at a time, while no other is in the library; not in a log function.
#[unsafe(no_mangle)]
pub extern "C" fn calltransfer_shutdown() -> i32 {
    guard(-1, || {
        let left = calltransfer_core::background::shut_down();
        i32::try_from(left).unwrap_or(i32::MAX)
    })
}
