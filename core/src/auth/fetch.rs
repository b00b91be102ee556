//! Fetching an access token: one request, shared by all who wait for it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use tokio::time::Instant;

use super::cache::ProcessState;
use super::{Token, Tokens, token_response};
use crate::error::{Error, ErrorKind, Outcome, Stage};
use crate::http_request::{Action, HttpRequest, authorization_header};
use crate::redact_response;
use crate::transport::Http;

const BODY: &[u8] = b"grant_type=client_credentials";
/// How long no renewal is tried after one failed, while the old token is still valid.
const POSTPONE: Duration = Duration::from_secs(5);

impl Tokens {
    /// A valid token, fetched if necessary.
    ///
    /// One request fetches it and the others wait for the result. While the old token is still
    /// valid, only the request that renews it waits.
    ///
    /// # Errors
    /// Why there is none; the outcome is `not_sent`.
    pub(crate) async fn get(&self, http: &Http, deadline: Instant) -> Result<Arc<Token>, Error> {
        let state = self.cache.current();
        let ended_before = state.lock().ended();
        let cached = state.lock().cached();
        match cached {
            Some((token, true)) => return Ok(token),
            Some((token, false)) => return Ok(self.renew(http, state, token, deadline).await),
            None => {}
        }
        let locked = tokio::time::timeout_at(deadline, state.refresh_lock.lock());
        let _refreshing = locked.await.map_err(|_| too_late())?;
        if let Some(result) = state.lock().result_since(ended_before) {
            return result;
        }
        self.fetch(http, state, deadline).await
    }

    /// A new token, unless another request is fetching one or this fails: then the old one.
    async fn renew(
        &self,
        http: &Http,
        state: &ProcessState,
        old: Arc<Token>,
        deadline: Instant,
    ) -> Arc<Token> {
        let Ok(_refreshing) = state.refresh_lock.try_lock() else {
            return old;
        };
        match self.fetch(http, state, deadline).await {
            Ok(new) => new,
            Err(_) => {
                state.lock().postpone(Instant::now() + POSTPONE);
                old
            }
        }
    }

    /// Fetches a token and stores the result. The caller holds the refresh lock.
    async fn fetch(
        &self,
        http: &Http,
        state: &ProcessState,
        deadline: Instant,
    ) -> Result<Arc<Token>, Error> {
        let begin = Instant::now();
        let http_request =
            HttpRequest::without_call(Action::FetchToken, Method::POST, self.url.clone()).body(
                Bytes::from_static(BODY),
                "application/x-www-form-urlencoded",
            );
        let authorization = authorization_header(&self.basic)?;
        let progress = Arc::default();
        let response = http
            .exchange(&http_request, authorization, deadline, &progress, &|_| {
                false
            })
            .await;
        let response = match response {
            Ok(response) if response.status == 200 => Ok(response),
            other => redact_response::of_token(other, &self.secrets()),
        };
        let result = match response {
            Ok(response) => token_response::read(response),
            // The time is this caller's; another may have more.
            Err(error) if error.kind() == ErrorKind::Timeout => return Err(too_late()),
            Err(error) => Err(error),
        };
        match result {
            Ok(grant) => {
                let token = Arc::new(Token(grant.bearer));
                state.lock().put(&token, begin, grant.lifetime);
                Ok(token)
            }
            Err(error) => {
                let error = error.into_token_error();
                state.lock().put_failure(error.clone_without_source());
                Err(error)
            }
        }
    }
}

fn too_late() -> Error {
    let message = "the time ran out before there was an access token; the request was not sent";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message).with_stage(Stage::Token)
}
