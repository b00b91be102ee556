//! The page at `/`, which shows the calls: one response, which loads nothing.

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

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = concat!(
    include_str!("page.js"),
    include_str!("steps.js"),
    include_str!("ladder.js"),
    include_str!("actions.js"),
);

/// The HTML with style and script in their empty elements.
static PAGE: LazyLock<Bytes> = LazyLock::new(|| {
    let style = format!("<style>{STYLE}</style>");
    let script = format!("<script>{SCRIPT}</script>");
    let page = HTML
        .replace("<style></style>", &style)
        .replace("<script></script>", &script);
    Bytes::from(page)
});

/// Allows only the page's own script and style, and connections to the sandbox itself. In browsers
/// with trusted types, the script cannot make HTML of a text either.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'",
        hash(SCRIPT),
        hash(STYLE)
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
    response.body = PAGE.clone();
    Some(response)
}

/// The hash by which the policy names the content of a script or style.
fn hash(content: &str) -> String {
    format!(
        "'sha256-{}'",
        STANDARD.encode(digest(&SHA256, content.as_bytes()))
    )
}
