//! The status of a followed transfer, from the facts that are known. No I/O.

use super::leg::{Conclusion, Leg, first, weight};
use super::state::Follow;
use super::status::{CallerState, FollowResult, FollowStatus};

impl Follow {
    pub(super) fn status_of_v1(&self) -> FollowStatus {
        let nothing = Leg::default();
        let leg = self.new_call_id.as_ref().and_then(|id| self.legs.get(id));
        let (is_known, leg) = (self.new_call_id.is_some(), leg.unwrap_or(&nothing));
        let caller = if self.caller_ended {
            CallerState::Ended
        } else if leg.is_answered() && !leg.is_ended() {
            CallerState::Transferred
        } else {
            match self.caller_read {
                // Read before the new call ended.
                Some(CallerState::Transferred) if leg.is_ended() => CallerState::Unknown,
                read => read.unwrap_or(CallerState::Unknown),
            }
        };
        let mut status = self.status_of_leg(leg, caller);
        status.new_call_id.clone_from(&self.new_call_id);
        match caller {
            CallerState::Active if !is_known => {
                status.result = Some(FollowResult::Failed);
                status.is_ended = true;
                status.evidence = "the call is active again, so no target has it".into();
                status.doubt =
                    Some("the platform did not name the new call, so nothing shows its end");
            }
            CallerState::Ended if !is_known => {
                status.result = Some(FollowResult::Unknown);
                status.is_ended = true;
                status.evidence =
                    "the call has ended, and the platform did not name the new call".into();
                status.doubt = Some("a target may have answered before");
            }
            _ => {}
        }
        status
    }

    pub(super) fn status_of_v2(&self) -> FollowStatus {
        let answered = self.legs.iter().filter(|(_, leg)| leg.is_answered());
        // More than one cannot be connected: the first to answer has the call.
        let answered =
            answered.min_by_key(|(id, leg)| (leg.answered_time.is_none(), leg.answered_time, *id));
        let is_over = self.complete.is_ended();
        let of_complete = self.complete.conclusion();
        let caller = match (&answered, self.caller_read) {
            _ if self.caller_ended => CallerState::Ended,
            _ if is_over => CallerState::Active,
            (Some((_, leg)), _) if !leg.is_ended() => CallerState::Transferred,
            (_, read) => read.unwrap_or(CallerState::Unknown),
        };
        let mut status = if let Some((id, leg)) = answered {
            let mut status = self.status_of_leg(leg, caller);
            status.new_call_id = Some(id.clone());
            status
        } else if self.unnamed.is_answered() {
            self.status_of_leg(&self.unnamed, caller)
        } else if let Some(conclusion) = of_complete {
            let mut status = self.status_of_leg(&self.complete, caller);
            // The transfer is over, for whatever reason it failed: no target has the caller.
            status.is_certainly_unanswered |= conclusion.result == FollowResult::Failed;
            status.evidence = "the event transferComplete says how the transfer ended".into();
            if status.is_certainly_unanswered {
                status.doubt = None;
            }
            status
        } else {
            self.status_of_unanswered(caller)
        };
        if status.new_call_id.is_none() {
            let only = self.legs.keys().next().filter(|_| self.legs.len() == 1);
            status.new_call_id = self.new_call_id.clone().or_else(|| only.cloned());
        }
        if is_over {
            status.is_ended = true;
            first(&mut status.ended_time, self.complete.ended_time);
            if status.cause.is_none() {
                (status.cause, status.cause_text) = self.complete.end_cause();
            }
        }
        status
    }

    /// v2, if no target is known to have answered and nothing says that the transfer is over.
    fn status_of_unanswered(&self, caller: CallerState) -> FollowStatus {
        let only_one = self.targets == Some(1);
        if only_one && self.legs.is_empty() && self.unnamed.is_ended() {
            return self.status_of_leg(&self.unnamed, caller);
        }
        let all_ended = !self.legs.is_empty() && self.legs.values().all(Leg::is_ended);
        if !self.knows_all() || !all_ended {
            let mut status = self.status_of_leg(&Leg::default(), caller);
            if caller == CallerState::Ended {
                status.evidence =
                    "the call has ended, and nothing shows yet whether a target answered".into();
            }
            return status;
        }
        // The cause that decides, if there are several: that of the side that gave up, then the
        // most specific one.
        let legs = self.legs.values();
        let is_certain = legs
            .clone()
            .all(|leg| leg.conclusion().is_some_and(|v| v.is_certain));
        let rank = |leg: &&Leg| match leg.conclusion().map(|conclusion| conclusion.result) {
            Some(FollowResult::Unknown) => 0,
            Some(FollowResult::Cancelled) => 1,
            Some(FollowResult::Rejected) => 2,
            Some(FollowResult::Busy) => 3,
            Some(FollowResult::NoAnswer) => 4,
            _ => 5,
        };
        let deciding = legs.clone().min_by_key(|leg| {
            let (cause, text) = leg.end_cause();
            (rank(leg), cause.map(weight), text)
        });
        let nothing = Leg::default();
        let mut status = self.status_of_leg(deciding.unwrap_or(&nothing), caller);
        status.is_certainly_unanswered &= is_certain;
        // The last to end ended the transfer.
        status.ended_time = legs.filter_map(|leg| leg.ended_time).max();
        if self.legs.len() > 1 {
            status.evidence = "every new call has ended without an answer".into();
        }
        status
    }

    pub(super) fn status_of_leg(&self, leg: &Leg, caller: CallerState) -> FollowStatus {
        let conclusion = leg.conclusion();
        let (cause, cause_text) = match leg.is_ended() {
            true => leg.end_cause(),
            false => (None, None),
        };
        let Conclusion {
            evidence,
            doubt,
            is_certain,
            ..
        } = conclusion.as_ref().map_or(
            Conclusion {
                result: FollowResult::Unknown,
                evidence: "nothing shows yet whether a target answered",
                doubt: None,
                is_certain: false,
            },
            |conclusion| Conclusion { ..*conclusion },
        );
        FollowStatus {
            result: conclusion.map(|conclusion| conclusion.result),
            cause,
            cause_text,
            new_call_id: None,
            answered_time: leg.answered_time,
            ended_time: leg.ended_time,
            is_ended: leg.is_ended(),
            is_certainly_unanswered: is_certain,
            caller,
            evidence: evidence.into(),
            doubt,
        }
    }
}
