//! The attempts of one request: it is sent until it succeeds, or must not be sent again.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::time::Instant;

use super::RequestRunner;
use super::report::Report;
use crate::auth::{Token, Tokens};
use crate::clock::since_boot;
use crate::config::Credentials;
use crate::error::{Error, ErrorKind};
use crate::http_request::{Action, authorization_header};
use crate::observe::Attempt;
use crate::policy::pace::Pace;
use crate::policy::retry;
use crate::protocol::{self, Request};
use crate::redact_response;
use crate::response::Response;
use crate::transport::{self, Http, RequestProgress};

/// One request that is being sent, with one deadline for all of its attempts.
pub(super) struct Attempts<'a, T> {
    runner: &'a RequestRunner,
    http: &'a Http,
    request: &'a Request<T>,
    progress: &'a Arc<RequestProgress>,
    /// Of a transfer, where the client has a rate.
    pace: Option<&'a Pace>,
    begin: Instant,
    deadline: Instant,
    /// A new access token was fetched, because the platform refused the old one.
    is_token_renewed: bool,
}

/// The access token that an attempt was sent with, and where it is kept.
type UsedToken<'a> = Option<(&'a Tokens, Arc<Token>)>;

impl<'a, T> Attempts<'a, T> {
    pub(super) fn new(
        runner: &'a RequestRunner,
        http: &'a Http,
        request: &'a Request<T>,
        progress: &'a Arc<RequestProgress>,
    ) -> Self {
        let begin = Instant::now();
        let timeout = request.http_request.timeout;
        let pace = match request.http_request.action {
            Action::Transfer => runner.pace(),
            _ => None,
        };
        Self {
            runner,
            http,
            request,
            progress,
            pace,
            begin,
            deadline: begin + timeout.unwrap_or(runner.config.timeout()),
            is_token_renewed: false,
        }
    }

