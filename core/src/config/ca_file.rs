//! A file of certificates to trust, and its contents once they were read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use rustls::client::WebPkiServerVerifier;
use tokio::sync::watch;

use crate::error::Error;
use crate::process_id::ProcessId;

pub(crate) type Verifier = Arc<WebPkiServerVerifier>;
/// The result of reading, once there is one.
pub(crate) type Progress = watch::Receiver<Option<Result<Verifier, Error>>>;

/// A PEM file of certificates to trust. The transport reads it, before the first https request.
pub(crate) struct CaFile {
    pub(crate) path: PathBuf,
    pub(crate) verifier: OnceLock<Verifier>,
    /// The thread that reads, of any process. Only `try_lock` is used, because a fork may leave it
    /// locked.
    pub(crate) reading: Mutex<Option<(ProcessId, Progress)>>,
}

impl CaFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            verifier: OnceLock::new(),
            reading: Mutex::new(None),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The verifier of these certificates, once the file was read.
    pub(crate) fn verifier(&self) -> Option<&Verifier> {
        self.verifier.get()
    }
}

impl fmt::Debug for CaFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}
