//! Where the platform is, and the way there.

use url::{Host, Url};

use crate::mask;
use crate::outcome::Error;

/// https anywhere, http only to loopback: credentials never cross a network in the clear.
pub(super) fn base_url(text: &str) -> Result<Url, Error> {
    let refused = |reason: &str| {
        let shown = mask::url(text);
        Error::configuration("base_url", format!("\"{shown}\" {reason}"))
    };
    let url = Url::parse(text)
        .map_err(|_| refused("is no URL; allowed is https://host, or http:// to loopback"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" if url.has_host() => {}
        "http" if loopback => {}
        "http" => {
            return Err(refused(
                "is plain http, which is allowed to loopback only; use https",
            ));
        }
        _ => return Err(refused("is no https address")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("holds credentials; give them by themselves"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("holds a query or a fragment"));
    }
    Ok(url)
}

/// An http proxy that is asked to CONNECT; plain http to loopback needs none.
pub(super) fn proxy_url(text: &str, base_url: &Url) -> Result<Url, Error> {
    let refused = |reason: &str| {
        let shown = mask::url(text);
        Error::configuration("proxy", format!("\"{shown}\" {reason}"))
    };
    if base_url.scheme() != "https" {
        return Err(refused("counts only with an https base_url"));
    }
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(url),
        _ => Err(refused("is no proxy; allowed is http://host:port")),
    }
}
