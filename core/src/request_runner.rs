//! Runs one request to its outcome: attempts, waits, one deadline for all of them.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use tokio::time::Instant;

use crate::auth::{Token, Tokens};
use crate::calls::{CallEvent, CallPage};
use crate::check::InProgress;
use crate::clock::since_boot;
use crate::config::{Config, Credentials};
use crate::error::{ClockReading, Error, ErrorKind, Outcome, SentTimes, SentTransfer};
use crate::observe::{Attempt, Report};
use crate::per_process::PerProcess;
use crate::policy::pace::Pace;
use crate::policy::retry::{self, Budget};
use crate::protocol::http_request::{Action, HttpRequest, authorization_header};
use crate::protocol::steps::{Running, SendStep};
use crate::protocol::{self, Request};
use crate::redact_response;
use crate::response::{Call, Response, Transferred, rate_limit};
use crate::transport::{self, Http, RequestProgress};

/// What all clients share.
pub(crate) struct RequestRunner {
    pub(crate) config: Config,
    budget: Budget,
    /// Where the configuration has a rate.
    pace: PerProcess<OnceLock<Pace>>,
    /// What a response showed last of the platform's clock.
    clock: PerProcess<Mutex<Option<ClockReading>>>,
}

impl RequestRunner {
    pub(crate) fn new(config: Config) -> Self {
        let budget = Budget::new();
        let pace = PerProcess::default();
        Self {
            config,
            budget,
            pace,
            clock: PerProcess::default(),
        }
    }

    fn clock(&self) -> MutexGuard<'_, Option<ClockReading>> {
        let clock = self.clock.current();
        clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rate of this client's transfers, if it has one.
    fn pace(&self) -> Option<&Pace> {
        let rate = self.config.rate()?;
        let pace = self.pace.current();
        Some(pace.get_or_init(|| Pace::new(Some(rate))))
    }

    /// Sends the request, or the several that it consists of.
    pub(crate) async fn run<T>(
        &self,
        http: &Http,
        request: &Request<T>,
        progress: &Arc<RequestProgress>,
    ) -> Result<T, Error> {
        let Some(steps) = &request.steps else {
            return self.exchange(http, request, progress).await;
        };
        request.check_config(&self.config)?;
        let sender = StepSender {
            runner: self,
            http,
            progress,
            timeout: request.http_request.timeout,
        };
        steps.run(&sender).await
    }

    /// Sends one request, and again where the outcome table says that it can't do harm; then reports
    /// how it ended.
    async fn exchange<T>(
        &self,
        http: &Http,
        request: &Request<T>,
        progress: &Arc<RequestProgress>,
    ) -> Result<T, Error> {
        let parties = request.http_request.parties.as_deref();
        let in_progress = parties.map(|parties| {
            let in_progress = InProgress::begin(
                &self.config,
                &request.http_request.call_id,
                &parties.targets,
            );
            progress.set_number(in_progress.number());
            in_progress
        });
        let mut report = Report::begin(&self.config, &request.http_request, progress);
        #[cfg(feature = "tracing")]
        let result = {
            use tracing::Instrument;

            let span = report.span();
            let attempts = self.run_attempts(http, request, progress, &mut report);
            attempts.instrument(span).await
        };
        #[cfg(not(feature = "tracing"))]
        let result = self
            .run_attempts(http, request, progress, &mut report)
            .await;
        if let (Some(in_progress), Err(error)) = (in_progress, &result) {
            in_progress.ended(error.outcome());
        }
        report.end(result.as_ref().err());
        result
    }

