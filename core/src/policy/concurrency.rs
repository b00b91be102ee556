//! How many requests may be in progress at the same time: each has a connection, and so a file
//! descriptor.

use crate::error::InvalidArgument;

/// The highest number.
pub(crate) const MOST: usize = 10_000;

/// Whether `field` may have this value.
pub(crate) fn check(field: &'static str, number: usize) -> Result<(), InvalidArgument> {
    if (1..=MOST).contains(&number) {
        return Ok(());
    }
    let reason = format!("must be 1 to 10,000, got {number}");
    Err(InvalidArgument::new(field, reason))
}
