//! All calls by their keys: each is found by hash, and all can be iterated in order.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use crate::calls::call::Call;
use crate::calls::key::CallKey;

/// Keys of removed calls are dropped once they are more than those of the others by this number.
const REMOVED: usize = 1_000;

#[derive(Default)]
pub(super) struct CallIndex {
    calls: HashMap<CallKey, Box<Call>, BuildHasherDefault<KeyHasher>>,
    /// In order, including those of calls that were removed lately.
    keys: VecDeque<CallKey>,
}

impl CallIndex {
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn get(&self, key: &CallKey) -> Option<&Call> {
        self.calls.get(key).map(|call| &**call)
    }

    pub(super) fn get_mut(&mut self, key: &CallKey) -> Option<&mut Call> {
        self.calls.get_mut(key).map(|call| &mut **call)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.keys.iter().filter_map(|key| self.get(key))
    }

    /// The calls after the one with this key, in order; that one may be removed.
    pub(super) fn after(&self, key: CallKey) -> impl Iterator<Item = &Call> {
        let first = self.keys.partition_point(|other| *other <= key);
        self.keys.range(first..).filter_map(|key| self.get(key))
    }

    /// Adds a call, whose key is greater than all others.
    pub(super) fn push(&mut self, call: Call) {
        self.keys.push_back(call.key);
        self.calls.insert(call.key, Box::new(call));
    }

    pub(super) fn remove(&mut self, key: &CallKey) -> Option<Box<Call>> {
        let removed = self.calls.remove(key);
        if self.keys.len() > 2 * self.calls.len() + REMOVED {
            self.keys.retain(|key| self.calls.contains_key(key));
        }
        removed
    }
}

/// No client chooses keys, so nothing has to protect against collisions: multiplication spreads them.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::state::Direction;

    fn call(key: CallKey) -> Call {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let mut call = Call::new(key.to_string(), Direction::In, "a".into(), "b".into(), now);
        call.key = key;
        call
    }

    #[test]
    fn calls_stay_in_order_and_removed_ones_leave_nothing() {
        let mut index = CallIndex::default();
        index.push(call(0));
        for key in 1..100_000 {
            index.push(call(key));
            if key > 3 {
                assert!(index.remove(&(key - 2)).is_some());
                assert!(index.remove(&(key - 2)).is_none());
            }
        }
        let left: Vec<CallKey> = index.iter().map(|call| call.key).collect();
        assert_eq!(left, [0, 1, 99_998, 99_999]);
        assert!(index.keys.len() <= 2 * index.len() + REMOVED);
        assert!(index.get(&0).is_some() && index.get_mut(&5).is_none());
    }
}
