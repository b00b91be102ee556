//! The faults that wait for their callbacks, and reading them from JSON.

use serde_json::{Map, Value};

use super::fault::{CallbackFault, Effects};
use crate::calls::commands::CallbackPlan;
use crate::fault::armed::Armed;
use crate::fault::parse::{known, milliseconds, rate, times};
use crate::v1::fields::Fields;
use crate::v1::refusal::Refusal;

const FIELDS: &[&str] = &[
    "lost",
    "copies",
    "copy_delay_ms",
    "delay_ms",
    "after_next",
    "unreachable",
    "fallback_url",
    "get",
    "timeout_ms",
    "times",
    "call_id",
    "event_type",
    "rate",
    "seed",
];

pub(crate) type CallbackFaults = Armed<CallbackFault>;

impl CallbackFaults {
    /// Decides what happens to a callback. The faults are chosen in the order of the events, so that the
    /// same seed chooses the same callbacks, however fast they are delivered.
    pub(crate) fn strike(
        &mut self,
        plan: &mut CallbackPlan,
        call_id: &str,
        parent: Option<&str>,
        event_type: &str,
    ) -> Effects {
        let mut effects = Effects::default();
        for (fault, chance) in &mut self.0 {
            if fault.is_for(call_id, parent, event_type) && chance.strikes() {
                fault.strike(plan, &mut effects);
            }
        }
        self.0.retain(|(_, chance)| !chance.is_spent());
        effects
    }
}

/// Reads a fault from the JSON of the admin interface or the command line.
pub(crate) fn read(object: &Map<String, Value>) -> Result<CallbackFault, Refusal> {
    let fields = Fields::within(object, "faults.");
    known(object, fields, FIELDS)?;
    let mut fault = CallbackFault::new();
    for (name, set) in [
        ("lost", CallbackFault::lost as fn(CallbackFault) -> _),
        ("after_next", CallbackFault::after_next),
        ("unreachable", CallbackFault::unreachable),
        ("get", CallbackFault::get),
    ] {
        if fields.flag(name)? == Some(true) {
            fault = set(fault);
        }
    }
    for (name, set) in [
        ("copy_delay_ms", CallbackFault::copy_delay as fn(_, _) -> _),
        ("delay_ms", CallbackFault::delay),
        ("timeout_ms", CallbackFault::timeout),
    ] {
        if let Some(time) = milliseconds(fields, name)? {
            fault = set(fault, time);
        }
    }
    if let Some(copies) = fields.integer("copies", 0..=i64::from(u32::MAX))? {
        fault = fault.copies(u32::try_from(copies).unwrap_or(u32::MAX));
    }
    if let Some(url) = fields.text("fallback_url")? {
        fault = fault.fallback_url(url);
    }
    if let Some(times) = times(fields)? {
        fault = fault.times(times);
    }
    if let Some(id) = fields.text("call_id")? {
        fault = fault.for_call(id);
    }
    if let Some(event_type) = fields.text("event_type")? {
        fault = fault.for_event(event_type);
    }
    if let Some((share, seed)) = rate(fields)? {
        fault = fault.rate(share, seed);
    }
    Ok(fault)
}
