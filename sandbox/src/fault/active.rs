//! The faults that wait for their requests.

use serde_json::Value;

use super::Fault;
use super::chance::Chance;
use crate::error::Error;

const WAITING: usize = 10_000;

#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

struct Armed {
    fault: Fault,
    chance: Chance,
}

impl Faults {
    /// Adds faults behind those that wait already: all of them, or none.
    pub(crate) fn add(&mut self, faults: Vec<Fault>) -> Result<(), Error> {
        for (index, fault) in faults.iter().enumerate() {
            if let Err(reason) = fault.check() {
                return Err(Error::InvalidFault { index, reason });
            }
        }
        if self.0.len() + faults.len() > WAITING {
            return Err(Error::TooManyFaults);
        }
        self.0.extend(faults.into_iter().map(Armed::new));
        Ok(())
    }

    /// What happens to the next request: the first fault that is for it.
    pub(crate) fn next(&mut self, call_id: Option<&str>) -> Option<Fault> {
        let at = self.0.iter_mut().position(|armed| armed.strikes(call_id))?;
        let armed = self.0.get(at)?;
        if armed.chance.is_spent() {
            return Some(self.0.remove(at).fault);
        }
        Some(armed.fault.clone())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn view(&self) -> Value {
        self.0.iter().map(Armed::view).collect()
    }
}

impl Armed {
    fn new(fault: Fault) -> Self {
        let chance = Chance::new(fault.times, fault.rate);
        Self { fault, chance }
    }

    fn strikes(&mut self, call_id: Option<&str>) -> bool {
        let meant = self.fault.call_id.as_deref();
        (meant.is_none() || meant == call_id) && self.chance.strikes()
    }

    fn view(&self) -> Value {
        let mut view = self.fault.view();
        if let Some(view) = view.as_object_mut() {
            self.chance.show(view);
        }
        view
    }
}