    async fn run_attempts<T>(
        &self,
        http: &Http,
        request: &Request<T>,
        progress: &Arc<RequestProgress>,
        report: &mut Report<'_>,
    ) -> Result<T, Error> {
        let config = &self.config;
        let http_request = &request.http_request;
        let protocol = protocol::of(config);
        request.check_config(config)?;
        let begin = Instant::now();
        let deadline = begin + http_request.timeout.unwrap_or(config.timeout());
        let mut renewed = false;
        if let Err(error) = http.load(deadline).await {
            return Err(self.finish_error(error, http_request, begin, progress));
        }
        let pace = match http_request.action {
            Action::Transfer => self.pace(),
            _ => None,
        };
        if let Some(pace) = pace
            && !pace.turn_before(transport::latest_begin(deadline)).await
        {
            let error = transport::rate_exceeded();
            return Err(self.finish_error(error, http_request, begin, progress));
        }
        loop {
            progress.attempt_starts();
            let attempt_begin = Instant::now();
            let sent = since_boot();
            let (response, token) = self.attempt(http, request, deadline, progress).await;
            let result = response.and_then(|response| {
                let value = (request.read)(protocol, &response, config, http_request)?;
                let is_transfer = http_request.action == Action::Transfer;
                let new_call_id = match is_transfer && config.observer().wants_requests() {
                    true => protocol.new_call_id(&response.headers, config),
                    false => None,
                };
                if let Some(reading) = rate_limit::clock_reading(&response.headers, sent) {
                    let mut newest = self.clock();
                    // A response to an earlier request may come later, on another connection.
                    if newest.is_none_or(|known| known.sent <= reading.sent) {
                        *newest = Some(reading);
                    }
                }
                report.response = Some((response.status, new_call_id));
                Ok((value, response.status))
            });
            let result = result.map_err(|error| match progress.was_permit_refused() {
                true => transport::not_permitted(),
                false => error,
            });
            config.observer().notify(|| {
                let status = result.as_ref().map(|(_, status)| *status);
                Attempt::new(
                    http_request,
                    progress.attempts(),
                    status,
                    attempt_begin.elapsed(),
                )
            });
            let error = match result {
                Ok((value, _)) => {
                    if http_request.action != Action::Prepare {
                        self.budget.refund();
                    }
                    if let Some(pace) = pace {
                        pace.succeeded();
                    }
                    return Ok((request.with_timing)(
                        value,
                        progress.attempts(),
                        begin.elapsed(),
                    ));
                }
                Err(error) => error,
            };
            if let (Some((tokens, token)), Some(401)) = (token, error.http_status()) {
                // The token was revoked early: retry once with a new one, without charging the retry budget.
                tokens.refused(&token);
                if !renewed && progress.attempts() <= config.max_retries() {
                    renewed = true;
                    progress.attempt_failed(error.outcome());
                    continue;
                }
            }
            progress.record_error(&error);
            let now = Instant::now();
            if let (Some(pace), ErrorKind::RateLimited) = (pace, error.kind()) {
                pace.limited(error.retry_after().unwrap_or_default(), now);
            }
            let left = deadline.saturating_duration_since(now);
            let held = pace.map_or(Duration::ZERO, |pace| pace.held_for(now));
            // A limit that another transfer of the batch met holds this one's next attempt, too.
            let max_retries = progress.max_retries(config.max_retries());
            let is_once = http_request.action == Action::Prepare;
            let wait = retry::wait(&error, progress.attempts(), max_retries, left)
                .map(|wait| wait.max(progress.held_for()).max(held))
                .filter(|wait| *wait < left && !is_once);
            // A list has many pages: each may meet a limit that says when it clears, which hammers no one.
            let is_paced = http_request.action.is_list() && error.kind() == ErrorKind::RateLimited;
            match wait.filter(|_| is_paced || self.budget.pay()) {
                Some(wait) => {
                    progress.attempt_failed(error.outcome());
                    tokio::time::sleep(wait).await;
                }
                None => return Err(self.finish_error(error, http_request, begin, progress)),
            }
        }
    }

    /// Whether the next request needs no more than one round trip.
    pub(crate) fn is_ready(&self, http: &Http) -> bool {
        let has_token = match self.config.credentials() {
            Credentials::Basic(_) => true,
            Credentials::Tokens(tokens) => tokens.is_fresh(),
        };
        has_token && http.is_ready(self.config.base_url())
    }

    /// Opens a connection ahead of the next request, and gets a token where one is needed.
    pub(crate) async fn prepare(&self, http: &Http) -> Result<(), Error> {
        let request = Request::prepare(&self.config);
        self.run(http, &request, &Arc::default()).await
    }

