//! Catapult v1: a POST of JSON to the call; the new call's id in `Location`.

mod body;
mod call;
pub(crate) mod location;
mod verdict;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method};

use super::{Dialect, Order, is_requested};
use crate::config::Config;
use crate::outcome::{Answer, Call, Error, Reading, Transferred};
use crate::request::{Action, Outgoing, Transfer, id};

pub(crate) use body::json;

/// Catapult v1.
pub(super) struct V1;

pub(crate) const READING: Reading = Reading {
    platform: verdict::platform,
    is_call_not_found: verdict::is_call_not_found,
    verdict: verdict::verdict,
    call: call::read,
};

impl Dialect for V1 {
    fn transfer(&self, config: &Config, transfer: &Transfer) -> Result<Order<Transferred>, Error> {
        let body = json(transfer)?;
        let mut outgoing = post(config, Action::Transfer, transfer.call_id(), body.into());
        outgoing.timeout = transfer.timeout;
        Ok(Order {
            outgoing,
            read: |answer, config, outgoing| {
                read_transfer(answer, config.account(), &outgoing.call_id)
            },
            proves: |headers, config| new_call_id(headers, config.account()).is_ok(),
        })
    }

    fn answer(&self, config: &Config, call_id: &str) -> Result<Order<()>, Error> {
        update(config, Action::Answer, call_id, br#"{"state":"active"}"#)
    }

    fn hang_up(&self, config: &Config, call_id: &str) -> Result<Order<()>, Error> {
        update(config, Action::HangUp, call_id, br#"{"state":"completed"}"#)
    }

    fn get_call(&self, config: &Config, call_id: &str) -> Result<Order<Call>, Error> {
        id::check("call_id", call_id)?;
        Ok(Order {
            outgoing: Outgoing::new(
                Action::GetCall,
                Method::GET,
                config.base_url(),
                &path(config, call_id),
                call_id,
            ),
            read: |answer, config, outgoing| {
                answer.read_call(&READING, |id| is_requested(id, config, outgoing))
            },
            proves: |_, _| false,
        })
    }
}

fn update(
    config: &Config,
    action: Action,
    call_id: &str,
    body: &'static [u8],
) -> Result<Order<()>, Error> {
    id::check("call_id", call_id)?;
    Ok(Order {
        outgoing: post(config, action, call_id, Bytes::from_static(body)),
        read: |answer, _, _| answer.read_update(&READING),
        proves: |_, _| false,
    })
}

fn post(config: &Config, action: Action, call_id: &str, body: Bytes) -> Outgoing {
    let path = path(config, call_id);
    Outgoing::new(action, Method::POST, config.base_url(), &path, call_id)
        .body(body, "application/json")
}

/// Of checked ids: nothing is encoded.
fn path(config: &Config, call_id: &str) -> String {
    format!("/v1/users/{}/calls/{call_id}", config.account())
}

/// A 2xx is a transfer that was made, whatever else is odd about it; but a web page without the
/// new call's id is another server's.
pub(crate) fn read_transfer(
    answer: &Answer,
    user_id: &str,
    call_id: &str,
) -> Result<Transferred, Error> {
    let new_call_id = new_call_id(&answer.headers, user_id);
    if !(200..300).contains(&answer.status) || new_call_id.is_err() {
        answer.read_update(&READING)?;
    }
    let (new_call_id, note) = match new_call_id {
        Ok(id) => (Some(id), None),
        Err(note) => (None, Some(note)),
    };
    Ok(Transferred::new(new_call_id, call_id, answer.status, note))
}

/// The new call's id, or what is wrong with the header that should hold it.
fn new_call_id(headers: &HeaderMap, user_id: &str) -> Result<String, &'static str> {
    let location = headers
        .get(LOCATION)
        .ok_or("the response has no Location header")?;
    let location = location.to_str().ok();
    location
        .and_then(|location| location::call_id(location, user_id))
        .ok_or("the Location header does not name a call of this user")
}
