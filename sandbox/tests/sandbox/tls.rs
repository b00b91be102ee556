//! The https port and its certificates, seen by a client that verifies them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{Certificate, Fault, IncomingCall, Sandbox};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

fn sandbox(certificate: Certificate) -> Sandbox {
    Sandbox::builder().https(certificate).start().unwrap()
}

/// What a client that trusts the sandbox's authority reads.
fn get(sandbox: &Sandbox) -> Result<String, String> {
    ask(sandbox, "GET /v1/users/u-sandbox/calls", "", "")
}

fn ask(sandbox: &Sandbox, what: &str, headers: &str, body: &str) -> Result<String, String> {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(sandbox.ca_pem().unwrap().as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let host = sandbox.https_url().unwrap().strip_prefix("https://");
    let mut stream = StreamOwned::new(session, TcpStream::connect(host.unwrap()).unwrap());
    let length = body.len();
    let request = format!(
        "{what} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .map_err(|error| error.to_string())?;
    let mut came = String::new();
    let end = stream.read_to_string(&mut came);
    end.map(|_| came).map_err(|error| error.to_string())
}

#[test]
fn good_certificate_is_accepted_and_serves_the_same_calls() {
    let sandbox = sandbox(Certificate::Good);
    let came = get(&sandbox).unwrap();
    assert!(came.starts_with("HTTP/1.1 401 "), "{came}");
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn location_of_https_request_is_https() {
    let sandbox = sandbox(Certificate::Good);
    let call = sandbox.place_incoming_call(IncomingCall::new("+12", "+13"));
    let basic = STANDARD.encode("t-sandbox:s-sandbox");
    let came = ask(
        &sandbox,
        &format!("POST /v1/users/u-sandbox/calls/{}", call.unwrap()),
        &format!("Authorization: Basic {basic}\r\nContent-Type: application/json\r\n"),
        r#"{"state":"transferring","transferTo":"+14"}"#,
    );
    let came = came.unwrap();
    assert!(
        came.contains("location: https://localhost/v1/users/u-sandbox/calls/c-"),
        "{came}"
    );
}

#[test]
fn each_bad_certificate_is_bad_in_its_own_way() {
    for (certificate, said) in [
        (Certificate::SelfSigned, "UnknownIssuer"),
        (Certificate::Expired, "expired"),
        (Certificate::WrongHost, "not valid for name"),
    ] {
        let sandbox = sandbox(certificate);
        let refused = get(&sandbox).unwrap_err();
        assert!(refused.contains(said), "{certificate:?}: {refused}");
        assert!(sandbox.requests().is_empty());
    }
}

#[test]
fn faults_happen_over_tls_too() {
    let sandbox = sandbox(Certificate::Good);
    sandbox.inject(vec![Fault::new().cut_after(9)]).unwrap();
    // A connection that is cut does not end TLS correctly.
    assert!(get(&sandbox).unwrap_err().contains("close_notify"));
    assert!(get(&sandbox).is_ok());
}

#[test]
fn endless_handshake_delays_no_other_connection() {
    let sandbox = sandbox(Certificate::Good);
    let host = sandbox.https_url().unwrap().strip_prefix("https://");
    let _silent = TcpStream::connect(host.unwrap()).unwrap();
    assert!(get(&sandbox).is_ok());
}

#[test]
fn without_being_asked_there_is_no_https() {
    let sandbox = Sandbox::builder().start().unwrap();
    assert_eq!((sandbox.https_url(), sandbox.ca_pem()), (None, None));
}

#[test]
fn each_certificate_is_known_by_its_word() {
    for certificate in Certificate::ALL {
        assert_eq!(
            Certificate::from_word(certificate.as_str()),
            Some(*certificate)
        );
    }
    assert_eq!(Certificate::from_word("bad"), None);
}
