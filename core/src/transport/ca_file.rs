//! The certificates of a `ca_file`: read once for a configuration, on a thread of their own, because
//! a file may block for ever (a FIFO, a network file system that hangs) and a worker serves others.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::{signals, tls};
use crate::config::ca_file::{CaFile, Progress, Verifier};
use crate::error::{Error, ErrorKind, Outcome, Stage};
use crate::process_id::ProcessId;

/// Far more than all public authorities together; a longer file is rejected.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

impl CaFile {
    /// Has the file read, if it was not yet. After an error the next request reads it again.
    pub(super) async fn load(&self, deadline: Instant) -> Result<(), Error> {
        if self.verifier.get().is_some() {
            return Ok(());
        }
        let mut progress = self.read()?;
        let ended = timeout_at(deadline, progress.wait_for(Option::is_some)).await;
        let Ok(ended) = ended else {
            return Err(self.too_late());
        };
        match ended.as_deref() {
            Ok(Some(Ok(verifier))) => {
                self.verifier.get_or_init(|| Arc::clone(verifier));
                Ok(())
            }
            Ok(Some(Err(error))) => Err(error.clone_without_source()),
            Ok(None) | Err(_) => Err(Error::internal("ca_file", &"its reader ended early")),
        }
    }

    /// Joins the thread that reads, or starts one.
    fn read(&self) -> Result<Progress, Error> {
        let process = ProcessId::current();
        let mut reading = self.reading.try_lock().ok();
        if let Some(Some((reader, progress))) = reading.as_deref()
            && *reader == process
            && progress.borrow().is_none()
            && progress.has_changed().is_ok()
        {
            return Ok(progress.clone());
        }
        let (sender, progress) = watch::channel(None);
        let path = self.path.clone();
        let reading_it = move || drop(sender.send(Some(read(&path))));
        signals::spawn_without_signals("calltransfer", reading_it)
            .map_err(|cause| Error::internal("no thread to read ca_file", &cause))?;
        if let Some(reading) = &mut reading {
            **reading = Some((process, progress.clone()));
        }
        Ok(progress)
    }

    fn too_late(&self) -> Error {
        let path = self.path.display();
        let message =
            format!("ca_file: the time ran out while {path} was read; the request was not sent");
        Error::new(ErrorKind::Timeout, Outcome::NotSent, message).with_stage(Stage::Tls)
    }
}

/// Trust in the certificates of a PEM file, and in no others.
fn read(path: &Path) -> Result<Verifier, Error> {
    let unreadable = |cause: &dyn fmt::Display| {
        let path = path.display();
        let reason = format!("{path} could not be read as PEM certificates: {cause}");
        Error::configuration("ca_file", reason)
    };
    let text = bytes_of(path).map_err(|cause| unreadable(&cause))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|cause| unreadable(&cause))?;
        roots.add(certificate).map_err(|cause| unreadable(&cause))?;
    }
    if roots.is_empty() {
        return Err(unreadable(&"it contains no certificate"));
    }
    tls::verifier_of(roots).map_err(|cause| unreadable(&cause))
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is larger than 16 MiB"));
    }
    Ok(bytes)
}
