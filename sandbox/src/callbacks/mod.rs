//! Callbacks: which events are to be told, to whom, and what became of each.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use crate::calls::clock;
use crate::calls::orders::CallbackPlan;

pub(crate) mod deliver;

/// So many callbacks are kept; the oldest leaves first, sent or not.
const KEPT: usize = 10_000;

/// An event that was to be posted to a call's callback URL, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Callback {
    /// From 1, in the order of the events.
    pub number: u64,
    /// The call that it tells of.
    pub call_id: String,
    /// The URL that it goes to; a password in it is masked.
    pub url: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The event, as it is sent.
    pub event: Map<String, Value>,
    /// `waiting`, `delivered`, `failed`, or `withheld` (the URL leads away from this machine).
    pub state: &'static str,
    /// What was tried, oldest first.
    pub attempts: Vec<Attempt>,
    /// The version of the sandbox in which it changed last.
    pub version: u64,
    #[serde(skip)]
    pub(crate) plan: CallbackPlan,
    /// Whether the answer says how the call goes on.
    #[serde(skip)]
    pub(crate) asks: bool,
}

/// One try to deliver a callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When: ISO 8601, UTC, by the wall clock.
    pub time: String,
    /// Where to; a password in it is masked.
    pub url: String,
    /// What was answered, if anything was.
    pub status: Option<u16>,
    /// What went wrong, if there was no answer.
    pub error: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    log: VecDeque<Callback>,
    numbered: u64,
    /// What each call still has to tell. A call that stands here is being told of.
    queues: HashMap<String, VecDeque<u64>>,
    /// Calls that nobody tells of yet.
    ready: Vec<String>,
}

impl Callbacks {
    pub(crate) fn add(
        &mut self,
        call_id: String,
        plan: CallbackPlan,
        event: Map<String, Value>,
        asks: bool,
        version: u64,
    ) -> u64 {
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.numbered += 1;
        let number = self.numbered;
        let queue = self.queues.entry(call_id.clone()).or_insert_with(|| {
            self.ready.push(call_id.clone());
            VecDeque::new()
        });
        queue.push_back(number);
        self.log.push_back(Callback {
            number,
            call_id,
            url: masked(plan.url.as_deref().unwrap_or_default()),
            method: if plan.by_get { "GET" } else { "POST" },
            event,
            state: "waiting",
            attempts: Vec::new(),
            version,
            plan,
            asks,
        });
        number
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
        self.log.clear();
    }

    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(crate) fn take_ready(&mut self) -> Option<String> {
        self.ready.pop()
    }

    /// The next thing to tell of a call. With the last one gone, somebody else may take it up.
    pub(crate) fn next(&mut self, call_id: &str) -> Option<Callback> {
        while let Some(number) = self.queues.get_mut(call_id)?.pop_front() {
            if let Some(callback) = self.find(number) {
                return Some(callback.clone());
            }
        }
        self.queues.remove(call_id);
        None
    }

    pub(crate) fn note(&mut self, number: u64, url: &str, result: Result<u16, String>) {
        let time = clock::iso(clock::at(clock::wall_ms()));
        if let Some(callback) = self.find(number) {
            callback.attempts.push(Attempt {
                time,
                url: masked(url),
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

fn masked(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(Some("****"));
            parsed.into()
        }
        _ => url.to_owned(),
    }
}
