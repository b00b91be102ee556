//! How long a request may take.

use std::time::Duration;

use crate::error::InvalidArgument;
use crate::time_limit::TimeLimit;

pub(crate) fn check(timeout: Duration) -> Result<(), InvalidArgument> {
    TimeLimit::REQUEST.check("timeout", timeout).map(drop)
}
