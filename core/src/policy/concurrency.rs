//! How many requests may go on at once: each has a connection, and so a file descriptor.

use crate::error::InvalidArgument;

/// More are refused.
pub(crate) const MOST: usize = 10_000;

/// Whether there may be so many, the value of `field`.
pub(crate) fn check(field: &'static str, number: usize) -> Result<(), InvalidArgument> {
    if (1..=MOST).contains(&number) {
        return Ok(());
    }
    let reason = format!("must be 1 to 10,000, got {number}");
    Err(InvalidArgument::new(field, reason))
}
