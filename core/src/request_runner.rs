//! Runs one request to its outcome: attempts, waits, one deadline for all of them.

mod attempts;
mod report;
mod steps;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use tokio::time::Instant;

use crate::clock::since_boot;
use crate::config::{Config, Credentials};
use crate::error::{ClockReading, Error, Outcome, SentTimes, SentTransfer};
use crate::http_request::HttpRequest;
use crate::per_process::PerProcess;
use crate::policy::pace::Pace;
use crate::policy::retry::Budget;
use crate::protocol::Request;
use crate::recent_transfers::{AccountKey, InProgress};
use crate::response::rate_limit;
use crate::transport::{self, Http, RequestProgress};
use attempts::Attempts;
use report::Report;
use steps::StepSender;

/// What all clients share.
pub(crate) struct RequestRunner {
    pub(crate) config: Config,
    account: AccountKey,
    budget: Budget,
    /// Where the configuration has a rate.
    pace: PerProcess<OnceLock<Pace>>,
    /// What a response showed last of the platform's clock.
    clock: PerProcess<Mutex<Option<ClockReading>>>,
}

impl RequestRunner {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            account: AccountKey::of(&config),
            config,
            budget: Budget::new(),
            pace: PerProcess::default(),
            clock: PerProcess::default(),
        }
    }

    fn clock(&self) -> MutexGuard<'_, Option<ClockReading>> {
        let clock = self.clock.current();
        clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what the head of a response to a request sent at `sent` shows of the platform's clock.
    fn read_clock(&self, headers: &HeaderMap, sent: Duration) {
        if let Some(reading) = rate_limit::clock_reading(headers, sent) {
            let mut newest = self.clock();
            // A response to an earlier request may come later, on another connection.
            if newest.is_none_or(|known| known.sent <= reading.sent) {
                *newest = Some(reading);
            }
        }
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
            let call_id = &request.http_request.call_id;
            let in_progress = InProgress::begin(self.account, call_id, &parties.targets);
            progress.set_number(in_progress.number());
            in_progress
        });
        let mut report = Report::begin(&self.config, &request.http_request, progress);
        #[cfg(feature = "tracing")]
        let result = {
            use tracing::Instrument;

            let span = report.span();
            let attempts = Attempts::new(self, http, request, progress);
            attempts.run(&mut report).instrument(span).await
        };
        #[cfg(not(feature = "tracing"))]
        let result = Attempts::new(self, http, request, progress)
            .run(&mut report)
            .await;
        if let (Some(in_progress), Err(error)) = (in_progress, &result) {
            in_progress.ended(error.outcome());
        }
        report.end(result.as_ref().err());
        result
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
