//! When to send, when to send again, and on which connection. No I/O.

pub(crate) mod concurrency;
pub(crate) mod idle_limit;
pub(crate) mod pace;
pub(crate) mod retry;
