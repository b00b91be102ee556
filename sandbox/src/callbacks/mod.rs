//! Callbacks: the events to deliver, their URLs, and the result of each delivery.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use crate::calls::commands::CallbackPlan;
use crate::timestamp::{at, iso, wall_ms};

pub(crate) mod armed;
pub(crate) mod deliver;
pub(crate) mod fault;

use fault::Effects;

/// Callbacks that are kept; the oldest is removed first, sent or not.
const KEPT: usize = 10_000;

/// An event for a call's callback URL, and its delivery.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Callback {
    /// From 1, in the order of the events.
    pub number: u64,
    /// The call that it is about.
    pub call_id: String,
    /// The URL that it goes to; a password in it is redacted.
    pub url: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The event, as it is sent.
    pub event: Map<String, Value>,
    /// `waiting`, `delivered`, `failed`, `withheld` (the URL is not on this machine), or `lost`
    /// (by a fault).
    pub state: &'static str,
    /// The attempts to deliver it, oldest first.
    pub attempts: Vec<Attempt>,
    /// The version of the sandbox in which it changed last.
    pub version: u64,
    #[serde(skip)]
    pub(crate) plan: CallbackPlan,
    /// Whether the response says how the call continues.
    #[serde(skip)]
    pub(crate) expects_response: bool,
    /// The effects of faults on it.
    #[serde(skip)]
    pub(crate) effects: Effects,
}

/// One attempt to deliver a callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When: ISO 8601, UTC, by the wall clock.
    pub time: String,
    /// Where to; a password in it is redacted.
    pub url: String,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Why there was no response.
    pub error: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    log: VecDeque<Callback>,
    numbered: u64,
    /// The events that each call still has to deliver. A call listed here has a delivery in progress.
    queues: HashMap<String, VecDeque<u64>>,
    /// Calls that have events to deliver, and no delivery in progress.
    ready: VecDeque<String>,
    /// Events that are held back until another event of the same call is delivered.
    held: HashMap<String, Vec<u64>>,
}

impl Callbacks {
    pub(crate) fn add(
        &mut self,
        call_id: String,
        plan: CallbackPlan,
        event: Map<String, Value>,
        expects_response: bool,
        effects: Effects,
        version: u64,
    ) -> u64 {
        if self.log.len() == KEPT {
            self.drop_oldest();
        }
        self.numbered += 1;
        let number = self.numbered;
        self.enqueue(&call_id, [number]);
        if let Some(held) = self.held.remove(&call_id) {
            self.enqueue(&call_id, held);
        }
        self.log.push_back(Callback {
            number,
            call_id,
            url: redacted(plan.url.as_deref().unwrap_or_default()),
            method: if plan.by_get { "GET" } else { "POST" },
            event,
            state: "waiting",
            attempts: Vec::new(),
            version,
            plan,
            expects_response,
            effects,
        });
        number
    }

    fn enqueue(&mut self, call_id: &str, numbers: impl IntoIterator<Item = u64>) {
        let queue = self.queues.entry(call_id.to_owned()).or_insert_with(|| {
            self.ready.push_back(call_id.to_owned());
            VecDeque::new()
        });
        queue.extend(numbers);
    }

    /// Whether events of the call are held back.
    pub(crate) fn is_held(&self, call_id: &str) -> bool {
        self.held.contains_key(call_id)
    }

    /// Makes held events of the call ready, if no other event of it has come.
    pub(crate) fn release(&mut self, call_id: &str) {
        if let Some(held) = self.held.remove(call_id) {
            self.enqueue(call_id, held);
        }
    }

    pub(crate) fn entries(&self) -> Vec<Callback> {
        self.log.iter().cloned().collect()
    }

    /// Those that are new or have ended since a version.
    pub(crate) fn since(&self, version: u64) -> Vec<Callback> {
        let entries = self.log.iter();
        entries.filter(|it| it.version > version).cloned().collect()
    }

    pub(crate) fn forget(&mut self) {
        while !self.log.is_empty() {
            self.drop_oldest();
        }
    }

