//! OAuth2 tokens of v2: one request for everybody who waits, kept until the token is nearly over.

mod grant;
mod shelf;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

use crate::config::header;
use crate::mask::Secrets;
use crate::outcome::{Error, ErrorKind, Outcome, Stage};
use crate::redaction;
use crate::request::{Action, Outgoing};
use crate::transport::Http;
use shelf::{Here, Shelf};

/// The platform's own endpoint; below another base it has the same path.
const ENDPOINT: &str = "https://api.bandwidth.com";
const PATH: &str = "/api/v1/oauth2/token";
const BODY: &[u8] = b"grant_type=client_credentials";
/// How long to leave the endpoint alone after an early renewal failed.
const POSTPONE: Duration = Duration::from_secs(5);

/// A token as it is sent, wiped from memory with its last holder.
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        header(&self.0)
    }
}

/// The tokens of one client of the platform, shared by every thread and engine that has the same
/// configuration.
pub(crate) struct Tokens {
    url: Url,
    basic: Zeroizing<String>,
    shelf: Shelf,
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
            shelf: Shelf::new(),
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
        for token in self.shelf.here().state().recent() {
            secrets.add_bearer(&token.0);
        }
        secrets
    }

    /// A token that is good now, fetched if need be.
    ///
    /// Whoever comes first fetches it, the others wait for what comes of it. While the old one is
    /// still good, nobody but the one who fetches waits for the new one.
    ///
    /// # Errors
    /// Why there is none; the outcome is `not_sent`.
    pub(crate) async fn get(&self, http: &Http, deadline: Instant) -> Result<Arc<Token>, Error> {
        let here = self.shelf.here();
        let asked = here.state().ended();
        let kept = here.state().kept();
        match kept {
            Some((token, true)) => return Ok(token),
            Some((token, false)) => return Ok(self.renew(http, here, token, deadline).await),
            None => {}
        }
        let turn = tokio::time::timeout_at(deadline, here.turn.lock());
        let _turn = turn.await.map_err(|_| too_late())?;
        if let Some(result) = here.state().since(asked) {
            return result;
        }
        self.fetch(http, here, deadline).await
    }

    /// Forgets a token that the platform refused.
    pub(crate) fn refused(&self, token: &Arc<Token>) {
        self.shelf.here().state().forget(token);
    }

    /// A new token where nobody else is fetching one and it comes; else the old one will do.
    async fn renew(
        &self,
        http: &Http,
        here: &Here,
        old: Arc<Token>,
        deadline: Instant,
    ) -> Arc<Token> {
        let Ok(_turn) = here.turn.try_lock() else {
            return old;
        };
        match self.fetch(http, here, deadline).await {
            Ok(new) => new,
            Err(_) => {
                here.state().postpone(Instant::now() + POSTPONE);
                old
            }
        }
    }

    /// Fetches one and shelves what came of it. The caller has the turn.
    async fn fetch(
        &self,
        http: &Http,
        here: &Here,
        deadline: Instant,
    ) -> Result<Arc<Token>, Error> {
        let begin = Instant::now();
        let outgoing = Outgoing::bare(Action::FetchToken, Method::POST, self.url.clone()).body(
            Bytes::from_static(BODY),
            "application/x-www-form-urlencoded",
        );
        let authorization = header(&self.basic)?;
        let trace = Arc::default();
        let answer = http
            .exchange(&outgoing, authorization, deadline, &trace, &|_| false)
            .await;
        let answer = match answer {
            Ok(answer) if answer.status == 200 => Ok(answer),
            other => redaction::of_token(other, &self.secrets()),
        };
        let result = match answer {
            Ok(answer) => grant::read(answer),
            // The time is this caller's; another may have more.
            Err(error) if error.kind() == ErrorKind::Timeout => return Err(too_late()),
            Err(error) => Err(error),
        };
        match result {
            Ok(grant) => {
                let token = Arc::new(Token(grant.bearer));
                here.state().put(&token, begin, grant.lifetime);
                Ok(token)
            }
            Err(error) => {
                let error = error.without_token();
                here.state().put_failure(error.share());
                Err(error)
            }
        }
    }
}

fn too_late() -> Error {
    let message = "the time ran out before there was an access token; the request was not sent";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message).at(Stage::Token)
}