    /// Sends the request, and again where the outcome table says that it can't do harm.
    pub(super) async fn run(mut self, report: &mut Report<'_>) -> Result<T, Error> {
        self.request.check_config(&self.runner.config)?;
        if let Err(error) = self.wait_for_turn().await {
            return Err(self.finish(error));
        }
        loop {
            let (result, token) = self.attempt(report).await;
            let error = match result {
                Ok(value) => return Ok(self.succeeded(value)),
                Err(error) => error,
            };
            if self.renews_token(&error, token) {
                self.progress.attempt_failed(error.outcome());
                continue;
            }
            let Some(wait) = self.wait_after(&error) else {
                return Err(self.finish(error));
            };
            self.progress.attempt_failed(error.outcome());
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits until the first attempt may be made: for what the connection needs, and for the rate.
    async fn wait_for_turn(&self) -> Result<(), Error> {
        self.http.load(self.deadline).await?;
        let Some(pace) = self.pace else {
            return Ok(());
        };
        let latest = transport::latest_begin(self.deadline);
        match pace.turn_before(latest).await {
            true => Ok(()),
            false => Err(transport::rate_exceeded()),
        }
    }

    /// Sends the request once and reads the response; also the token that it was sent with.
    async fn attempt(&self, report: &mut Report<'_>) -> (Result<T, Error>, UsedToken<'a>) {
        self.progress.attempt_starts();
        let begin = Instant::now();
        let sent = since_boot();
        let (response, token) = self.send().await;
        let result = response.and_then(|response| {
            let value = self.read(&response, sent, report)?;
            Ok((value, response.status))
        });
        let result = result.map_err(|error| match self.progress.was_permit_refused() {
            true => transport::not_permitted(),
            false => error,
        });
        self.runner.config.observer().notify(|| {
            let status = result.as_ref().map(|(_, status)| *status);
            let number = self.progress.attempts();
            Attempt::new(&self.request.http_request, number, status, begin.elapsed())
        });
        (result.map(|(value, _)| value), token)
    }

    /// Sends the request once, with an access token where the account needs one.
    async fn send(&self) -> (Result<Response, Error>, UsedToken<'a>) {
        let config = &self.runner.config;
        let (authorization, token) = match config.credentials() {
            Credentials::Basic(value) => (authorization_header(value), None),
            Credentials::Tokens(tokens) => match tokens.get(self.http, self.deadline).await {
                Ok(token) => (token.header(), Some((&**tokens, token))),
                Err(error) => (Err(error), None),
            },
        };
        let response = match authorization {
            Ok(authorization) => self.send_with(authorization).await,
            Err(error) => Err(error),
        };
        let action = self.request.http_request.action;
        (redact_response::of_call(response, action, config), token)
    }

    async fn send_with(&self, authorization: HeaderValue) -> Result<Response, Error> {
        let (deadline, progress) = (self.deadline, self.progress);
        let http_request = &self.request.http_request;
        if http_request.action == Action::Prepare {
            return self.http.prepare(http_request, deadline, progress).await;
        }
        let config = &self.runner.config;
        let protocol = protocol::of(config);
        let is_success_certain =
            |headers: &HeaderMap| (self.request.is_success_certain)(protocol, headers, config);
        let http = self.http;
        http.exchange(
            http_request,
            authorization,
            deadline,
            progress,
            &is_success_certain,
        )
        .await
    }

    /// Reads the response. If it shows a success, its head also shows the platform's clock and, for an
    /// observer, the new call.
    fn read(
        &self,
        response: &Response,
        sent: Duration,
        report: &mut Report<'_>,
    ) -> Result<T, Error> {
        let config = &self.runner.config;
        let protocol = protocol::of(config);
        let http_request = &self.request.http_request;
        let value = (self.request.read)(protocol, response, config, http_request)?;
        self.runner.read_clock(&response.headers, sent);
        let is_transfer = http_request.action == Action::Transfer;
        let new_call_id = match is_transfer && config.observer().wants_requests() {
            true => protocol.new_call_id(&response.headers, config),
            false => None,
        };
        report.response = Some((response.status, new_call_id));
        Ok(value)
    }

    fn succeeded(&self, value: T) -> T {
        if self.request.http_request.action != Action::Prepare {
            self.runner.budget.refund();
        }
        if let Some(pace) = self.pace {
            pace.succeeded();
        }
        let attempts = self.progress.attempts();
        (self.request.with_timing)(value, attempts, self.begin.elapsed())
    }

    /// Whether the platform refused the token, which was revoked early, and a new one is worth an
    /// attempt. Happens once, without charging the retry budget.
    fn renews_token(&mut self, error: &Error, token: UsedToken<'_>) -> bool {
        let (Some((tokens, token)), Some(401)) = (token, error.http_status()) else {
            return false;
        };
        tokens.refused(&token);
        let max_retries = self.runner.config.max_retries();
        let is_allowed = !self.is_token_renewed && self.progress.attempts() <= max_retries;
        self.is_token_renewed |= is_allowed;
        is_allowed
    }

    /// How long to wait before the next attempt, after this error; `None` if there must be none.
    fn wait_after(&self, error: &Error) -> Option<Duration> {
        let is_limited = error.kind() == ErrorKind::RateLimited;
        let action = self.request.http_request.action;
        self.progress.record_error(error);
        let now = Instant::now();
        if let (Some(pace), true) = (self.pace, is_limited) {
            pace.limited(error.retry_after().unwrap_or_default(), now);
        }
        if action == Action::Prepare {
            return None;
        }
        let left = self.deadline.saturating_duration_since(now);
        let max_retries = self.progress.max_retries(self.runner.config.max_retries());
        let wait = retry::wait(error, self.progress.attempts(), max_retries, left)?;
        // A limit that another transfer of the batch met holds this one's next attempt, too.
        let held = self.pace.map_or(Duration::ZERO, |pace| pace.held_for(now));
        let wait = wait.max(self.progress.held_for()).max(held);
        // A list has many pages: each may meet a limit that says when it clears, which hammers no one.
        let is_free = action.is_list() && is_limited;
        let may_retry = wait < left && (is_free || self.runner.budget.pay());
        may_retry.then_some(wait)
    }

    fn finish(&self, error: Error) -> Error {
        let http_request = &self.request.http_request;
        self.runner
            .finish_error(error, http_request, self.begin, self.progress)
    }
}
