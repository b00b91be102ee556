//! The transfers that this process sent lately: what a call came from that two of them may have made.

use std::collections::VecDeque;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::since_boot;
use crate::config::Config;
use crate::error::{Outcome, SentTimes, SentTransfer};
use crate::per_process::StaticPerProcess;

/// More are not remembered: the oldest is forgotten first.
const MOST: usize = 4096;
/// Two transfers of a call whose times are no further apart may be taken for each other.
const NEAR: Duration = Duration::from_secs(8);

#[derive(Default)]
struct Recent {
    last: u64,
    transfers: VecDeque<Noted>,
}

struct Noted {
    number: u64,
    /// Of an account's call and one of its targets.
    key: u64,
    began: Duration,
    /// `None` while it is in progress.
    ended: Option<Duration>,
}

impl Recent {
    /// Where the transfer with this number is: they are in the order of their numbers.
    fn of(&self, number: u64) -> Range<usize> {
        let begin = self.transfers.partition_point(|it| it.number < number);
        let end = self.transfers.partition_point(|it| it.number <= number);
        begin..end
    }
}

/// A transfer in progress; dropped, it has ended with an outcome that is not known.
pub(crate) struct InProgress(u64);

impl InProgress {
    pub(crate) fn begin(config: &Config, call_id: &str, targets: &[String]) -> Self {
        let began = since_boot();
        let mut recent = recent();
        recent.last += 1;
        let number = recent.last;
        for target in targets {
            if recent.transfers.len() >= MOST {
                recent.transfers.pop_front();
            }
            recent.transfers.push_back(Noted {
                number,
                key: key(config, call_id, target),
                began,
                ended: None,
            });
        }
        Self(number)
    }

    pub(crate) fn number(&self) -> u64 {
        self.0
    }

    /// What did nothing made no call.
    pub(crate) fn ended(self, outcome: Outcome) {
        if matches!(outcome, Outcome::NotSent | Outcome::NotApplied) {
            let mut recent = recent();
            let own = recent.of(self.0);
            drop(recent.transfers.drain(own));
        }
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        let now = since_boot();
        let mut recent = recent();
        let own = recent.of(self.0);
        for noted in recent.transfers.range_mut(own) {
            noted.ended = Some(now);
        }
    }
}

/// Whether this process sent another transfer of the call to one of its targets at about that time.
pub(crate) fn has_other(config: &Config, sent: &SentTransfer) -> bool {
    let times = sent.times;
    let keys: Vec<u64> = sent
        .targets
        .iter()
        .map(|target| key(config, &sent.call_id, target))
        .collect();
    let recent = recent();
    let near = recent.transfers.iter().filter(|noted| {
        let ended = noted.ended.unwrap_or(Duration::MAX);
        let is_near = |sent: SentTimes| {
            ended.saturating_add(NEAR) >= sent.began
                && noted.began <= sent.ended.saturating_add(NEAR)
        };
        keys.contains(&noted.key) && noted.number != sent.number && times.is_none_or(is_near)
    });
    // One without a number may be noted itself, once for each of its targets.
    let own = if sent.number == 0 { keys.len() } else { 0 };
    near.count() > own
}

fn key(config: &Config, call_id: &str, target: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (config.base_url(), config.account(), call_id, target).hash(&mut hasher);
    hasher.finish()
}

fn recent() -> MutexGuard<'static, Recent> {
    static RECENT: StaticPerProcess<Mutex<Recent>> = StaticPerProcess::new();
    let recent = RECENT.current();
    recent.lock().unwrap_or_else(PoisonError::into_inner)
}