    /// Removes the oldest callback, and its number from the queue: queues stay as short as the log.
    fn drop_oldest(&mut self) {
        let Some(gone) = self.log.pop_front() else {
            return;
        };
        let Some(queue) = self.queues.get_mut(&gone.call_id) else {
            return;
        };
        if queue.front() == Some(&gone.number) {
            queue.pop_front();
            // A delivery in progress finds the queue empty; otherwise none needs to start.
            if queue.is_empty()
                && let Some(place) = self.ready.iter().position(|id| *id == gone.call_id)
            {
                self.ready.remove(place);
                self.queues.remove(&gone.call_id);
            }
        }
    }

    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(crate) fn take_ready(&mut self) -> Option<String> {
        self.ready.pop_front()
    }

    /// The next event to deliver of a call. After the last one, another delivery may start.
    pub(crate) fn next(&mut self, call_id: &str) -> Option<Callback> {
        while let Some(mut number) = self.queues.get_mut(call_id)?.pop_front() {
            if self.take_after_next(number) {
                let queue = self.queues.get_mut(call_id)?;
                let Some(following) = queue.pop_front() else {
                    let held = self.held.entry(call_id.to_owned()).or_default();
                    held.push(number);
                    continue;
                };
                queue.push_front(number);
                // It is sent first, even if it was to wait for the next one itself.
                self.take_after_next(following);
                number = following;
            }
            if let Some(callback) = self.find(number) {
                return Some(callback.clone());
            }
        }
        self.queues.remove(call_id);
        None
    }

    /// Whether a callback waits for the next one, which it does once.
    fn take_after_next(&mut self, number: u64) -> bool {
        let callback = self.find(number);
        callback.is_some_and(|it| std::mem::take(&mut it.effects.after_next))
    }

    pub(crate) fn note(&mut self, number: u64, url: &str, result: Result<u16, String>) {
        let time = iso(at(wall_ms()));
        if let Some(callback) = self.find(number) {
            callback.attempts.push(Attempt {
                time,
                url: redacted(url),
                status: result.as_ref().ok().copied(),
                error: result.err(),
            });
        }
    }

    pub(crate) fn finish(&mut self, number: u64, state: &'static str, version: u64) {
        if let Some(callback) = self.find(number) {
            callback.version = version;
            callback.state = state;
        }
    }

    fn find(&mut self, number: u64) -> Option<&mut Callback> {
        let first = self.log.front()?.number;
        let place = usize::try_from(number.checked_sub(first)?).ok()?;
        self.log.get_mut(place)
    }
}

fn redacted(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(Some("****"));
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(callbacks: &mut Callbacks, call_id: &str) -> u64 {
        let plan = CallbackPlan {
            url: Some("http://127.0.0.1/".to_owned()),
            ..CallbackPlan::default()
        };
        let effects = Effects::default();
        callbacks.add(call_id.to_owned(), plan, Map::new(), false, effects, 1)
    }

    #[test]
    fn dropped_callbacks_leave_nothing_behind() {
        let mut callbacks = Callbacks::default();
        for number in 0..=KEPT {
            add(&mut callbacks, &format!("c-{number}"));
        }
        assert_eq!(callbacks.log.len(), KEPT);
        assert_eq!(
            (callbacks.queues.len(), callbacks.ready.len()),
            (KEPT, KEPT)
        );
        assert_eq!(callbacks.take_ready().as_deref(), Some("c-1"));
        callbacks.forget();
        // A delivery is in progress, and finds that nothing is left.
        assert_eq!((callbacks.queues.len(), callbacks.ready.len()), (1, 0));
        assert!(callbacks.next("c-1").is_none());
        assert!(callbacks.queues.is_empty());
    }

    #[test]
    fn call_with_delivery_in_progress_is_not_ready() {
        let mut callbacks = Callbacks::default();
        let first = add(&mut callbacks, "c");
        assert!(callbacks.take_ready().is_some());
        assert_eq!(callbacks.next("c").map(|it| it.number), Some(first));
        let second = add(&mut callbacks, "c");
        assert!(!callbacks.has_ready());
        assert_eq!(callbacks.next("c").map(|it| it.number), Some(second));
        assert!(callbacks.next("c").is_none());
        add(&mut callbacks, "c");
        assert!(callbacks.has_ready());
    }

    #[test]
    fn callback_that_waited_longest_is_delivered_first() {
        let mut callbacks = Callbacks::default();
        for call in ["a", "b"] {
            add(&mut callbacks, call);
        }
        assert_eq!(callbacks.take_ready().as_deref(), Some("a"));
    }
}
