//! A refusal as the API returns it: category, code, message, details.

use http::header::{ALLOW, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use serde_json::{Value, json};

use crate::calls::commands::Denied;
use crate::calls::line::Refused;
use crate::calls::state::CallState;
use crate::http::received::InvalidBody;
use crate::http::response::Response;
use crate::timestamp::wall_ms;

/// Characters of a value that a refusal repeats, so that it stays small.
const ECHOED_CHARACTERS: usize = 200;

#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    category: &'static str,
    code: &'static str,
    message: String,
    details: Vec<(String, String)>,
    allow: Option<&'static str>,
    clears_ms: Option<i64>,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        category: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            category,
            code,
            message: message.into(),
            details: Vec::new(),
            allow: None,
            clears_ms: None,
        }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn detail(mut self, name: impl Into<String>, value: &str) -> Self {
        let value = value.chars().take(ECHOED_CHARACTERS).collect();
        self.details.push((name.into(), value));
        self
    }

    /// A field whose value is not allowed.
    pub(crate) fn field(name: impl Into<String>, value: &Value, why: &str) -> Self {
        let name = name.into();
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "validation-error",
            format!("{name}: {why}"),
        )
        .detail(name, &shown)
    }

    /// A request that is not valid.
    pub(crate) fn validation(why: String) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "validation-error",
            why,
        )
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::field(name, &Value::from(""), "is missing")
    }

    pub(crate) fn callback_url(name: String, value: &Value) -> Self {
        let mut refusal = Self::field(name, value, "is not an absolute http or https URL");
        refusal.code = "callback-invalid-url";
        refusal
    }

    pub(crate) fn body(why: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "validation-error",
            format!("body: {why}"),
        )
        .detail("body", why)
    }

    fn body_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "bad-request",
            "payload-too-large",
            "body: is too large",
        )
    }

    fn content_type(given: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "bad-request",
            "unsupported-media-type",
            "Content-Type: must be application/json",
        )
        .detail("Content-Type", given)
    }

    pub(crate) fn method(given: &str, allow: &'static str) -> Self {
        let mut refusal = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "bad-request",
            "method-not-allowed",
            format!("method: is not allowed here; expected one of: {allow}"),
        )
        .detail("method", given);
        refusal.allow = Some(allow);
        refusal
    }

    pub(crate) fn no_such_resource(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "resource-not-found",
            "the sandbox has no such resource",
        )
        .detail("path", path)
    }

    pub(crate) fn credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "authentication",
            "unauthorized",
            "API token and secret are missing or wrong",
        )
    }

    pub(crate) fn user(user_id: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "authorization",
            "user-access-denied",
            "these credentials belong to another user",
        )
        .detail("userId", user_id)
    }

    pub(crate) fn number(field: &str, number: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "authorization",
            "number-access-denied",
            format!("{field}: is not a number of this account"),
        )
        .detail(field, number)
    }

    pub(crate) fn call_not_found(id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "call-not-found",
            "no call has this ID",
        )
        .detail("callId", id)
    }

    pub(crate) fn event_not_found(id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "event-not-found",
            "the call has no event with this ID",
        )
        .detail("eventId", id)
    }

    pub(crate) fn call_state(id: &str, state: CallState, why: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "call-invalid-state",
            format!("the call is {}: {why}", state.as_str()),
        )
        .detail("callId", id)
        .detail("state", state.as_str())
    }

    /// Why a call is not made or changed.
    pub(crate) fn denied(id: &str, denied: Denied) -> Self {
        match denied {
            Denied::NoSuchCall => Self::call_not_found(id),
            Denied::State(state, why) => Self::call_state(id, state, why),
            Denied::Line(why) => Self::line(why),
            Denied::Full => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "call-unavailable",
                "the sandbox holds at most 100,000 calls in progress",
            ),
        }
    }

    /// The platform doesn't call that number.
    fn line(why: Refused) -> Self {
        let forbidden =
            |category, code, message| Self::new(StatusCode::FORBIDDEN, category, code, message);
        let unavailable = |code, message| {
            Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                code,
                message,
            )
        };
        match why {
            Refused::International => forbidden(
                "forbidden",
                "invalid-destination-number",
                "international calls are not allowed",
            ),
            Refused::NotCallable => forbidden(
                "forbidden",
                "invalid-call-to-number",
                "this number cannot be called",
            ),
            Refused::Credit => Self::credit(),
            Refused::CallRateLimit => Self::call_rate_limit(),
            Refused::RateLimit => Self::rate_limit(wall_ms() + 1000),
            Refused::Unavailable => unavailable(
                "call-unavailable",
                "the call is still being set up: try later",
            ),
            Refused::TransferError | Refused::TransferErrorThoughMade => {
                unavailable("call-transfer-error", "the transfer failed")
            }
            Refused::Conflict => Self::new(
                StatusCode::CONFLICT,
                "conflict",
                "call-update-conflict",
                "another update of this call is under way",
            ),
        }
    }

    pub(crate) fn credit() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "credit",
            "insufficient-available-balance",
            "the account's balance is too low",
        )
    }

    pub(crate) fn call_rate_limit() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "limit",
            "call-rate-limit",
            "too many new outbound calls: try later",
        )
    }

    /// Too many requests; the limit clears at that time, in UNIX milliseconds.
    pub(crate) fn rate_limit(clears_ms: i64) -> Self {
        let mut refusal = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "rate-limit-reached",
            "too many requests: try again when the limit clears",
        );
        refusal.clears_ms = Some(clears_ms);
        refusal
    }

    /// The same refusal under another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let details: Vec<Value> = self
            .details
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let body = json!({
            "category": self.category,
            "code": self.code,
            "message": self.message,
            "details": details,
        });
        let mut response = Response::json(self.status, &body);
        if self.category == "authentication" {
            response = response.header(WWW_AUTHENTICATE, "Basic realm=\"catapult\"");
        }
        if let Some(methods) = self.allow {
            response = response.header(ALLOW, methods);
        }
        if let Some(ms) = self.clears_ms {
            let name = HeaderName::from_static("x-ratelimit-reset");
            response = response.header(name, &ms.to_string());
        }
        response
    }
}

impl From<InvalidBody> for Refusal {
    fn from(invalid: InvalidBody) -> Self {
        match invalid {
            InvalidBody::TooLarge => Self::body_too_large(),
            InvalidBody::Incomplete => Self::body("is incomplete"),
            InvalidBody::MediaType(given) => Self::content_type(&given),
            InvalidBody::NotJson(error) => Self::body(&format!("is not valid JSON: {error}")),
            InvalidBody::NotObject => Self::body("must be a JSON object"),
        }
    }
}
