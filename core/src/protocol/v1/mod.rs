//! Catapult v1: a POST of JSON to the call; the new call's ID is in `Location`.

mod body;
mod errors;
pub(crate) mod location;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method};

use super::Protocol;
use crate::config::Config;
use crate::error::Error;
use crate::http_request::{Action, HttpRequest, Parties};
use crate::response::{CallState, Response, Transferred};
use crate::transfer::{Transfer, id};

/// Catapult v1.
pub(crate) struct V1;

impl Protocol for V1 {
    fn transfer(&self, config: &Config, transfer: &Transfer) -> Result<HttpRequest, Error> {
        let body = body::json(transfer)?;
        let mut request = post(config, Action::Transfer, transfer.call_id(), body.into());
        request.timeout = transfer.timeout;
        request.parties = Some(Box::new(Parties::of(transfer)));
        Ok(request)
    }

    fn answer(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error> {
        update(config, Action::Answer, call_id, br#"{"state":"active"}"#)
    }

    fn hang_up(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error> {
        update(config, Action::HangUp, call_id, br#"{"state":"completed"}"#)
    }

    fn calls_path(&self, config: &Config) -> String {
        format!("/v1/users/{}/calls", config.account())
    }

    fn list_words(&self) -> (&'static [CallState], &'static str) {
        (CallState::OF_V1, "size")
    }

    fn get_call_events(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error> {
        id::check("call_id", call_id)?;
        let path = self.call_path(config, call_id) + "/events";
        let (action, base_url) = (Action::GetCallEvents, config.base_url());
        Ok(HttpRequest::new(
            action,
            Method::GET,
            base_url,
            &path,
            call_id,
        ))
    }

    /// A 2xx means that the transfer was made, whatever else is unusual about the response; but a
    /// web page without the new call's ID comes from another server.
    fn read_transfer(
        &self,
        response: &Response,
        account: &str,
        call_id: &str,
    ) -> Result<Transferred, Error> {
        let new_call_id = new_call_id(&response.headers, account);
        if !(200..300).contains(&response.status) || new_call_id.is_err() {
            response.read_update(self)?;
        }
        let (new_call_id, note) = match new_call_id {
            Ok(id) => (Some(id), None),
            Err(note) => (None, Some(note)),
        };
        Ok(Transferred::new(
            new_call_id,
            call_id,
            response.status,
            note,
        ))
    }

    fn new_call_id(&self, headers: &HeaderMap, config: &Config) -> Option<String> {
        new_call_id(headers, config.account()).ok()
    }
}

fn update(
    config: &Config,
    action: Action,
    call_id: &str,
    body: &'static [u8],
) -> Result<HttpRequest, Error> {
    id::check("call_id", call_id)?;
    Ok(post(config, action, call_id, Bytes::from_static(body)))
}

fn post(config: &Config, action: Action, call_id: &str, body: Bytes) -> HttpRequest {
    let path = V1.call_path(config, call_id);
    HttpRequest::new(action, Method::POST, config.base_url(), &path, call_id)
        .body(body, "application/json")
}

/// The new call's ID, or what is wrong with the header that should contain it.
fn new_call_id(headers: &HeaderMap, user_id: &str) -> Result<String, &'static str> {
    let location = headers
        .get(LOCATION)
        .ok_or("the response has no Location header")?;
    let location = location.to_str().ok();
    location
        .and_then(|location| location::call_id(location, user_id))
        .ok_or("the Location header does not name a call of this user")
}
