//! Reads a fault from the JSON of the admin interface.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Fault;
use crate::scripted::read_reply;
use crate::v1::fields::Fields;
use crate::v1::refusal::Refusal;

const FIELDS: &[&str] = &[
    "status",
    "headers",
    "body",
    "raw",
    "no_response",
    "applied",
    "interim",
    "delay_ms",
    "drip_ms",
    "cut_after",
    "reset",
    "close",
    "head_bytes",
    "body_bytes",
    "times",
    "call_id",
    "rate",
    "seed",
];
const LARGEST: i64 = i64::MAX;

pub(crate) fn read(object: &Map<String, Value>) -> Result<Fault, Refusal> {
    let fields = Fields::within(object, "faults.");
    known(object, fields, FIELDS)?;
    let mut fault = Fault::new();
    if fields.value("status").is_some() {
        fault = fault.reply(read_reply(fields, 200..=999)?);
    } else if fields.value("headers").is_some() || fields.value("body").is_some() {
        return Err(fields.refuse("status", "is missing; headers and body require it"));
    }
    if let Some(text) = fields.text("raw")? {
        fault = fault.raw(text);
    }
    if fields.flag("no_response")? == Some(true) {
        fault = fault.no_response();
    }
    if let Some(applied) = fields.flag("applied")? {
        fault = fault.applied(applied);
    }
    for status in fields.list("interim")? {
        let number = status
            .as_u64()
            .and_then(|number| u16::try_from(number).ok())
            .ok_or_else(|| fields.refuse("interim", "must be a list of statuses"))?;
        fault = fault.interim(number);
    }
    if let Some(delay) = milliseconds(fields, "delay_ms")? {
        fault = fault.delay(delay);
    }
    if let Some(pause) = milliseconds(fields, "drip_ms")? {
        fault = fault.drip(pause);
    }
    if let Some(bytes) = number(fields, "cut_after")? {
        fault = fault.cut_after(bytes);
    }
    if fields.flag("reset")? == Some(true) {
        fault = fault.by_reset();
    }
    if fields.flag("close")? == Some(true) {
        fault = fault.close();
    }
    if let Some(bytes) = number(fields, "head_bytes")? {
        fault = fault.head_bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    if let Some(bytes) = number(fields, "body_bytes")? {
        fault = fault.body_bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    if let Some(times) = times(fields)? {
        fault = fault.times(times);
    }
    if let Some(id) = fields.text("call_id")? {
        fault = fault.for_call(id);
    }
    if let Some((share, seed)) = rate(fields)? {
        fault = fault.rate(share, seed);
    }
    Ok(fault)
}

/// Refuses a field that a fault does not have.
pub(crate) fn known(
    object: &Map<String, Value>,
    fields: Fields<'_>,
    names: &[&str],
) -> Result<(), Refusal> {
    match object.keys().find(|name| !names.contains(&name.as_str())) {
        Some(unknown) => {
            let why = format!(
                "is not a known field; expected one of: {}",
                names.join(", ")
            );
            Err(fields.refuse(unknown, &why))
        }
        None => Ok(()),
    }
}

pub(crate) fn times(fields: Fields<'_>) -> Result<Option<u32>, Refusal> {
    let times = fields.integer("times", 1..=i64::from(u32::MAX))?;
    Ok(times.map(|times| u32::try_from(times).unwrap_or(u32::MAX)))
}

/// A share and the seed that chooses it.
pub(crate) fn rate(fields: Fields<'_>) -> Result<Option<(f64, u64)>, Refusal> {
    let seed = number(fields, "seed")?;
    match (fields.number("rate")?, seed) {
        (Some(share), seed) => Ok(Some((share, seed.unwrap_or_default()))),
        (None, Some(_)) => Err(fields.refuse("seed", "requires rate")),
        (None, None) => Ok(None),
    }
}

pub(crate) fn number(fields: Fields<'_>, name: &str) -> Result<Option<u64>, Refusal> {
    let number = fields.integer(name, 0..=LARGEST)?;
    Ok(number.and_then(|number| u64::try_from(number).ok()))
}

pub(crate) fn milliseconds(fields: Fields<'_>, name: &str) -> Result<Option<Duration>, Refusal> {
    Ok(number(fields, name)?.map(Duration::from_millis))
}
