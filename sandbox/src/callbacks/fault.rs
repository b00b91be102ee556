//! Faults of callbacks: what may happen to an event on its way to a program.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::address::is_web_url;
use crate::calls::commands::CallbackPlan;
use crate::fault::armed::Arm;
use crate::fault::chance::{Chance, check_rate};

const MOST_COPIES: u32 = 10;
const LONGEST: Duration = Duration::from_secs(3600);

/// Something that happens to callbacks of either API: they come twice, late, out of order or never.
///
/// A fault says what happens, and to which callbacks ([`times`](Self::times),
/// [`rate`](Self::rate), [`for_call`](Self::for_call), [`for_event`](Self::for_event)): by default
/// to the next one. If several faults are for the same callback, all of them happen.
///
/// ```
/// use calltransfer_sandbox::{CallbackFault, Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().start()?;
/// sandbox.inject_callbacks(vec![
///     CallbackFault::new().copies(1).rate(0.3, 1),
///     CallbackFault::new().after_next().rate(0.3, 2),
///     CallbackFault::new().lost().for_event("hangup"),
/// ])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallbackFault {
    effects: Effects,
    by_get: bool,
    timeout: Option<Duration>,
    fallback_url: Option<String>,
    pub(super) times: Option<u32>,
    call_id: Option<String>,
    event_type: Option<String>,
    pub(super) rate: Option<(f64, u64)>,
}

/// What happens to one callback while it is delivered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Effects {
    pub(super) lost: bool,
    pub(super) copies: u32,
    pub(super) copy_delay: Duration,
    pub(super) delay: Duration,
    pub(super) after_next: bool,
    pub(super) unreachable: bool,
}

impl CallbackFault {
    /// A fault without any effect yet, for the next callback.
    pub fn new() -> Self {
        Self::default()
    }

    /// Never sent, though the platform counts it as delivered, with an empty response.
    pub fn lost(mut self) -> Self {
        self.effects.lost = true;
        self
    }

    /// Sent this many times more after it is delivered, at most 10.
    pub fn copies(mut self, copies: u32) -> Self {
        self.effects.copies = copies;
        self
    }

    /// Delay of each copy, at most 1 hour; other events of the call are sent before it.
    pub fn copy_delay(mut self, delay: Duration) -> Self {
        self.effects.copy_delay = delay;
        self
    }

    /// Sent after this delay, at most 1 hour; other events of the call are sent before it.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.effects.delay = delay;
        self
    }

    /// Sent after the next event of the same call, or after half a second if there is none.
    pub fn after_next(mut self) -> Self {
        self.effects.after_next = true;
        self
    }

    /// The callback URL is unreachable: each attempt fails without being sent, and the fallback
    /// URL is tried next, if there is one.
    pub fn unreachable(mut self) -> Self {
        self.effects.unreachable = true;
        self
    }

    /// The fallback URL of the callback, in place of the call's own.
    pub fn fallback_url(mut self, url: impl Into<String>) -> Self {
        self.fallback_url = Some(url.into());
        self
    }

    /// Sent as a GET, with the fields in the query.
    pub fn get(mut self) -> Self {
        self.by_get = true;
        self
    }

    /// How long to wait for its response, in place of the call's `callbackTimeout`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The number of matching callbacks that it happens to: 1 by default, all with a rate.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Happens only to callbacks of this call and of the legs that its transfers make.
    pub fn for_call(mut self, call_id: impl Into<String>) -> Self {
        self.call_id = Some(call_id.into());
        self
    }

    /// Happens only to events of this type, such as `hangup` or `transferComplete`.
    pub fn for_event(mut self, event_type: impl Into<String>) -> Self {
        self.event_type = Some(event_type.into());
        self
    }

    /// Happens to this share of the callbacks, from 0 to 1. The same seed chooses the same ones.
    pub fn rate(mut self, share: f64, seed: u64) -> Self {
        self.rate = Some((share, seed));
        self
    }

    /// Whether it matches a callback; `parent` is the call whose transfer made the call.
    pub(super) fn is_for(&self, call_id: &str, parent: Option<&str>, event_type: &str) -> bool {
        let meant = self.call_id.as_deref();
        let is_meant = meant.is_none() || meant == Some(call_id) || meant == parent;
        is_meant && self.event_type.as_deref().is_none_or(|it| it == event_type)
    }

    /// Adds what it does to a callback.
    pub(super) fn strike(&self, plan: &mut CallbackPlan, effects: &mut Effects) {
        plan.by_get |= self.by_get;
        if let Some(timeout) = self.timeout {
            plan.timeout_ms = Some(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        }
        if let Some(url) = &self.fallback_url {
            plan.fallback_url = Some(url.clone());
        }
        let mine = &self.effects;
        effects.lost |= mine.lost;
        effects.copies = effects.copies.max(mine.copies);
        effects.copy_delay = effects.copy_delay.max(mine.copy_delay);
        effects.delay = effects.delay.max(mine.delay);
        effects.after_next |= mine.after_next;
        effects.unreachable |= mine.unreachable;
    }
}

