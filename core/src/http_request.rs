//! An HTTP request: method, URL and body. Building it is the last step before sending.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};
use url::Url;

use crate::error::Error;

use crate::calls::Listing;
use crate::transfer::{Transfer, phone};

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Transfer,
    Answer,
    HangUp,
    GetCall,
    /// Read the list of a call's events.
    GetCallEvents,
    /// Read a page of the list of calls.
    ListCalls,
    /// Open a connection, and send nothing on it.
    Prepare,
    /// Fetch an access token, for another request.
    FetchToken,
}

impl Action {
    /// The name of the method that does it, for logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Answer => "answer",
            Self::HangUp => "hang_up",
            Self::GetCall => "get_call",
            Self::GetCallEvents => "get_call_events",
            Self::ListCalls => "list_calls",
            Self::Prepare => "prepare",
            Self::FetchToken => "fetch_token",
        }
    }

    /// A read of many things: its response may be long.
    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::GetCallEvents | Self::ListCalls)
    }

    /// A read changes nothing, so it may be repeated after any outcome.
    pub(crate) const fn is_read(self) -> bool {
        matches!(
            self,
            Self::GetCall
                | Self::GetCallEvents
                | Self::ListCalls
                | Self::Prepare
                | Self::FetchToken
        )
    }
}

/// What the transport sends.
pub(crate) struct HttpRequest {
    pub(crate) action: Action,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The body and its media type.
    pub(crate) body: Option<(Bytes, HeaderValue)>,
    pub(crate) call_id: String,
    /// A timeout for this request instead of the client's.
    pub(crate) timeout: Option<Duration>,
    /// Of a transfer: where it goes, and the caller ID that it sets, for a check of it.
    pub(crate) parties: Option<Box<Parties>>,
    /// Of a page of a list: what the list knows.
    pub(crate) listing: Option<Box<Listing>>,
}

/// The addresses that a transfer connects, as they are on the wire.
#[derive(Clone)]
pub(crate) struct Parties {
    pub(crate) targets: Box<[String]>,
    pub(crate) caller_id: Option<String>,
}

impl Parties {
    pub(crate) fn of(transfer: &Transfer) -> Self {
        let targets = std::iter::once(&transfer.to).chain(&transfer.also_to);
        let caller_id = transfer.caller_id.as_deref();
        Self {
            targets: targets.map(|to| phone::wire(to).into_owned()).collect(),
            caller_id: caller_id.map(|id| phone::wire(id).into_owned()),
        }
    }
}

impl HttpRequest {
    /// A request without a body; `path` follows the base's own and is of checked parts.
    pub(crate) fn new(
        action: Action,
        method: Method,
        base_url: &Url,
        path: &str,
        call_id: &str,
    ) -> Self {
        let url = url_of(base_url, path);
        Self {
            call_id: call_id.to_owned(),
            ..Self::without_call(action, method, url)
        }
    }

    /// A request that is not about a call.
    pub(crate) fn without_call(action: Action, method: Method, url: Url) -> Self {
        Self {
            action,
            method,
            url,
            body: None,
            call_id: String::new(),
            timeout: None,
            parties: None,
            listing: None,
        }
    }

    pub(crate) fn body(self, bytes: Bytes, content_type: &'static str) -> Self {
        Self {
            body: Some((bytes, HeaderValue::from_static(content_type))),
            ..self
        }
    }
}

/// The URL of a path of checked parts below the base's own.
pub(crate) fn url_of(base_url: &Url, path: &str) -> Url {
    let mut url = base_url.clone();
    let base = base_url.path().trim_end_matches('/');
    url.set_path(&format!("{base}{path}"));
    url
}

/// The value of an Authorization header, marked so that no log shows it.
pub(crate) fn authorization_header(value: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|cause| Error::internal("no Authorization header", &cause))?;
    value.set_sensitive(true);
    Ok(value)
}
