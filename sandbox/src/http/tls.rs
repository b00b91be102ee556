//! HTTPS, with a valid certificate or one of several invalid ones.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

use crate::http::wire::Socket;

/// The certificate of the https port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Certificate {
    /// For 127.0.0.1 and localhost, signed by the sandbox's own authority
    /// ([`Sandbox::ca_pem`](crate::Sandbox::ca_pem)): valid for clients that trust it.
    Good,
    /// Self-signed.
    SelfSigned,
    /// Expired in 2002.
    Expired,
    /// For `example.org`.
    WrongHost,
}

impl Certificate {
    /// Every certificate.
    pub const ALL: &'static [Self] =
        &[Self::Good, Self::SelfSigned, Self::Expired, Self::WrongHost];

    /// Its name on the command line, as `self-signed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::SelfSigned => "self-signed",
            Self::Expired => "expired",
            Self::WrongHost => "wrong-host",
        }
    }

    /// The certificate of this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == word)
    }

    /// The authority's certificate as PEM, and the acceptor that presents this certificate.
    pub(crate) fn acceptor(self) -> io::Result<(String, TlsAcceptor)> {
        self.make().map_err(io::Error::other)
    }

    fn make(self) -> Result<(String, TlsAcceptor), Box<dyn std::error::Error + Send + Sync>> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = "calltransfer sandbox authority";
        params.distinguished_name.push(DnType::CommonName, name);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let hosts = match self {
            Self::WrongHost => vec!["example.org".to_owned()],
            _ => vec![
                "127.0.0.1".to_owned(),
                "::1".to_owned(),
                "localhost".to_owned(),
            ],
        };
        let mut params = CertificateParams::new(hosts)?;
        if self == Self::Expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate()?;
        let certificate = match self {
            Self::SelfSigned => params.self_signed(&key)?,
            _ => params.signed_by(&key, &authority)?,
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![CertificateDer::from(certificate)];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok((authority.pem(), TlsAcceptor::from(Arc::new(config))))
    }
}

/// A connection, with or without TLS. The handshake happens at the first read, so that a client
/// that does not finish it delays no other client.
pub(crate) enum Secured {
    Plain(TcpStream),
    Greeting(Box<Accept<TcpStream>>),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Secured {
    pub(crate) fn new(stream: TcpStream, tls: Option<&TlsAcceptor>) -> Self {
        match tls {
            Some(tls) => Self::Greeting(Box::new(tls.accept(stream))),
            None => Self::Plain(stream),
        }
    }

    fn poll_greeting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Self::Greeting(greeting) = self {
            let stream = ready!(Pin::new(&mut **greeting).poll(cx))?;
            *self = Self::Tls(Box::new(stream));
        }
        Poll::Ready(Ok(()))
    }
}

impl Socket for Secured {
    fn reset_on_drop(&self) {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
            Self::Greeting(_) => return,
        };
        // If it fails, the connection is closed in the friendly way.
        let _ = stream.set_zero_linger();
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_greeting(cx))?;
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Greeting(_) => Poll::Pending,
        }
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_greeting(cx))?;
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buffer),
            Self::Greeting(_) => Poll::Pending,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Self::Greeting(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Greeting(_) => Poll::Ready(Ok(())),
        }
    }
}