impl Arm for CallbackFault {
    fn check(&self) -> Result<(), String> {
        let Effects {
            copies,
            copy_delay,
            delay,
            ..
        } = &self.effects;
        if *copies > MOST_COPIES {
            return Err(format!(
                "copies: must be at most {MOST_COPIES}, got {copies}"
            ));
        }
        if *copies == 0 && !copy_delay.is_zero() {
            return Err("copy_delay_ms: requires copies".to_owned());
        }
        if (*copy_delay).max(*delay) > LONGEST {
            return Err("delay_ms and copy_delay_ms: must be at most 1 hour".to_owned());
        }
        let timeouts = Duration::from_millis(1)..=LONGEST;
        if self.timeout.is_some_and(|it| !timeouts.contains(&it)) {
            return Err("timeout_ms: must be 1 millisecond to 1 hour".to_owned());
        }
        if self
            .fallback_url
            .as_deref()
            .is_some_and(|url| !is_web_url(url))
        {
            return Err("fallback_url: is not an absolute http or https URL".to_owned());
        }
        check_rate(self.rate)
    }

    fn chance(&self) -> Chance {
        Chance::new(self.times, self.rate)
    }

    fn view(&self) -> Map<String, Value> {
        let milliseconds = |time: Duration| json!(u64::try_from(time.as_millis()).unwrap_or(0));
        let it = &self.effects;
        let shown = [
            ("lost", it.lost, json!(true)),
            ("copies", it.copies > 0, json!(it.copies)),
            (
                "copy_delay_ms",
                !it.copy_delay.is_zero(),
                milliseconds(it.copy_delay),
            ),
            ("delay_ms", !it.delay.is_zero(), milliseconds(it.delay)),
            ("after_next", it.after_next, json!(true)),
            ("unreachable", it.unreachable, json!(true)),
            (
                "fallback_url",
                self.fallback_url.is_some(),
                json!(self.fallback_url.as_deref().map(super::redacted)),
            ),
            ("get", self.by_get, json!(true)),
            (
                "timeout_ms",
                self.timeout.is_some(),
                milliseconds(self.timeout.unwrap_or_default()),
            ),
            ("call_id", self.call_id.is_some(), json!(self.call_id)),
            (
                "event_type",
                self.event_type.is_some(),
                json!(self.event_type),
            ),
            (
                "rate",
                self.rate.is_some(),
                json!(self.rate.map(|rate| rate.0)),
            ),
            (
                "seed",
                self.rate.is_some(),
                json!(self.rate.map(|rate| rate.1)),
            ),
        ];
        let given = shown.into_iter().filter(|(_, given, _)| *given);
        given
            .map(|(name, _, value)| (name.to_owned(), value))
            .collect()
    }
}
