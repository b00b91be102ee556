//! What takes several requests: they run one after the other, wherever a request can be run.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Request;
use crate::config::Config;
use crate::error::Error;
use crate::request_runner::RequestRunner;
use crate::transport::{Http, RequestProgress};

/// Several requests whose results make one.
pub(crate) trait Steps<T>: Send + Sync {
    /// Runs them. Dropping the future stops them, as it stops a request.
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, T>;
}

/// The requests under way.
pub(crate) type Running<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Sends the requests of some steps, on the connections of the client that runs them.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) runner: &'a RequestRunner,
    pub(crate) http: &'a Http,
    /// What a caller sees that stops waiting.
    pub(crate) progress: &'a Arc<RequestProgress>,
}

impl Sender<'_> {
    pub(crate) fn config(&self) -> &Config {
        &self.runner.config
    }

    /// Sends one request, with its own retries; `deadline` ends it before the client's timeout does.
    pub(crate) async fn send<T>(
        &self,
        mut request: Request<T>,
        deadline: Option<Instant>,
    ) -> Result<T, Error> {
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = request.http_request.timeout;
            let timeout = timeout.unwrap_or(self.config().timeout()).min(left);
            // A request needs some time, or its error would say nothing.
            request.http_request.timeout = Some(timeout.max(Duration::from_millis(1)));
        }
        self.progress.part_starts();
        let progress = Arc::new(RequestProgress::part_of(Arc::clone(self.progress)));
        self.runner.exchange(self.http, &request, &progress).await
    }
}
