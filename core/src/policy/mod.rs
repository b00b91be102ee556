//! When to send and when to send again. No I/O.

pub(crate) mod pace;
pub(crate) mod retry;
