//! Voice v2: a PUT of BXML to the call, which interrupts it; 204, and the new call's id comes with
//! the callbacks.

mod bxml;
mod call;
mod document;
mod target;
mod uui;
mod verdict;
mod whisper;

use http::{HeaderMap, Method};

use super::{Dialect, Order, is_requested};
use crate::config::Config;
use crate::outcome::{Call, Error, Reading, Transferred};
use crate::request::{Action, Outgoing, Transfer, id};

pub(crate) use bxml::bxml;
pub(crate) use whisper::whisper;

/// Voice v2.
pub(super) struct V2;

/// Why a transfer has no `call_id`.
const NOTE: &str = "the v2 API names the new call in its callbacks, not in its response";

const READING: Reading = Reading {
    platform: verdict::platform,
    is_call_not_found: verdict::is_call_not_found,
    verdict: verdict::verdict,
    call: call::read,
};

impl Dialect for V2 {
    fn transfer(&self, config: &Config, transfer: &Transfer) -> Result<Order<Transferred>, Error> {
        let document = bxml(transfer)?;
        let mut outgoing = interrupt(config, Action::Transfer, transfer.call_id(), document);
        outgoing.timeout = transfer.timeout;
        Ok(Order {
            outgoing,
            read: |answer, _, outgoing| {
                answer.read_update(&READING)?;
                let call_id = &outgoing.call_id;
                Ok(Transferred::new(None, call_id, answer.status, Some(NOTE)))
            },
            proves,
        })
    }

    fn answer(&self, _: &Config, _: &str) -> Result<Order<()>, Error> {
        let reason = "v2 has no request to answer a call; an incoming call is answered by the BXML that the application's webhook returns";
        Err(Error::configuration("api", reason))
    }

    fn hang_up(&self, config: &Config, call_id: &str) -> Result<Order<()>, Error> {
        id::check("call_id", call_id)?;
        let document = document::write(|bxml| {
            bxml.create_element("Hangup").write_empty()?;
            Ok(())
        })?;
        Ok(Order {
            outgoing: interrupt(config, Action::HangUp, call_id, document),
            read: |answer, _, _| answer.read_update(&READING),
            proves,
        })
    }

    fn get_call(&self, config: &Config, call_id: &str) -> Result<Order<Call>, Error> {
        id::check("call_id", call_id)?;
        let path = path(config, call_id);
        Ok(Order {
            outgoing: Outgoing::new(
                Action::GetCall,
                Method::GET,
                config.base_url(),
                &path,
                call_id,
            ),
            read: |answer, config, outgoing| {
                answer.read_call(&READING, |id| is_requested(id, config, outgoing))
            },
            proves,
        })
    }
}

/// No head does: whatever the platform says of the new call comes with its callbacks.
fn proves(_: &HeaderMap, _: &Config) -> bool {
    false
}

/// Replaces what the call does by a document.
fn interrupt(config: &Config, action: Action, call_id: &str, document: String) -> Outgoing {
    let path = path(config, call_id) + "/bxml";
    Outgoing::new(action, Method::PUT, config.base_url(), &path, call_id)
        .body(document.into(), "application/xml")
}

/// Of checked ids: nothing is encoded.
fn path(config: &Config, call_id: &str) -> String {
    format!("/api/v2/accounts/{}/calls/{call_id}", config.account())
}
