//! Sends the requests of an operation that consists of several, each with its own attempts.

use std::sync::Arc;
use std::time::Duration;

use super::RequestRunner;
use crate::calls::CallPage;
use crate::config::Config;
use crate::error::{ClockReading, Outcome};
use crate::protocol::Request;
use crate::protocol::steps::{Running, SendStep};
use crate::response::{Call, CallEvent, Transferred};
use crate::transport::{Http, RequestProgress};

/// Sends the requests that one request consists of.
pub(super) struct StepSender<'a> {
    pub(super) runner: &'a RequestRunner,
    pub(super) http: &'a Http,
    /// What a caller sees that stops waiting.
    pub(super) progress: &'a Arc<RequestProgress>,
    pub(super) timeout: Option<Duration>,
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
