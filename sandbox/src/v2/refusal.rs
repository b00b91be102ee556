//! A refusal as v2 returns it: type, description, ID.

use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::json;

use crate::calls::call_store::random_id;
use crate::calls::commands::Denied;
use crate::calls::line::Refused;
use crate::http::response::Response;

pub(crate) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    description: String,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            description: description.into(),
        }
    }

    pub(crate) fn validation(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "validation", description)
    }

    pub(crate) fn credentials() -> Self {
        let description = "the access token, or the user name and password, are missing or wrong";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", description)
    }

    pub(crate) fn account() -> Self {
        let description = "these credentials belong to another account";
        Self::new(StatusCode::FORBIDDEN, "forbidden", description)
    }

    pub(crate) fn call_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "no call has this ID")
    }

    pub(crate) fn method(allowed: &str) -> Self {
        let description = format!("method: is not allowed here; expected one of: {allowed}");
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            description,
        )
    }

    pub(crate) fn media_type(allowed: &str) -> Self {
        let description = format!("Content-Type: must be {allowed}");
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            description,
        )
    }

    pub(crate) fn denied(denied: Denied) -> Self {
        match denied {
            Denied::NoSuchCall => Self::call_not_found(),
            Denied::State(state, why) => {
                let description = format!("the call is {state}: {why}");
                Self::new(StatusCode::CONFLICT, "conflict", description)
            }
            Denied::Line(why) => Self::line(why),
            Denied::Full => {
                let description = "the sandbox holds at most 100,000 calls in progress";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", description)
            }
        }
    }

    /// The refusal of a test number in the response itself; others are reported to a webhook.
    pub(crate) fn line(why: Refused) -> Self {
        match why {
            Refused::RateLimit => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate-limit",
                "too many requests",
            ),
            Refused::Conflict => Self::new(
                StatusCode::CONFLICT,
                "conflict",
                "another update of this call is under way",
            ),
            Refused::International | Refused::NotCallable => {
                Self::validation("to: this number cannot be called")
            }
            Refused::Credit | Refused::CallRateLimit => Self::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "a limit of the account is reached",
            ),
            Refused::Unavailable | Refused::TransferError | Refused::TransferErrorThoughMade => {
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "internal error",
                )
            }
        }
    }

    pub(crate) fn into_response(self) -> Response {
        let body = json!({
            "type": self.kind,
            "description": self.description,
            "id": random_id("err-"),
        });
        let response = Response::json(self.status, &body);
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            return response.header(RETRY_AFTER, "1");
        }
        response
    }
}
