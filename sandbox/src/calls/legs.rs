//! The legs of a program's transfer: the first to answer is connected, the others are cancelled.

use crate::calls::call::Call;
use crate::calls::call_store::{CALLS_IN_PROGRESS, CallStore};
use crate::calls::diversion;
use crate::calls::event::Cause;
use crate::calls::key::CallKey;
use crate::calls::line::Refused;
use crate::calls::program::{Dial, EndReason, Program, Target, Webhook, word};
use crate::calls::state::{CallState, Direction};
use crate::calls::webhook_event::WebhookEvent;

impl CallStore {
    /// Rings every target of a transfer at once.
    pub(super) fn dial(&mut self, key: CallKey, dial: Dial) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        call.state = CallState::Transferring;
        call.connected_time = None;
        let parent = call.id.clone();
        let headers = dial.treatment.map_or_else(Vec::new, |treatment| {
            diversion::outgoing(treatment, &call.diversion, &call.to)
        });
        let shown = match (&dial.caller_id, dial.privacy) {
            (_, true) => "Private".to_owned(),
            (Some(id), false) => id.clone(),
            (None, false) => call.from.clone(),
        };
        if let Some(program) = &mut call.program {
            program.complete = dial.complete;
            program.tag = dial.tag.or(program.tag.take());
        }
        self.event_log.touch(call);
        let mut legs = Vec::new();
        let mut end_reason = "error";
        for target in dial.targets {
            match self.lines.refused(&target.to) {
                Some(Refused::Credit | Refused::CallRateLimit) => end_reason = "account-limit",
                Some(why) if why != Refused::TransferErrorThoughMade => end_reason = "error",
                _ if self.in_progress() >= CALLS_IN_PROGRESS => {
                    end_reason = "node-capacity-exceeded"
                }
                _ => {
                    let mut leg = self.new_leg(target, shown.clone(), dial.display_name.clone());
                    leg.transferred_from = Some(parent.clone());
                    leg.diversion.clone_from(&headers);
                    (leg.diversion_treatment, leg.diversion_reason) =
                        diversion::words(dial.treatment);
                    legs.push(self.insert(leg));
                }
            }
        }
        let first = legs.first().and_then(|leg| self.calls.get(leg));
        let first = first.map(|leg| leg.id.clone());
        if let Some(call) = self.calls.get_mut(&key) {
            call.transferred_to = first;
            if let Some(program) = &mut call.program {
                program.legs.clone_from(&legs);
            }
        }
        if legs.is_empty() {
            return self.transfer_over(key, None, end_reason);
        }
        let seconds = dial.call_timeout.as_secs_f64().ceil() as u32;
        for leg in legs {
            self.ring(leg, Some(seconds));
        }
    }

    /// A leg that rings one target of a transfer, and shows it this caller.
    fn new_leg(&self, target: Target, shown: String, display_name: Option<String>) -> Call {
        let now = self.event_log.time.now();
        let line = self.lines.for_leg(&target.to);
        let mut leg = Call::new(self.new_id(), Direction::Out, shown, target.to, now);
        leg.line = line;
        leg.program = Some(Box::new(Program {
            answer: target.answer,
            disconnect: target.disconnect,
            tag: target.tag,
            uui: target.uui,
            display_name,
            ..Program::default()
        }));
        leg
    }

    /// A call with a program was answered.
    pub(super) fn program_answered(&mut self, key: CallKey) {
        let Some(call) = self.calls.get(&key) else {
            return;
        };
        let (id, parent) = (call.id.clone(), call.transferred_from.clone());
        let parent = parent.and_then(|id| self.key(&id));
        // The first leg to answer gets the call; the others are cancelled.
        for leg in self.legs(parent).into_iter().filter(|leg| *leg != key) {
            self.detach(leg);
            self.end(leg, CallState::Completed, Cause::OriginatorCancel);
        }
        if let Some(call) = parent.and_then(|key| self.calls.get_mut(&key)) {
            call.transferred_to = Some(id);
            self.event_log.touch(call);
        }
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let event = if parent.is_some() {
            "transferAnswer"
        } else {
            "answer"
        };
        let webhook = call.program.as_mut().and_then(|program| {
            program.waits = program.answer.is_some();
            program.answer.clone()
        });
        match webhook {
            Some(webhook) => {
                call.whispering = parent.is_some();
                self.write(key, event, webhook, None, None);
            }
            None => self.step(key),
        }
    }

    /// A call with a program has ended: notifies its webhook and the call that was transferred.
    pub(super) fn program_ended(&mut self, key: CallKey, cause: Cause) {
        self.drop_legs(key);
        let Some(call) = self.calls.get(&key) else {
            return;
        };
        let Some(program) = &call.program else { return };
        let end_reason = program.end_reason.unwrap_or_else(|| word(cause));
        let (webhook, detached) = (program.disconnect.clone(), program.detached);
        let leg = (call.from.clone(), call.to.clone());
        let parent = call.transferred_from.clone();
        let event = if parent.is_some() {
            "transferDisconnect"
        } else {
            "disconnect"
        };
        if let Some(webhook) = webhook {
            self.write(key, event, webhook, None, Some(end_reason));
        }
        let parent = parent.and_then(|id| self.key(&id));
        if let Some(parent) = parent.filter(|_| !detached)
            && self.legs(Some(parent)).is_empty()
        {
            self.transfer_over(parent, Some(leg), end_reason);
        }
    }

    /// The transfer of a call has ended or failed: the call continues with its program.
    fn transfer_over(
        &mut self,
        key: CallKey,
        leg: Option<(String, String)>,
        end_reason: EndReason,
    ) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        if call.state.is_ended() {
            return;
        }
        call.state = CallState::Active;
        call.connected_time = None;
        self.event_log.touch(call);
        let webhook = call.program.as_mut().and_then(|program| {
            program.legs.clear();
            program.waits = program.complete.is_some();
            program.complete.take()
        });
        match webhook {
            Some(webhook) => self.write(key, "transferComplete", webhook, leg, Some(end_reason)),
            None => self.step(key),
        }
    }

    pub(super) fn drop_legs(&mut self, key: CallKey) {
        // A leg of v1 would end the caller's call too: it is separated from it first.
        let leg = self
            .calls
            .get(&key)
            .and_then(|call| call.transferred_to.clone());
        if let Some(leg) = leg.and_then(|id| self.key(&id))
            && let Some(call) = self.calls.get_mut(&leg)
            && call.program.is_none()
        {
            call.transferred_from = None;
            self.end(leg, CallState::Completed, Cause::NormalClearing);
        }
        for leg in self.legs(Some(key)) {
            self.detach(leg);
            let cause = self.cause_of_cancel(leg);
            self.end(leg, CallState::Completed, cause);
        }
    }

    fn detach(&mut self, leg: CallKey) {
        let program = self
            .calls
            .get_mut(&leg)
            .and_then(|leg| leg.program.as_mut());
        if let Some(program) = program {
            program.detached = true;
        }
    }

    /// The legs of a call's transfer that have not ended.
    fn legs(&self, key: Option<CallKey>) -> Vec<CallKey> {
        let program = key
            .and_then(|key| self.calls.get(&key))
            .and_then(|call| call.program.as_ref());
        let legs = program.map_or(&[][..], |program| &program.legs);
        let lasts = |leg: &&CallKey| self.calls.get(leg).is_some_and(|leg| !leg.state.is_ended());
        legs.iter().filter(lasts).copied().collect()
    }

    pub(super) fn write(
        &mut self,
        key: CallKey,
        event: &'static str,
        webhook: Webhook,
        leg: Option<(String, String)>,
        cause: Option<&'static str>,
    ) {
        let expects_response = matches!(
            event,
            "answer" | "transferAnswer" | "transferComplete" | "redirect"
        );
        if let Some(call) = self.calls.get(&key) {
            self.event_log.webhooks.push(WebhookEvent {
                call: Box::new(call.clone()),
                event,
                webhook,
                expects_response,
                leg,
                cause,
            });
        }
    }
}
