//! Access tokens of v2 (OAuth2): cached until shortly before they expire.

mod cache;
mod fetch;
mod token_response;

use std::sync::Arc;

use http::HeaderValue;
use url::Url;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::http_request::authorization_header;
use crate::per_process::PerProcess;
use crate::redact::Secrets;
use cache::ProcessState;

/// The platform's own endpoint; below another base it has the same path.
const ENDPOINT: &str = "https://api.bandwidth.com";
const PATH: &str = "/api/v1/oauth2/token";

/// A token as it is sent, wiped from memory with its last holder.
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        authorization_header(&self.0)
    }
}

/// The tokens of one client of the platform, shared by every thread and runtime that has the same
/// configuration.
pub(crate) struct Tokens {
    url: Url,
    basic: Zeroizing<String>,
    cache: PerProcess<ProcessState>,
}

impl Tokens {
    pub(crate) fn new(basic: Zeroizing<String>, own_base: Option<&Url>) -> Result<Self, Error> {
        let base = match own_base {
            Some(base) => base.clone(),
            None => Url::parse(ENDPOINT).map_err(|cause| {
                Error::internal("the token endpoint is not a valid URL", &cause)
            })?,
        };
        let mut url = base;
        let path = format!("{}{PATH}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self {
            url,
            basic,
            cache: PerProcess::default(),
        })
    }

    #[cfg(test)]
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The client's secret and the tokens that were granted last.
    pub(crate) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add_basic(&self.basic, false);
        for token in self.cache.current().lock().recent() {
            secrets.add_bearer(&token.0);
        }
        secrets
    }

    /// Whether there is a token that need not be renewed yet.
    pub(crate) fn is_fresh(&self) -> bool {
        let cached = self.cache.current().lock().cached();
        matches!(cached, Some((_, true)))
    }

    /// Forgets a token that the platform refused.
    pub(crate) fn refused(&self, token: &Arc<Token>) {
        self.cache.current().lock().forget(token);
    }
}
