//! The end of the library's life in a process that goes on.

use crate::panic::guard;

/// End the library's threads, and close its descriptors, in a process that continues.
///
/// For programs that unload a plug-in that uses the library, that end their main thread with
/// pthread_exit(), or that check for leaks. Free all queues, clients and lists before; requests of
/// a queue that wasn't freed end as if they were cancelled. Waits until the threads have ended, but
/// at most one second for those in a name look-up or in the read of a file. Returns the number of
/// threads that are still running; if it is 0, no thread, connection or descriptor is left. The
/// library can be used again afterwards, and starts its threads again.
///
/// NULL: takes no pointer. Returns -1 if the library failed.
/// Memory: frees the library's own memory, except for some bytes.
/// Threads: one at a time, while no other thread is in the library; not in a log function.
#[unsafe(no_mangle)]
pub extern "C" fn calltransfer_shutdown() -> i32 {
    guard(-1, || {
        let left = calltransfer_core::background::shut_down();
        i32::try_from(left).unwrap_or(i32::MAX)
    })
}
