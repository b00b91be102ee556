//! The one account of a sandbox: who may ask, in either API, and which numbers are theirs.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) user_id: String,
    pub(crate) token: String,
    pub(crate) secret: String,
    pub(crate) owned_numbers: BTreeSet<String>,
    /// Its id in v2.
    pub(crate) account_id: String,
    /// Who may ask v2 for tokens.
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// Who may ask v2 without a token.
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            user_id: "u-sandbox".to_owned(),
            token: "t-sandbox".to_owned(),
            secret: "s-sandbox".to_owned(),
            owned_numbers: BTreeSet::new(),
            account_id: "9900000".to_owned(),
            client_id: "client-sandbox".to_owned(),
            client_secret: "client-secret-sandbox".to_owned(),
            username: "user-sandbox".to_owned(),
            password: "password-sandbox".to_owned(),
        }
    }
}

impl Account {
    pub(crate) fn owns(&self, number: &str) -> bool {
        self.owned_numbers.contains(number)
    }

    /// Whether the request carries this account's token and secret.
    pub(crate) fn accepts(&self, headers: &HeaderMap) -> bool {
        basic_credentials(headers)
            .is_some_and(|(token, secret)| token == self.token && secret == self.secret)
    }
}

/// The Authorization header fit for a log: the token stays, the secret goes.
pub(crate) fn masked_authorization(headers: &HeaderMap) -> String {
    match basic_credentials(headers) {
        Some((token, _)) => format!("Basic {token}:****"),
        None => "****".to_owned(),
    }
}

pub(crate) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (token, secret) = decoded.split_once(':')?;
    Some((token.to_owned(), secret.to_owned()))
}
