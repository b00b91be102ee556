//! Scheduled events of calls, in time order.

use std::collections::{BTreeMap, VecDeque};

/// A scheduled event of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// It has rung for as long as the line lets it.
    Pickup,
    /// No one answered for as long as the caller waits.
    RingOut,
    WhisperDone,
    /// A step of its program has taken its time.
    StepDone,
    /// The other party has talked enough.
    TalkOver,
    /// The recording with this place has reached its longest duration.
    RecordingFull(usize),
}

impl Due {
    /// Whether it is a limit, which runs out only if time really passes.
    fn is_limit(self) -> bool {
        match self {
            Self::Pickup | Self::WhisperDone | Self::StepDone => false,
            Self::RingOut | Self::TalkOver | Self::RecordingFull(_) => true,
        }
    }
}

/// When, and in which order among those of the same time.
type Key = (i64, u64);

/// What is scheduled for one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Scheduled(Vec<Key>);

#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// Steps of a sandbox in which nothing takes time, first in first out.
    at_once: VecDeque<(u64, Due)>,
    timed: BTreeMap<Key, (u64, Due)>,
    numbered: u64,
}

impl Agenda {
    /// Schedules an event of the call with this order at a time, or at once if nothing takes time.
    pub(crate) fn add(
        &mut self,
        order: u64,
        scheduled: &mut Scheduled,
        ms: i64,
        due: Due,
        instant: bool,
    ) {
        if instant && !due.is_limit() {
            self.at_once.push_back((order, due));
            return;
        }
        self.numbered += 1;
        let key = (ms, self.numbered);
        self.timed.insert(key, (order, due));
        scheduled.0.push(key);
    }

    /// Nothing that was scheduled for this call happens any more.
    pub(crate) fn forget(&mut self, scheduled: &mut Scheduled) {
        for key in scheduled.0.drain(..) {
            self.timed.remove(&key);
        }
    }

    pub(crate) fn next_at_once(&mut self) -> Option<(u64, Due)> {
        self.at_once.pop_front()
    }

    /// The first that is due by then, with its time.
    pub(crate) fn next_by(&mut self, ms: i64) -> Option<(i64, u64, Due)> {
        let entry = self.timed.first_entry()?;
        let (due_ms, _) = *entry.key();
        (due_ms <= ms).then(|| {
            let (order, due) = entry.remove();
            (due_ms, order, due)
        })
    }

    /// The time of the next.
    pub(crate) fn next_time(&self) -> Option<i64> {
        self.timed.keys().next().map(|(ms, _)| *ms)
    }

    /// Nothing takes time from now on: what isn't a limit happens at once.
    pub(crate) fn run_all_now(&mut self) {
        let steps = self.timed.extract_if(.., |_, (_, due)| !due.is_limit());
        self.at_once.extend(steps.map(|(_, step)| step));
    }
}
