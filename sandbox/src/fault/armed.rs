//! The faults that wait for their requests, or for their callbacks.

use serde_json::{Map, Value};

use super::Fault;
use super::chance::Chance;
use crate::error::Error;

const WAITING: usize = 10_000;

/// A fault of requests or of callbacks.
pub(crate) trait Arm {
    fn check(&self) -> Result<(), String>;
    fn chance(&self) -> Chance;
    /// The fields that differ from the defaults, for the admin interface.
    fn view(&self) -> Map<String, Value>;
}

/// Faults, each with its chance to happen.
pub(crate) struct Armed<F>(pub(crate) Vec<(F, Chance)>);

pub(crate) type Faults = Armed<Fault>;

impl<F> Default for Armed<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Arm> Armed<F> {
    /// Adds faults after those that wait already: all of them, or none.
    pub(crate) fn add(&mut self, faults: Vec<F>) -> Result<(), Error> {
        for (index, fault) in faults.iter().enumerate() {
            if let Err(reason) = fault.check() {
                return Err(Error::InvalidFault { index, reason });
            }
        }
        if self.0.len() + faults.len() > WAITING {
            return Err(Error::TooManyFaults);
        }
        let armed = faults.into_iter().map(|fault| {
            let chance = fault.chance();
            (fault, chance)
        });
        self.0.extend(armed);
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn view(&self) -> Value {
        let shown = self.0.iter().map(|(fault, chance)| {
            let mut view = fault.view();
            chance.show(&mut view);
            Value::Object(view)
        });
        shown.collect()
    }
}

impl Faults {
    /// The fault of the next request: the first one that matches and happens.
    pub(crate) fn next(&mut self, call_id: Option<&str>) -> Option<Fault> {
        let strikes = |(fault, chance): &mut (Fault, Chance)| {
            let meant = fault.call_id.as_deref();
            (meant.is_none() || meant == call_id) && chance.strikes()
        };
        let at = self.0.iter_mut().position(strikes)?;
        let (fault, chance) = self.0.get(at)?;
        if chance.is_spent() {
            return Some(self.0.remove(at).0);
        }
        Some(fault.clone())
    }
}
