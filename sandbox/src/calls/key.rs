//! The key of a call.

/// Calls are numbered from 1, in the order in which they were placed.
pub(crate) type CallKey = u64;
