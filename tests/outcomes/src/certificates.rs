//! Certificates, good and bad, made again for each test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing: signed by the authority, for 127.0.0.1 and localhost.
    None,
    /// Signed by itself.
    SelfSigned,
    /// Ended long ago.
    Expired,
    /// For another host.
    WrongHost,
}

/// A certificate authority of a test's own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Makes one.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Writes its certificate as PEM, for a client to trust.
    pub fn file(&self) -> CaFile {
        let (process, number) = (std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(format!("calltransfer-{process}-{number}.pem"));
        std::fs::write(&path, self.0.pem()).unwrap();
        CaFile(path)
    }

    /// A server's set-up with a certificate that has this flaw.
    pub fn server(&self, flaw: Flaw) -> Arc<ServerConfig> {
        let hosts = match flaw {
            Flaw::WrongHost => vec!["example.org".to_owned()],
            _ => vec!["127.0.0.1".to_owned(), "localhost".to_owned()],
        };
        let mut params = CertificateParams::new(hosts).unwrap();
        if flaw == Flaw::Expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match flaw {
            Flaw::SelfSigned => params.self_signed(&key).unwrap(),
            _ => params.signed_by(&key, &self.0).unwrap(),
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![CertificateDer::from(certificate)];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(config)
    }
}

/// An authority's certificate in a file of its own, until this is dropped.
pub struct CaFile(PathBuf);

impl CaFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
