//! Trusted certificates: those of the system, or those of a file. Verification can't be turned off.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::VerifierBuilderError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::config::ca_file::CaFile;
use crate::error::{Error, ErrorKind, Outcome, Stage};

/// The host's own trust.
pub(super) fn system() -> Result<ClientConfig, Error> {
    Ok(builder()?
        .dangerous() // rustls' word for any verifier of one's own; this one asks the system's
        .with_custom_certificate_verifier(Arc::new(LazyTrust::new(system_verifier)))
        .with_no_client_auth())
}

/// The system's verifier, made when the first certificate is to be verified: loading the roots takes
/// milliseconds, and a request that isn't sent, or goes elsewhere, needs none of them.
fn system_verifier() -> Result<Verifier, rustls::Error> {
    /// Once for the process.
    static SYSTEM: OnceLock<Verifier> = OnceLock::new();

    if let Some(verifier) = SYSTEM.get() {
        return Ok(Arc::clone(verifier));
    }
    let verifier = load_system().map_err(|cause| {
        // As of a wrong certificate: trying again doesn't help.
        let cause = rustls::OtherError(Arc::new(NoRoots(cause)));
        rustls::Error::InvalidCertificate(rustls::CertificateError::Other(cause))
    })?;
    // Loaded outside of any lock, so that a fork in between leaves none held.
    Ok(Arc::clone(SYSTEM.get_or_init(|| verifier)))
}

fn load_system() -> Result<Verifier, rustls::Error> {
    #[cfg(all(unix, not(target_os = "android"), not(target_vendor = "apple")))]
    if crate::config::is_untrusted() {
        return load_bundle();
    }
    Ok(Arc::new(rustls_platform_verifier::Verifier::new(
        provider(),
    )?))
}

/// The system's bundle at one of its usual places, for a program with rights that its user has not:
/// the platform's verifier would take `SSL_CERT_FILE` and `SSL_CERT_DIR` from that user.
#[cfg(all(unix, not(target_os = "android"), not(target_vendor = "apple")))]
fn load_bundle() -> Result<Verifier, rustls::Error> {
    const PLACES: [&str; 7] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/usr/local/etc/ssl/cert.pem",
        "/etc/openssl/certs/ca-certificates.crt",
    ];
    let mut roots = RootCertStore::empty();
    for place in PLACES {
        let found = CertificateDer::pem_file_iter(place).into_iter().flatten();
        roots.add_parsable_certificates(found.filter_map(Result::ok));
        if !roots.is_empty() {
            break;
        }
    }
    let verifier = verifier_of(roots).map_err(|cause| {
        let places = PLACES.join(", ");
        rustls::Error::General(format!("no certificates in any of {places}: {cause}"))
    })?;
    Ok(verifier)
}

type Verifier = Arc<dyn ServerCertVerifier>;

/// A verifier that is there by the time that a certificate is to be verified.
struct LazyTrust<F> {
    provider: Arc<CryptoProvider>,
    verifier: F,
}

impl<F> LazyTrust<F> {
    fn new(verifier: F) -> Self {
        let provider = provider();
        Self { provider, verifier }
    }
}

/// Loads the system's certificates now, as the first https request does. For programs that check a
/// configuration; a transfer does not need it.
///
/// # Errors
/// [`Tls`](ErrorKind::Tls): there are none, or none that can be read.
pub fn load_system_certificates() -> Result<(), Error> {
    match system_verifier() {
        Ok(_) => Ok(()),
        Err(cause) => Err(without_roots(&cause)
            .unwrap_or_else(|| no_trust("TLS could not be set up").caused_by(cause))),
    }
}

impl<F> fmt::Debug for LazyTrust<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LazyTrust")
    }
}

impl<F, V> ServerCertVerifier for LazyTrust<F>
where
    F: Fn() -> Result<Arc<V>, rustls::Error> + Send + Sync,
    V: ServerCertVerifier + ?Sized,
{
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        (self.verifier)()?.verify_server_cert(
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
        (self.verifier)()?.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        (self.verifier)()?.verify_tls13_signature(message, certificate, signature)
    }

    /// Asked before the handshake, when no roots are needed yet: the provider's own.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
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

/// The error of a handshake that failed because there are no roots.
pub(super) fn without_roots(error: &rustls::Error) -> Option<Error> {
    let rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) = error else {
        return None;
    };
    let NoRoots(cause) = other.0.downcast_ref()?;
    let message = "the system's certificates could not be loaded; set ca_file";
    Some(no_trust(message).caused_by(cause.clone()))
}

/// Trust in the certificates of a file, and in no others. They are loaded before the first request.
pub(super) fn of_file(file: Arc<CaFile>) -> Result<ClientConfig, Error> {
    let verifier = LazyTrust::new(move || {
        let loaded = file.verifier().cloned();
        loaded.ok_or_else(|| rustls::Error::General("the ca_file is not loaded".to_owned()))
    });
    Ok(builder()?
        .dangerous() // rustls' word for any verifier of one's own
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// Web PKI with these roots.
pub(super) fn verifier_of(
    roots: RootCertStore,
) -> Result<Arc<WebPkiServerVerifier>, VerifierBuilderError> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build()
}

/// TLS 1.2 and 1.3 with the one provider; the process's default provider isn't touched.
fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|cause| no_trust("TLS could not be set up").caused_by(cause))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn no_trust(message: &str) -> Error {
    Error::new(ErrorKind::Tls, Outcome::NotSent, message).with_stage(Stage::Tls)
}
