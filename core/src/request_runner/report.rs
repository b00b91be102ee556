//! Reports one request when it has ended: its record, and the span that it makes.

use std::time::Instant;

use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::http_request::HttpRequest;
use crate::observe::{RequestRecord, host_of};
use crate::transport::{self, RequestProgress};

/// Reports one request when it has ended, also if the caller stops waiting for it.
pub(super) struct Report<'a> {
    config: &'a Config,
    http_request: &'a HttpRequest,
    progress: &'a RequestProgress,
    begin: Instant,
    /// The status of the response that decided the outcome, and the new call that it names.
    pub(super) response: Option<(u16, Option<String>)>,
    has_ended: bool,
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl<'a> Report<'a> {
    pub(super) fn begin(
        config: &'a Config,
        http_request: &'a HttpRequest,
        progress: &'a RequestProgress,
    ) -> Self {
        Self {
            config,
            http_request,
            progress,
            begin: Instant::now(),
            response: None,
            has_ended: !config.observer().wants_requests(),
            #[cfg(feature = "tracing")]
            span: span(config, http_request),
        }
    }

    #[cfg(feature = "tracing")]
    pub(super) fn span(&self) -> tracing::Span {
        self.span.clone()
    }

    /// The request has ended, with this error if there was one.
    pub(super) fn end(&mut self, error: Option<&Error>) {
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        let (http_status, new_call_id) = match self.response.take() {
            Some((status, new_call_id)) => (Some(status), new_call_id),
            None => (error.and_then(Error::http_status), None),
        };
        let record = RequestRecord {
            action: self.http_request.action.as_str(),
            api: self.config.api(),
            host: host_of(self.http_request),
            call_id: self.http_request.call_id.clone(),
            new_call_id,
            outcome: error.map_or(Outcome::Applied, Error::outcome),
            kind: error.map(Error::kind),
            http_status,
            attempts: self.progress.attempts(),
            elapsed: self.begin.elapsed(),
        };
        #[cfg(feature = "tracing")]
        finish_span(&self.span, &record);
        self.config.observer().notify_request(&record);
    }
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            let error = transport::cancelled(self.http_request.action, self.progress);
            self.end(Some(&error));
        }
    }
}

/// A span with the names of OpenTelemetry's semantic conventions for HTTP clients, where they fit.
#[cfg(feature = "tracing")]
fn span(config: &Config, http_request: &HttpRequest) -> tracing::Span {
    use tracing::field::Empty;

    let action = http_request.action.as_str();
    tracing::info_span!(
        target: "calltransfer",
        "calltransfer.request",
        otel.name = format!("calltransfer {action}"),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = http_request.method.as_str(),
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        server.address = http_request.url.host_str(),
        server.port = http_request.url.port_or_known_default(),
        error.type = Empty,
        calltransfer.action = action,
        calltransfer.api = config.api().as_str(),
        calltransfer.call_id = http_request.call_id,
        calltransfer.new_call_id = Empty,
        calltransfer.outcome = Empty,
    )
}

#[cfg(feature = "tracing")]
fn finish_span(span: &tracing::Span, record: &RequestRecord) {
    span.record("calltransfer.outcome", record.outcome.as_str());
    if record.attempts > 1 {
        span.record("http.request.resend_count", record.attempts - 1);
    }
    if let Some(status) = record.http_status {
        span.record("http.response.status_code", status);
    }
    if let Some(id) = &record.new_call_id {
        span.record("calltransfer.new_call_id", id.as_str());
    }
    if let Some(kind) = record.kind {
        span.record("error.type", kind.as_str());
        span.record("otel.status_code", "ERROR");
    }
}
