//! Every call under its place among all: found at once, and gone through in order.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use crate::calls::call::Call;

/// Places of calls that are gone are struck out once there are more of them than of the others, and so many.
const GONE: usize = 1_000;

#[derive(Default)]
pub(super) struct Ledger {
    calls: HashMap<u64, Box<Call>, BuildHasherDefault<ByPlace>>,
    /// In order, with those of calls that have gone lately.
    places: VecDeque<u64>,
}

impl Ledger {
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn get(&self, place: &u64) -> Option<&Call> {
        self.calls.get(place).map(|call| &**call)
    }

    pub(super) fn get_mut(&mut self, place: &u64) -> Option<&mut Call> {
        self.calls.get_mut(place).map(|call| &mut **call)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.places.iter().filter_map(|place| self.get(place))
    }

    /// The calls placed after the one in this place, in order.
    pub(super) fn after(&self, place: u64) -> impl Iterator<Item = &Call> {
        let first = self.places.partition_point(|other| *other <= place);
        self.places
            .range(first..)
            .filter_map(|place| self.get(place))
    }

    /// Adds a call behind all others.
    pub(super) fn push(&mut self, call: Call) {
        self.places.push_back(call.order);
        self.calls.insert(call.order, Box::new(call));
    }

    pub(super) fn remove(&mut self, place: &u64) -> Option<Box<Call>> {
        let gone = self.calls.remove(place);
        if self.places.len() > 2 * self.calls.len() + GONE {
            self.places.retain(|place| self.calls.contains_key(place));
        }
        gone
    }
}

/// Places are numbers that no one chooses: spreading them is enough.
#[derive(Default)]
struct ByPlace(u64);

impl Hasher for ByPlace {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, place: u64) {
        self.0 = place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::state::Direction;

    fn call(order: u64) -> Call {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let mut call = Call::new(
            order.to_string(),
            Direction::In,
            "a".into(),
            "b".into(),
            now,
        );
        call.order = order;
        call
    }

    #[test]
    fn calls_stay_in_order_and_removed_ones_leave_nothing() {
        let mut ledger = Ledger::default();
        ledger.push(call(0));
        for place in 1..100_000 {
            ledger.push(call(place));
            if place > 3 {
                assert!(ledger.remove(&(place - 2)).is_some());
                assert!(ledger.remove(&(place - 2)).is_none());
            }
        }
        let left: Vec<u64> = ledger.iter().map(|call| call.order).collect();
        assert_eq!(left, [0, 1, 99_998, 99_999]);
        assert!(ledger.places.len() <= 2 * ledger.len() + GONE);
        assert!(ledger.get(&0).is_some() && ledger.get_mut(&5).is_none());
    }
}
