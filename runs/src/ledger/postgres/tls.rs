//! TLS to the database: the server's certificate is always verified, and its name too.
//!
//! Of what PostgreSQL's own programs take in a URL, `sslmode=verify-full`, `verify-ca` and
//! `sslrootcert` are read here; the driver doesn't know them.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, ErrorKind};

/// The URL as the driver takes it, and the file of the certificates to trust, if it named one.
pub(super) fn without_options(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let mut roots = None;
    let mut kept = Vec::new();
    for option in query.split('&') {
        match option.split_once('=') {
            // Nothing less is ever verified.
            Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require"),
            Some(("sslrootcert", file)) => {
                let file = percent_decode_str(file).decode_utf8_lossy();
                roots = Some(file.into_owned());
            }
            _ => kept.push(option),
        }
    }
    let url = match kept.is_empty() {
        true => base.to_owned(),
        false => format!("{base}?{}", kept.join("&")),
    };
    (url, roots)
}

/// Whether the URL says itself how it wants to be connected.
pub(super) fn names_mode(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .any(|option| option.starts_with("sslmode="))
}

/// Trusts the certificates in the file `roots` only, or without one what the system trusts.
pub(super) fn connector(roots: Option<&str>, place: &str) -> Result<MakeRustlsConnect, Error> {
    let failed = |why: String| {
        let message = format!("run: TLS for {place} could not be set up: {why}");
        Error::new(ErrorKind::Unreachable, message)
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?;
    let config = match roots {
        Some(file) => builder
            .with_root_certificates(read(file, place)?)
            .with_no_client_auth(),
        None => {
            let verifier = Verifier::new(provider).map_err(|error| failed(error.to_string()))?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn read(file: &str, place: &str) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    let all = CertificateDer::pem_file_iter(file)
        .map_err(|error| invalid(place, &format!("can't be read: {error}")))?;
    for certificate in all {
        let certificate =
            certificate.map_err(|error| invalid(place, &format!("can't be read: {error}")))?;
        let added = store.add(certificate);
        added.map_err(|error| {
            invalid(
                place,
                &format!("has a certificate that can't be used: {error}"),
            )
        })?;
    }
    match store.is_empty() {
        true => Err(invalid(place, "has no certificate; expected PEM")),
        false => Ok(store),
    }
}

fn invalid(place: &str, what: &str) -> Error {
    let message = format!("run: sslrootcert of {place} {what}");
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_tls_are_read_from_a_url() {
        let read = without_options;
        let url = |url: &str, roots: Option<&str>| (url.to_owned(), roots.map(str::to_owned));
        assert_eq!(read("postgresql://h/d"), url("postgresql://h/d", None));
        assert_eq!(
            read("postgresql://h/d?sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20x.pem"),
            url("postgresql://h/d?sslmode=require", Some("/etc/ca x.pem"))
        );
        assert_eq!(
            read("postgresql://h/d?sslrootcert=ca.pem"),
            url("postgresql://h/d", Some("ca.pem"))
        );
        assert_eq!(
            read("postgresql://h/d?options=-cx%3Dy&sslmode=disable"),
            url("postgresql://h/d?options=-cx%3Dy&sslmode=disable", None)
        );
    }

    #[test]
    fn mode_is_found_among_the_options_only() {
        assert!(names_mode("postgresql://h/d?x=y&sslmode=require"));
        assert!(!names_mode("postgresql://u:sslmode=@h/d?x=y"));
    }
}
