//! The transfers that this process sent lately, so that a check knows of a second one that may have made
//! the same new call.

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
/// Two transfers of a call that are no further apart in time can't be distinguished.
const NEAR: Duration = Duration::from_secs(8);

#[derive(Default)]
struct Recent {
    last: u64,
    transfers: VecDeque<Noted>,
}

struct Noted {
    number: u64,
    /// The hash of account, call and one target.
    key: u64,
    began: Duration,
    /// `None` while it is in progress.
    ended: Option<Duration>,
}

impl Recent {
    /// Where the transfer with this number is: they are in the order of their numbers.
    fn of(&self, number: u64) -> Range<usize> {
        let begin = self.transfers.partition_point(|it| it.number < number);
        let own = self.transfers.range(begin..);
        begin..begin + own.take_while(|it| it.number == number).count()
    }
}

/// An account of the platform, hashed: once for a client, and not for each transfer.
#[derive(Clone, Copy)]
pub(crate) struct AccountKey(u64);

impl AccountKey {
    pub(crate) fn of(config: &Config) -> Self {
        let mut hasher = DefaultHasher::new();
        (config.base_url(), config.account()).hash(&mut hasher);
        Self(hasher.finish())
    }

    /// The key of a call of this account with each of these targets.
    fn with_targets<'t>(
        self,
        call_id: &str,
        targets: &'t [String],
    ) -> impl Iterator<Item = u64> + use<'t> {
        let mut of_call = DefaultHasher::new();
        (self.0, call_id).hash(&mut of_call);
        targets.iter().map(move |target| {
            let mut hasher = of_call.clone();
            target.hash(&mut hasher);
            hasher.finish()
        })
    }
}

/// A transfer in progress. When it is dropped, the transfer has ended.
pub(crate) struct InProgress(u64);

impl InProgress {
    pub(crate) fn begin(account: AccountKey, call_id: &str, targets: &[String]) -> Self {
        let began = since_boot();
        let keys = account.with_targets(call_id, targets);
        let mut recent = recent();
        recent.last += 1;
        let number = recent.last;
        for key in keys {
            if recent.transfers.len() >= MOST {
                recent.transfers.pop_front();
            }
            recent.transfers.push_back(Noted {
                number,
                key,
                began,
                ended: None,
            });
        }
        Self(number)
    }

    pub(crate) fn number(&self) -> u64 {
        self.0
    }

    /// The transfer has ended; it is forgotten if it did nothing, because then it made no call.
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
    let account = AccountKey::of(config);
    let keys: Vec<u64> = account.with_targets(&sent.call_id, &sent.targets).collect();
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

fn recent() -> MutexGuard<'static, Recent> {
    static RECENT: StaticPerProcess<Mutex<Recent>> = StaticPerProcess::new();
    let recent = RECENT.current();
    recent.lock().unwrap_or_else(PoisonError::into_inner)
}
