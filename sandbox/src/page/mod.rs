//! The page at `/`, which shows the calls: one file, which loads nothing.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use ring::digest::{SHA256, digest};

use crate::http::received::Received;
use crate::http::response::Response;
use crate::v1::refusal::Refusal;

const PAGE: &str = include_str!("page.html");

/// Nothing but the page's own script and style, and no one else to talk to. The script can't make
/// HTML of a text either, where the browser knows trusted types.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'",
        hash("script"),
        hash("style")
    )
});

/// The response to a request for the page; None for any other.
pub(crate) fn respond(request: &Received) -> Option<Response> {
    if request.path != "/" {
        return None;
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return Some(Refusal::method(request.method.as_str(), "GET, HEAD").into_response());
    }
    let mut response = Response::empty(StatusCode::OK)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, &POLICY)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(REFERRER_POLICY, "no-referrer")
        .header(CACHE_CONTROL, "no-store");
    response.body = Bytes::from_static(PAGE.as_bytes());
    Some(response)
}

/// The hash by which the policy names the content of the page's only element of that name.
fn hash(element: &str) -> String {
    let inside = PAGE
        .split_once(&format!("<{element}>"))
        .and_then(|(_, rest)| rest.split_once(&format!("</{element}>")))
        .map_or("", |(inside, _)| inside);
    format!(
        "'sha256-{}'",
        STANDARD.encode(digest(&SHA256, inside.as_bytes()))
    )
}
