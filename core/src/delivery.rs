//! One transfer from its body to its outcome: attempts, waits, one deadline over all of them.

use std::sync::Arc;

use tokio::time::Instant;

use crate::config::Config;
use crate::outcome::{Error, Transferred};
use crate::request::{Post, Transfer};
use crate::retry::{self, Budget};
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

    /// The last step that can fail without a request.
    pub(crate) fn prepare(&self, transfer: &Transfer) -> Result<Post, Error> {
        Post::transfer(self.config.base_url(), self.config.user_id(), transfer)
    }

    /// Sends `post`, and again where the outcome table says that it can't do harm.
    pub(crate) async fn deliver(
        &self,
        http: &Http,
        post: &Post,
        trace: &Arc<Trace>,
    ) -> Result<Transferred, Error> {
        let config = &self.config;
        let begin = Instant::now();
        let deadline = begin + config.timeout();
        loop {
            trace.attempt_begins();
            let answer = http
                .exchange(post, config.authorization(), deadline, trace)
                .await;
            let error = match answer.and_then(|answer| answer.read_transfer(config.user_id())) {
                Ok(transferred) => {
                    self.budget.refund();
                    return Ok(transferred.after(trace.attempts(), begin.elapsed()));
                }
                Err(error) => error,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = retry::wait(&error, trace.attempts(), config.max_retries(), left);
            match wait.filter(|_| self.budget.pay()) {
                Some(wait) => {
                    trace.attempt_failed(error.outcome());
                    tokio::time::sleep(wait).await;
                }
                None => return Err(conclude(error, begin, trace)),
            }
        }
    }

    /// The error of a caller that stopped waiting.
    pub(crate) fn cancelled(&self, begin: Instant, trace: &Trace) -> Error {
        conclude(transport::cancelled(trace), begin, trace)
    }
}

fn conclude(error: Error, begin: Instant, trace: &Trace) -> Error {
    let error = if trace.was_refused_before() {
        error.was_refused_before()
    } else {
        error
    };
    error.after(trace.attempts(), begin.elapsed())
}
