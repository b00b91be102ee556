//! Scheduled events of calls, in time order.

use std::collections::{BTreeMap, VecDeque};

use crate::calls::key::CallKey;

/// A scheduled event of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// The ringing time of the line is over.
    Pickup,
    /// The call was not answered within its timeout.
    RingOut,
    WhisperDone,
    /// A step of its program is complete.
    StepDone,
    /// The talking time of the line is over.
    TalkOver,
    /// The recording with this index has reached its maximum duration.
    RecordingFull(usize),
}

impl Due {
    /// Whether it is a limit, which is reached only if time really passes.
    fn is_limit(self) -> bool {
        match self {
            Self::Pickup | Self::WhisperDone | Self::StepDone => false,
            Self::RingOut | Self::TalkOver | Self::RecordingFull(_) => true,
        }
    }
}

/// A time, and a number for the order of events at the same time.
type Slot = (i64, u64);

/// What is scheduled for one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Scheduled(Vec<Slot>);

#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// Events of a sandbox in which nothing takes time, first in first out.
    immediate: VecDeque<(CallKey, Due)>,
    timed: BTreeMap<Slot, (CallKey, Due)>,
    numbered: u64,
}

impl Agenda {
    /// Schedules an event of a call at a time, or immediately if nothing takes time.
    pub(crate) fn add(
        &mut self,
        call: CallKey,
        scheduled: &mut Scheduled,
        ms: i64,
        due: Due,
        instant: bool,
    ) {
        if instant && !due.is_limit() {
            self.immediate.push_back((call, due));
            return;
        }
        self.numbered += 1;
        let slot = (ms, self.numbered);
        self.timed.insert(slot, (call, due));
        scheduled.0.push(slot);
    }

    /// Removes everything that was scheduled for a call.
    pub(crate) fn forget(&mut self, scheduled: &mut Scheduled) {
        for slot in scheduled.0.drain(..) {
            self.timed.remove(&slot);
        }
    }

    pub(crate) fn next_immediate(&mut self) -> Option<(CallKey, Due)> {
        self.immediate.pop_front()
    }

    /// The first event that is due until then, with its time.
    pub(crate) fn next_until(&mut self, ms: i64) -> Option<(i64, CallKey, Due)> {
        let entry = self.timed.first_entry()?;
        let (due_ms, _) = *entry.key();
        (due_ms <= ms).then(|| {
            let (call, due) = entry.remove();
            (due_ms, call, due)
        })
    }

    /// The time of the next event.
    pub(crate) fn next_time(&self) -> Option<i64> {
        self.timed.keys().next().map(|(ms, _)| *ms)
    }

    /// Makes everything immediate that is not a limit: nothing takes time from now on.
    pub(crate) fn make_immediate(&mut self) {
        let steps = self.timed.extract_if(.., |_, (_, due)| !due.is_limit());
        self.immediate.extend(steps.map(|(_, step)| step));
    }
}
