//! Whom to trust: the system's roots, or the roots of a file. Verification has no off switch.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::outcome::{Error, ErrorKind, Outcome, Stage};

/// The host's own trust.
pub(super) fn system() -> Result<ClientConfig, Error> {
    Ok(builder()?
        .dangerous() // rustls' word for any verifier of one's own; this one asks the system's
        .with_custom_certificate_verifier(Arc::new(SystemTrust(provider())))
        .with_no_client_auth())
}

/// The system's verifier, made when the first certificate is to be verified: loading the roots takes
/// milliseconds, and a request that isn't sent, or goes elsewhere, needs none of them.
#[derive(Debug)]
struct SystemTrust(Arc<CryptoProvider>);

/// Once for the process.
static SYSTEM: OnceLock<Verifier> = OnceLock::new();

impl SystemTrust {
    fn verifier(&self) -> Result<&'static Verifier, rustls::Error> {
        if let Some(verifier) = SYSTEM.get() {
            return Ok(verifier);
        }
        let verifier = Verifier::new(Arc::clone(&self.0)).map_err(|cause| {
            // As of a wrong certificate: trying again doesn't help.
            let cause = rustls::OtherError(Arc::new(NoRoots(cause)));
            rustls::Error::InvalidCertificate(rustls::CertificateError::Other(cause))
        })?;
        // Loaded outside of any lock, so that a fork in between leaves none held.
        Ok(SYSTEM.get_or_init(|| verifier))
    }
}

/// Loads the system's certificates now, as the first https request does. For programs that check a
/// set-up; a transfer needs no such preparation.
///
/// # Errors
/// [`Tls`](ErrorKind::Tls): there are none, or none that can be read.
pub fn load_system_certificates() -> Result<(), Error> {
    match SystemTrust(provider()).verifier() {
        Ok(_) => Ok(()),
        Err(cause) => Err(without_roots(&cause)
            .unwrap_or_else(|| no_trust("TLS can't be set up").caused_by(cause))),
    }
}

impl ServerCertVerifier for SystemTrust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verifier()?.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?
            .verify_tls13_signature(message, certificate, signature)
    }

    /// Asked before the handshake, when no roots are needed yet: the provider's own.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The system has no certificates to trust, or none that can be read. Wrapped in rustls' own error
/// on its way out of the handshake.
#[derive(Debug)]
struct NoRoots(rustls::Error);

impl fmt::Display for NoRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for NoRoots {}

/// What to tell of a handshake that failed for want of roots.
pub(super) fn without_roots(error: &rustls::Error) -> Option<Error> {
    let rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) = error else {
        return None;
    };
    let NoRoots(cause) = other.0.downcast_ref()?;
    let message = "the system's certificates can't be loaded (give a ca_file)";
    Some(no_trust(message).caused_by(cause.clone()))
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
