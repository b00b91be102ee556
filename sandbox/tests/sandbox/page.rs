//! The HTTP response with the page. Its content is tested in a browser.

use serde_json::Value;

use crate::client::{admin, sandbox};

#[test]
fn page_needs_no_credentials_and_is_not_logged() {
    let sandbox = sandbox();
    let page = admin(&sandbox, "GET", "/", "");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.body.starts_with(b"<!doctype html>"));
    assert!(sandbox.requests().is_empty());
}

#[test]
fn page_may_run_its_own_script_and_nothing_else() {
    let page = admin(&sandbox(), "GET", "/", "");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"));
    assert!(!policy.contains("unsafe"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn page_can_only_be_read() {
    let refused = admin(&sandbox(), "POST", "/", "");
    assert_eq!(refused.status, 405);
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    let refusal: Value = refused.json();
    assert_eq!(refusal["code"], "method-not-allowed");
}
