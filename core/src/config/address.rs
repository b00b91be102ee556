//! Where the platform is, and the way there.

use url::{Host, Url};

use crate::config::loopback;
use crate::error::Error;
use crate::redact;

/// https to any host, http only to loopback: credentials are never sent over a network unencrypted.
pub(super) fn base_url(text: &str) -> Result<Url, Error> {
    let refused = |reason: &str| {
        let shown = redact::url(text);
        Error::configuration("base_url", format!("\"{shown}\" {reason}"))
    };
    if let Some(reason) = backslash(text) {
        return Err(refused(reason));
    }
    let url = Url::parse(text).map_err(|_| {
        refused("is not a valid URL; expected https://host, or http:// to loopback")
    })?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => loopback::is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" if url.has_host() => {}
        "http" if loopback => {}
        "http" => {
            return Err(refused(
                "uses plain http, which is allowed to loopback only; use https",
            ));
        }
        _ => return Err(refused("is not an https URL")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("must not contain credentials; set them separately"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("must not contain a query or a fragment"));
    }
    Ok(url)
}

/// An http proxy that gets a CONNECT request; plain http to loopback needs none.
///
/// `source` is the setting, or the variable that it came from.
pub(super) fn proxy_url(source: &str, text: &str, base_url: &Url) -> Result<Url, Error> {
    let refused = |reason: &str| {
        let shown = redact::url(text);
        Error::misconfigured("proxy", format!("{source}: \"{shown}\" {reason}"))
    };
    if let Some(reason) = backslash(text) {
        return Err(refused(reason));
    }
    if base_url.scheme() != "https" {
        return Err(refused("requires an https base_url"));
    }
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(url),
        _ => Err(refused(
            "is not a valid proxy URL; expected http://host:port",
        )),
    }
}

/// In a URL, a backslash is read as a slash (WHATWG), so in a user name of the form DOMAIN\user,
/// DOMAIN would become the host.
fn backslash(text: &str) -> Option<&'static str> {
    text.contains('\\')
        .then_some("must not contain a backslash; write it as %5C in a user name or password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_with_backslash_is_rejected() {
        let base = base_url("https://api.example").unwrap();
        for text in [
            r"http://CORP\user:pw-secret@host:3128",
            r"http:\\host:3128",
            r"http://user:pw\secret@host:3128",
        ] {
            let error = proxy_url("proxy", text, &base).unwrap_err();
            assert_eq!(error.field(), Some("proxy"));
            let text = error.to_string();
            assert!(text.contains("%5C") && !text.contains("secret"), "{text}");
        }
        let url = proxy_url("proxy", "http://CORP%5Cuser:pw@host:3128", &base).unwrap();
        assert_eq!(url.host_str(), Some("host"));
    }

    #[test]
    fn base_url_with_backslash_is_rejected() {
        for text in [
            r"https://api.example\@other.example",
            r"https:\\api.example",
        ] {
            let error = base_url(text).unwrap_err();
            assert_eq!(error.field(), Some("base_url"));
            assert!(
                error.to_string().contains("must not contain a backslash"),
                "{error}"
            );
        }
    }

    #[test]
    fn plain_http_base_url_is_loopback_only() {
        for text in [
            "http://localhost:8787",
            "http://LocalHost:8787",
            "http://localhost.:8787",
            "http://platform.localhost:8787",
            "http://127.0.0.1:8787",
            "http://127.9.9.9:8787",
            "http://[::1]:8787",
        ] {
            assert!(base_url(text).is_ok(), "{text}");
        }
        for text in [
            "http://localhost.example:8787",
            "http://notlocalhost:8787",
            "http://localhost..:8787",
            "http://.localhost:8787",
            "http://127.0.0.1.example:8787",
            "http://localhost@192.0.2.1:8787",
            "http://192.0.2.1:8787",
            "http://[::ffff:192.0.2.1]:8787",
            "http://user@localhost:8787",
        ] {
            assert!(base_url(text).is_err(), "{text}");
        }
    }
}
