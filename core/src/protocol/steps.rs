//! Operations of several requests, which run one after the other, with any client.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use super::Request;
use crate::calls::CallPage;
use crate::config::Config;
use crate::error::{ClockReading, Error, Outcome};
use crate::response::{Call, CallEvent, Transferred};

/// An operation of several requests with one result.
pub(crate) trait Steps<T>: Send + Sync {
    /// Runs the requests. Dropping the future stops them, as it stops a request.
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, T>;
}

/// What is being run.
pub(crate) type Running<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Sends the requests of some steps, on the connections of the client that runs them.
pub(crate) type Sender<'a> = &'a dyn SendStep;

/// Sends one request of some steps, with its own retries.
pub(crate) trait SendStep: Send + Sync {
    fn config(&self) -> &Config;
    /// The time for all of them, where it was given.
    fn timeout(&self) -> Option<Duration>;
    /// What a response showed last of the platform's clock.
    fn clock_reading(&self) -> Option<ClockReading>;
    /// A step that was sent has this outcome, so that another one may follow it.
    fn step_failed(&self, outcome: Outcome);
    fn transfer(&self, request: Request<Transferred>) -> Running<'_, Transferred>;
    fn update(&self, request: Request<()>) -> Running<'_, ()>;
    fn read_call(&self, request: Request<Call>) -> Running<'_, Call>;
    fn read_events(&self, request: Request<Vec<CallEvent>>) -> Running<'_, Vec<CallEvent>>;
    fn read_page(&self, request: Request<CallPage>) -> Running<'_, CallPage>;
}

impl dyn SendStep + '_ {
    /// Sends one request; `deadline` ends it before the client's timeout does.
    pub(crate) async fn send<T: Step>(
        &self,
        mut request: Request<T>,
        deadline: Option<Instant>,
    ) -> Result<T, Error> {
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = request.http_request.timeout;
            let timeout = timeout.unwrap_or(self.config().timeout()).min(left);
            // A request needs some time, otherwise its error would not be useful.
            request.http_request.timeout = Some(timeout.max(Duration::from_millis(1)));
        }
        T::send(self, request).await
    }
}

/// The result of a request that can be a step.
pub(crate) trait Step: Sized {
    fn send<'a>(sender: &'a (dyn SendStep + 'a), request: Request<Self>) -> Running<'a, Self>;
}

macro_rules! steps {
    ($($result:ty: $method:ident,)+) => {
        $(impl Step for $result {
            fn send<'a>(sender: &'a (dyn SendStep + 'a), request: Request<Self>) -> Running<'a, Self> {
                sender.$method(request)
            }
        })+
    };
}

steps! {
    Transferred: transfer,
    (): update,
    Call: read_call,
    Vec<CallEvent>: read_events,
    CallPage: read_page,
}
