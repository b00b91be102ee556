//! Catapult v1: a POST of JSON to the call; the new call's id in `Location`.

mod body;
mod call;
pub(crate) mod location;
mod verdict;

use bytes::Bytes;
use http::Method;

use super::{Dialect, Order};
use crate::config::Config;
use crate::outcome::{Answer, Call, Error, Reading, Transferred};
use crate::request::{Action, Outgoing, Transfer, id};

pub(crate) use body::json;

/// Catapult v1.
pub(super) struct V1;

pub(crate) const READING: Reading = Reading {
    platform: verdict::platform,
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
            read: |answer, _, _| answer.read_call(&READING),
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

/// A 2xx is a transfer that was made, whatever else is odd about it.
pub(crate) fn read_transfer(
    answer: &Answer,
    user_id: &str,
    call_id: &str,
) -> Result<Transferred, Error> {
    answer.read_update(&READING)?;
    let (new_call_id, note) = match answer.headers.get(http::header::LOCATION) {
        None => (None, Some("the answer had no Location header")),
        Some(value) => match value
            .to_str()
            .ok()
            .and_then(|location| location::call_id(location, user_id))
        {
            Some(call_id) => (Some(call_id), None),
            None => (None, Some("the Location header names no call of this user")),
        },
    };
    Ok(Transferred::new(new_call_id, call_id, answer.status, note))
}
