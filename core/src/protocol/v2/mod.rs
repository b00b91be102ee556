//! Voice v2: a PUT of BXML to the call, which replaces what the call does; 204, and the new call's
//! ID comes with the callbacks.

mod bxml;
mod document;
mod errors;
mod target;
mod uui;
mod whisper;

use http::Method;

use super::Protocol;
use crate::config::Config;
use crate::error::Error;
use crate::http_request::{Action, HttpRequest, Parties};
use crate::response::{CallState, Response, Transferred};
use crate::transfer::{Transfer, id};

/// Voice v2.
pub(crate) struct V2;

/// Why a transfer has no `new_call_id`.
const NOTE: &str = "the v2 API names the new call in its callbacks, not in its response";

impl Protocol for V2 {
    fn transfer(&self, config: &Config, transfer: &Transfer) -> Result<HttpRequest, Error> {
        let document = bxml::bxml(transfer)?;
        let mut request = replace_bxml(config, Action::Transfer, transfer.call_id(), document);
        request.timeout = transfer.timeout;
        request.parties = Some(Box::new(Parties::of(transfer)));
        Ok(request)
    }

    fn answer(&self, _: &Config, _: &str) -> Result<HttpRequest, Error> {
        let reason = "v2 has no request to answer a call; an incoming call is answered by the BXML \
                      that the application's webhook returns";
        Err(Error::configuration("api", reason))
    }

    fn hang_up(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error> {
        id::check("call_id", call_id)?;
        let document = document::write(|bxml| {
            bxml.create_element("Hangup").write_empty()?;
            Ok(())
        })?;
        Ok(replace_bxml(config, Action::HangUp, call_id, document))
    }

    fn calls_path(&self, config: &Config) -> String {
        format!("/api/v2/accounts/{}/calls", config.account())
    }

    fn list_words(&self) -> (&'static [CallState], &'static str) {
        (CallState::OF_V2, "pageSize")
    }

    fn get_call_events(&self, _: &Config, _: &str) -> Result<HttpRequest, Error> {
        let reason = "v2 keeps no list of a call's events; they are sent to the callback URL only";
        Err(Error::configuration("api", reason))
    }

    fn read_transfer(
        &self,
        response: &Response,
        _: &str,
        call_id: &str,
    ) -> Result<Transferred, Error> {
        response.read_update(self)?;
        Ok(Transferred::new(None, call_id, response.status, Some(NOTE)))
    }
}

fn replace_bxml(config: &Config, action: Action, call_id: &str, document: String) -> HttpRequest {
    let path = V2.call_path(config, call_id) + "/bxml";
    HttpRequest::new(action, Method::PUT, config.base_url(), &path, call_id)
        .body(document.into(), "application/xml")
}
