//! Whom to trust: the system's roots, or the roots of a file. Verification has no off switch.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::outcome::{Error, ErrorKind, Outcome, Stage};

/// Loading the system's roots takes milliseconds: once for the process, at the first need.
static SYSTEM: OnceLock<ClientConfig> = OnceLock::new();

/// The host's own trust.
pub(super) fn system() -> Result<ClientConfig, Error> {
    if let Some(config) = SYSTEM.get() {
        return Ok(config.clone());
    }
    let verifier = Verifier::new(provider()).map_err(|cause| {
        no_trust("the system's certificates can't be loaded (give a ca_file)").caused_by(cause)
    })?;
    let config = builder()?
        .dangerous() // rustls' word for any verifier of one's own; this one is the system's
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // Loaded outside of any lock, so that a fork in between leaves none held.
    Ok(SYSTEM.get_or_init(|| config).clone())
}

/// Trust in the certificates of a PEM file, and in no others.
pub(super) fn of_file(path: &Path) -> Result<ClientConfig, Error> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        let reason = format!(
            "{} can't be read as PEM certificates: {cause}",
            path.display()
        );
        Error::configuration("ca_file", reason)
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|cause| unreadable(&cause))? {
        let certificate = certificate.map_err(|cause| unreadable(&cause))?;
        roots.add(certificate).map_err(|cause| unreadable(&cause))?;
    }
    if roots.is_empty() {
        return Err(unreadable(&"it holds none"));
    }
    Ok(builder()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Trust in nobody, for plain http to loopback, where no handshake ever happens.
pub(super) fn none() -> Result<ClientConfig, Error> {
    Ok(builder()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// TLS 1.2 and 1.3 with the one provider; the process's default provider isn't touched.
fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|cause| no_trust("TLS can't be set up").caused_by(cause))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn no_trust(message: &str) -> Error {
    Error::new(ErrorKind::Tls, Outcome::NotSent, message).at(Stage::Tls)
}
