//! The faults that wait for their requests.

use serde_json::{Value, json};

use super::Fault;
use crate::error::Error;

const WAITING: usize = 10_000;

#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

struct Armed {
    fault: Fault,
    /// To how many more requests it happens; `None`: to all.
    left: Option<u32>,
    dice: Option<fastrand::Rng>,
    happened: u64,
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
        let armed = self.0.get_mut(at)?;
        armed.happened += 1;
        if let Some(left) = &mut armed.left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Some(self.0.remove(at).fault);
            }
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
        let dice = fault.rate.map(|(_, seed)| fastrand::Rng::with_seed(seed));
        // What happens at a rate goes on until it is taken back.
        let left = fault.times.or(if dice.is_some() { None } else { Some(1) });
        Self {
            fault,
            left,
            dice,
            happened: 0,
        }
    }

    fn strikes(&mut self, call_id: Option<&str>) -> bool {
        let meant = self.fault.call_id.as_deref();
        if self.left == Some(0) || (meant.is_some() && meant != call_id) {
            return false;
        }
        match (&mut self.dice, self.fault.rate) {
            (Some(dice), Some((share, _))) => dice.f64() < share,
            _ => true,
        }
    }

    fn view(&self) -> Value {
        let mut view = self.fault.view();
        if let Some(view) = view.as_object_mut() {
            view.insert("left".to_owned(), json!(self.left));
            view.insert("happened".to_owned(), json!(self.happened));
        }
        view
    }
}
