//! Stopping all workers of a run, on all machines.

use crate::error::Error;
use crate::run::Run;
use crate::settings;

impl Run {
    /// Ends every `execute` of this run soon, in all processes and on all machines: within about a
    /// second no row is begun any more, and those in progress end. Until
    /// [`resume_all`](Self::resume_all) a new `execute` ends at once.
    ///
    /// # Errors
    /// [`Unreachable`](crate::ErrorKind::Unreachable) and others if the ledger fails.
    pub fn stop_all(&self) -> Result<(), Error> {
        self.ledger()?.set_stopped(true)
    }

    /// Lets workers work again after [`stop_all`](Self::stop_all). It starts none.
    ///
    /// # Errors
    /// As for [`stop_all`](Self::stop_all).
    pub fn resume_all(&self) -> Result<(), Error> {
        self.ledger()?.set_stopped(false)
    }

    /// Whether [`stop_all`](Self::stop_all) was called, in any process, and not resumed since.
    ///
    /// # Errors
    /// As for [`stop_all`](Self::stop_all).
    pub fn is_stopped_for_all(&self) -> Result<bool, Error> {
        Ok(settings::is_stopped(&self.ledger()?.settings()?))
    }
}
