//! Which requests are accepted: those of programs on this machine, and of the sandbox's own page.

use http::HeaderMap;
use http::StatusCode;
use http::header::{HOST, ORIGIN};
use url::Url;

use crate::address::is_loopback;
use crate::v1::refusal::Refusal;

/// Accepts requests that no other web page sent.
///
/// A browser on this machine reaches the sandbox for any page that it shows: such a page names itself
/// in Origin. If its own name resolves to this machine (DNS rebinding), that name is in Host.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    // A client that sends no Host is not a browser.
    let Some(host) = headers.get(HOST) else {
        return Ok(());
    };
    let host = String::from_utf8_lossy(host.as_bytes());
    if !is_loopback(&format!("http://{host}/")) {
        return Err(other_origin("Host", &host));
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = String::from_utf8_lossy(origin.as_bytes());
    let place = Url::parse(&origin).ok();
    let same = |scheme: &str| Url::parse(&format!("{scheme}://{host}")).ok() == place;
    if place.is_some() && (same("http") || same("https")) {
        return Ok(());
    }
    Err(other_origin("Origin", &origin))
}

fn other_origin(header: &str, value: &str) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "forbidden",
        "foreign-origin",
        format!("{header}: {value:?} is not this machine; --bind opens the sandbox to others"),
    )
    .detail(header, value)
}