    /// Sends the request once, with the token that it went with, if it did with one.
    async fn attempt<T>(
        &self,
        http: &Http,
        request: &Request<T>,
        deadline: Instant,
        progress: &Arc<RequestProgress>,
    ) -> (Result<Response, Error>, Option<(&Tokens, Arc<Token>)>) {
        let (authorization, token) = match self.config.credentials() {
            Credentials::Basic(value) => (authorization_header(value), None),
            Credentials::Tokens(tokens) => match tokens.get(http, deadline).await {
                Ok(token) => (token.header(), Some((&**tokens, token))),
                Err(error) => (Err(error), None),
            },
        };
        let response = match authorization {
            Ok(_) if request.http_request.action == Action::Prepare => {
                http.prepare(&request.http_request, deadline, progress)
                    .await
            }
            Ok(authorization) => {
                let protocol = protocol::of(&self.config);
                let is_success_certain =
                    |headers: &HeaderMap| (request.is_success_certain)(protocol, headers, &self.config);
                http.exchange(
                    &request.http_request,
                    authorization,
                    deadline,
                    progress,
                    &is_success_certain,
                )
                .await
            }
            Err(error) => Err(error),
        };
        let response =
            redact_response::of_call(response, request.http_request.action, &self.config);
        (response, token)
    }

    fn finish_error(
        &self,
        error: Error,
        http_request: &HttpRequest,
        begin: Instant,
        progress: &RequestProgress,
    ) -> Error {
        // An earlier attempt reached the platform, so `not_sent` would be wrong.
        let error = if progress.was_refused_before() {
            error.mark_previously_refused()
        } else {
            error
        };
        let sent = match error.outcome() {
            Outcome::Unknown => self.sent_transfer(http_request, progress),
            _ => None,
        };
        error
            .with_call_id(&http_request.call_id)
            .with_sent(sent)
            .with_timing(progress.attempts(), begin.elapsed())
    }

    /// What a check has to know of a transfer whose outcome is unknown.
    fn sent_transfer(
        &self,
        http_request: &HttpRequest,
        progress: &RequestProgress,
    ) -> Option<SentTransfer> {
        let parties = http_request.parties.as_deref()?;
        Some(SentTransfer {
            call_id: http_request.call_id.clone(),
            targets: parties.targets.clone(),
            caller_id: parties.caller_id.clone(),
            times: progress.body_began().map(|began| SentTimes {
                began,
                ended: since_boot(),
            }),
            ended_wall: Some(SystemTime::now()),
            number: progress.number(),
            others: Arc::default(),
            seen: *self.clock(),
        })
    }

    /// The error of a caller that stopped waiting.
    pub(crate) fn cancelled<T>(
        &self,
        request: &Request<T>,
        begin: Instant,
        progress: &RequestProgress,
    ) -> Error {
        self.finish_error(
            transport::cancelled(request.http_request.action, progress),
            &request.http_request,
            begin,
            progress,
        )
    }

    /// The error of a caller whose host closed the descriptors under the request.
    pub(crate) fn closed<T>(
        &self,
        request: &Request<T>,
        begin: Instant,
        progress: &RequestProgress,
    ) -> Error {
        self.finish_error(
            transport::descriptors_closed(request.http_request.action, progress),
            &request.http_request,
            begin,
            progress,
        )
    }
}

/// Sends the requests that one request consists of.
struct StepSender<'a> {
    runner: &'a RequestRunner,
    http: &'a Http,
    /// What a caller sees that stops waiting.
    progress: &'a Arc<RequestProgress>,
    timeout: Option<Duration>,
}

impl StepSender<'_> {
    fn send<T: Send + 'static>(&self, request: Request<T>) -> Running<'_, T> {
        Box::pin(async move {
            self.progress.part_starts();
            let progress = Arc::new(RequestProgress::part_of(Arc::clone(self.progress)));
            self.runner.exchange(self.http, &request, &progress).await
        })
    }
}

impl SendStep for StepSender<'_> {
    fn config(&self) -> &Config {
        &self.runner.config
    }

    fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    fn clock_reading(&self) -> Option<ClockReading> {
        *self.runner.clock()
    }

    fn step_failed(&self, outcome: Outcome) {
        self.progress.attempt_failed(outcome);
    }

    fn transfer(&self, request: Request<Transferred>) -> Running<'_, Transferred> {
        self.send(request)
    }

    fn update(&self, request: Request<()>) -> Running<'_, ()> {
        self.send(request)
    }

    fn read_call(&self, request: Request<Call>) -> Running<'_, Call> {
        self.send(request)
    }

    fn read_events(&self, request: Request<Vec<CallEvent>>) -> Running<'_, Vec<CallEvent>> {
        self.send(request)
    }

    fn read_page(&self, request: Request<CallPage>) -> Running<'_, CallPage> {
        self.send(request)
    }
}
