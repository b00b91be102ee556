//! A refusal, as the API words it: category, code, message, details.

use axum::http::StatusCode;
use axum::http::header::{ALLOW, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::CallState;

/// Values are echoed up to here, so that an answer stays small.
const ECHOED_CHARACTERS: usize = 200;

#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    category: &'static str,
    code: &'static str,
    message: String,
    details: Vec<(String, String)>,
    allow: Option<&'static str>,
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
        }
    }

    pub(crate) fn detail(mut self, name: impl Into<String>, value: &str) -> Self {
        let value = value.chars().take(ECHOED_CHARACTERS).collect();
        self.details.push((name.into(), value));
        self
    }

    /// A field with a value that isn't allowed.
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

    /// A request that isn't allowed as it is.
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
        let mut refusal = Self::field(name, value, "is no absolute http or https URL");
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

    pub(crate) fn body_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "bad-request",
            "payload-too-large",
            "the body is larger than this server reads",
        )
    }

    pub(crate) fn content_type(given: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "bad-request",
            "unsupported-media-type",
            "the body has to be application/json",
        )
        .detail("Content-Type", given)
    }

    pub(crate) fn method(given: &str, allow: &'static str) -> Self {
        let mut refusal = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "bad-request",
            "method-not-allowed",
            format!("this resource knows only {allow}"),
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
            format!("{field}: is no number of this account"),
        )
        .detail(field, number)
    }

    pub(crate) fn call_not_found(id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "call-not-found",
            "there is no call with this id",
        )
        .detail("callId", id)
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

    /// The same refusal under another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn into_answer(self) -> Answer {
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
        let mut answer = Answer::json(self.status, &body);
        if self.category == "authentication" {
            answer = answer.header(WWW_AUTHENTICATE, "Basic realm=\"catapult\"");
        }
        if let Some(methods) = self.allow {
            answer = answer.header(ALLOW, methods);
        }
        answer
    }
}
