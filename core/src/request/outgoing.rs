//! A request as it goes out: address and body. Building it is the last step before anything is sent.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use url::Url;

use super::transfer::Transfer;
use super::{Fault, id};
use crate::outcome::Error;

/// What is done to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Transfer,
    Answer,
    HangUp,
    GetCall,
}

impl Action {
    /// The name of the method that does it, for logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Answer => "answer",
            Self::HangUp => "hang_up",
            Self::GetCall => "get_call",
        }
    }

    /// A read changes nothing, so it may be repeated whatever became of it.
    pub(crate) const fn is_read(self) -> bool {
        matches!(self, Self::GetCall)
    }

    const fn method(self) -> Method {
        match self {
            Self::GetCall => Method::GET,
            Self::Transfer | Self::Answer | Self::HangUp => Method::POST,
        }
    }
}

/// What the transport sends.
pub(crate) struct Outgoing {
    pub(crate) action: Action,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<Bytes>,
    pub(crate) call_id: String,
    /// Where this request has a patience of its own.
    pub(crate) timeout: Option<Duration>,
}

impl Outgoing {
    pub(crate) fn transfer(
        base_url: &Url,
        user_id: &str,
        transfer: &Transfer,
    ) -> Result<Self, Error> {
        let body = transfer.to_json()?;
        let mut outgoing = Self::new(Action::Transfer, base_url, user_id, transfer.call_id());
        outgoing.body = Some(body.into());
        outgoing.timeout = transfer.timeout;
        Ok(outgoing)
    }

    pub(crate) fn answer(base_url: &Url, user_id: &str, call_id: &str) -> Result<Self, Fault> {
        Self::update(
            Action::Answer,
            br#"{"state":"active"}"#,
            base_url,
            user_id,
            call_id,
        )
    }

    pub(crate) fn hang_up(base_url: &Url, user_id: &str, call_id: &str) -> Result<Self, Fault> {
        Self::update(
            Action::HangUp,
            br#"{"state":"completed"}"#,
            base_url,
            user_id,
            call_id,
        )
    }

    pub(crate) fn get_call(base_url: &Url, user_id: &str, call_id: &str) -> Result<Self, Fault> {
        id::check("call_id", call_id)?;
        Ok(Self::new(Action::GetCall, base_url, user_id, call_id))
    }

    fn update(
        action: Action,
        body: &'static [u8],
        base_url: &Url,
        user_id: &str,
        call_id: &str,
    ) -> Result<Self, Fault> {
        id::check("call_id", call_id)?;
        let mut outgoing = Self::new(action, base_url, user_id, call_id);
        outgoing.body = Some(Bytes::from_static(body));
        Ok(outgoing)
    }

    /// `{base_url}/v1/users/{user_id}/calls/{call_id}`, of checked ids: nothing is encoded.
    fn new(action: Action, base_url: &Url, user_id: &str, call_id: &str) -> Self {
        let mut url = base_url.clone();
        let base = base_url.path().trim_end_matches('/');
        url.set_path(&format!("{base}/v1/users/{user_id}/calls/{call_id}"));
        Self {
            action,
            method: action.method(),
            url,
            body: None,
            call_id: call_id.to_owned(),
            timeout: None,
        }
    }
}
