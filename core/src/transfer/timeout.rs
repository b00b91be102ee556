//! How long a request may take.

use std::time::Duration;

use crate::error::InvalidArgument;

const LONGEST: Duration = Duration::from_secs(3600);

pub(crate) fn check(timeout: Duration) -> Result<(), InvalidArgument> {
    if !timeout.is_zero() && timeout <= LONGEST {
        return Ok(());
    }
    let reason = format!("must be greater than 0 and at most 1 hour, got {timeout:?}");
    Err(InvalidArgument::new("timeout", reason))
}
