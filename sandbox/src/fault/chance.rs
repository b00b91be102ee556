//! How often a fault happens: a number of times, or to a share that a seed chooses.

use serde_json::{Map, Value, json};

/// Decides which of the matching requests or callbacks a fault happens to.
pub(crate) struct Chance {
    /// How many times it can still happen; `None`: always.
    left: Option<u32>,
    dice: Option<(fastrand::Rng, f64)>,
    happened: u64,
}

impl Chance {
    /// `rate` is a share, and the seed of the choice.
    pub(crate) fn new(times: Option<u32>, rate: Option<(f64, u64)>) -> Self {
        let dice = rate.map(|(share, seed)| (fastrand::Rng::with_seed(seed), share));
        // A fault with a rate happens until it is removed.
        let left = times.or(if dice.is_some() { None } else { Some(1) });
        Self {
            left,
            dice,
            happened: 0,
        }
    }

    /// Whether it happens to the next one.
    pub(crate) fn strikes(&mut self) -> bool {
        if self.is_spent() {
            return false;
        }
        let dice = self.dice.as_mut();
        let happens = dice.is_none_or(|(dice, share)| dice.f64() < *share);
        if happens {
            self.happened += 1;
            self.left = self.left.map(|left| left.saturating_sub(1));
        }
        happens
    }

    /// Whether it cannot happen again.
    pub(crate) fn is_spent(&self) -> bool {
        self.left == Some(0)
    }

    /// Adds the fields that the admin interface shows.
    pub(crate) fn show(&self, view: &mut Map<String, Value>) {
        view.insert("left".to_owned(), json!(self.left));
        view.insert("happened".to_owned(), json!(self.happened));
    }
}

/// What is wrong with a rate, if anything.
pub(crate) fn check_rate(rate: Option<(f64, u64)>) -> Result<(), String> {
    match rate {
        Some((share, _)) if !(0.0..=1.0).contains(&share) => {
            Err(format!("rate: must be 0 to 1, got {share}"))
        }
        _ => Ok(()),
    }
}
