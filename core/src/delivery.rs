//! One request from its body to its outcome: attempts, waits, one deadline over all of them.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use crate::config::{Config, Credentials, header};
use crate::dialect::{Dialect, Order};
use crate::observe::Attempt;
use crate::outcome::{Answer, Call, Error, Transferred};
use crate::redaction;
use crate::request::{Outgoing, Transfer};
use crate::retry::{self, Budget};
use crate::token::{Token, Tokens};
use crate::transport::{self, Http, Trace};

/// What the async and the blocking client share.
pub(crate) struct Delivery {
    pub(crate) config: Config,
    budget: Budget,
}

impl Delivery {
    pub(crate) fn new(config: Config) -> Self {
        let budget = Budget::new();
        Self { config, budget }
    }

    pub(crate) fn transfer(&self, transfer: &Transfer) -> Result<Order<Transferred>, Error> {
        self.dialect().transfer(&self.config, transfer)
    }

    pub(crate) fn answer(&self, call_id: &str) -> Result<Order<()>, Error> {
        self.dialect().answer(&self.config, call_id)
    }

    pub(crate) fn hang_up(&self, call_id: &str) -> Result<Order<()>, Error> {
        self.dialect().hang_up(&self.config, call_id)
    }

    pub(crate) fn get_call(&self, call_id: &str) -> Result<Order<Call>, Error> {
        self.dialect().get_call(&self.config, call_id)
    }

    fn dialect(&self) -> &'static dyn Dialect {
        self.config.api().dialect()
    }

    /// Sends the request, and again where the outcome table says that it can't do harm.
    pub(crate) async fn deliver<T: Delivered>(
        &self,
        http: &Http,
        order: &Order<T>,
        trace: &Arc<Trace>,
    ) -> Result<T, Error> {
        let config = &self.config;
        let outgoing = &order.outgoing;
        let begin = Instant::now();
        let deadline = begin + outgoing.timeout.unwrap_or(config.timeout());
        let mut renewed = false;
        if let Err(error) = http.load(deadline).await {
            return Err(conclude(error, outgoing, begin, trace));
        }
        loop {
            trace.attempt_begins();
            let attempt_begin = Instant::now();
            let (answer, token) = self.attempt(http, order, deadline, trace).await;
            let result = answer.and_then(|answer| {
                (order.read)(&answer, config, outgoing).map(|value| (value, answer.status))
            });
            config.observer().tell(|| {
                let told = result.as_ref().map(|(_, status)| *status);
                Attempt::new(outgoing, trace.attempts(), told, attempt_begin.elapsed())
            });
            let error = match result {
                Ok((value, _)) => {
                    self.budget.refund();
                    return Ok(value.after(trace.attempts(), begin.elapsed()));
                }
                Err(error) => error,
            };
            if let (Some((tokens, token)), Some(401)) = (token, error.http_status()) {
                // It ended before its time: one more try with another, at nobody's cost.
                tokens.refused(&token);
                if !renewed && trace.attempts() <= config.max_retries() {
                    renewed = true;
                    trace.attempt_failed(error.outcome());
                    continue;
                }
            }
            trace.saw(&error);
            let left = deadline.saturating_duration_since(Instant::now());
            // A limit that another transfer of the batch met holds this one's next attempt, too.
            let wait = retry::wait(&error, trace.attempts(), config.max_retries(), left)
                .map(|wait| wait.max(trace.held_for()))
                .filter(|wait| *wait < left);
            match wait.filter(|_| self.budget.pay()) {
                Some(wait) => {
                    trace.attempt_failed(error.outcome());
                    tokio::time::sleep(wait).await;
                }
                None => return Err(conclude(error, outgoing, begin, trace)),
            }
        }
    }

    /// Sends the request once, with the token that it went with, if it did with one.
    async fn attempt<T>(
        &self,
        http: &Http,
        order: &Order<T>,
        deadline: Instant,
        trace: &Arc<Trace>,
    ) -> (Result<Answer, Error>, Option<(&Tokens, Arc<Token>)>) {
        let (authorization, token) = match self.config.credentials() {
            Credentials::Basic(value) => (header(value), None),
            Credentials::Tokens(tokens) => match tokens.get(http, deadline).await {
                Ok(token) => (token.header(), Some((&**tokens, token))),
                Err(error) => (Err(error), None),
            },
        };
        let answer = match authorization {
            Ok(authorization) => {
                let proves = |headers: &HeaderMap| (order.proves)(headers, &self.config);
                http.exchange(&order.outgoing, authorization, deadline, trace, &proves)
                    .await
            }
            Err(error) => Err(error),
        };
        let answer = redaction::of_call(answer, order.outgoing.action, &self.config);
        (answer, token)
    }

    /// The error of a caller that stopped waiting.
    pub(crate) fn cancelled<T>(&self, order: &Order<T>, begin: Instant, trace: &Trace) -> Error {
        conclude(
            transport::cancelled(order.outgoing.action, trace),
            &order.outgoing,
            begin,
            trace,
        )
    }

    /// The error of a caller whose host closed the descriptors under the request.
    pub(crate) fn closed<T>(&self, order: &Order<T>, begin: Instant, trace: &Trace) -> Error {
        conclude(
            transport::descriptors_closed(order.outgoing.action, trace),
            &order.outgoing,
            begin,
            trace,
        )
    }
}

/// What knows how long it took.
pub(crate) trait Delivered {
    fn after(self, attempts: u32, elapsed: Duration) -> Self;
}

impl Delivered for Transferred {
    fn after(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.attempts = attempts;
        self.elapsed = elapsed;
        self
    }
}

impl Delivered for () {
    fn after(self, _: u32, _: Duration) {}
}

impl Delivered for Call {
    fn after(self, _: u32, _: Duration) -> Self {
        self
    }
}

fn conclude(error: Error, outgoing: &Outgoing, begin: Instant, trace: &Trace) -> Error {
    // An earlier attempt reached the platform, so "not sent" would say too much.
    let error = if trace.was_refused_before() {
        error.was_refused_before()
    } else {
        error
    };
    error
        .about(&outgoing.call_id)
        .after(trace.attempts(), begin.elapsed())
}
