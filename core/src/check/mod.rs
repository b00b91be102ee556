//! Finds out whether a call was transferred: its state first, and more where that leaves it open.

mod evidence;
mod lists;
mod shared;
mod subject;
mod window;

use tokio::time::Instant;

use crate::api::Api;
use crate::error::{Error, Outcome, SentTransfer};
use crate::events;
use crate::follow::calls_since;
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::recent_transfers;
use crate::response::{Call, CallState, Finding};
use evidence::{Belongs, Question, Shown, by_state, lasts};
pub use shared::SharedCalls;
pub use subject::CheckSubject;
use window::Window;

/// Reads the call; in v1 the list of its events, in v2 the list of calls. Where the transfer in question
/// is known, the list of calls in both.
pub(crate) struct Check {
    pub(crate) call_id: String,
    pub(crate) sent: Option<SentTransfer>,
    pub(crate) shared: Option<SharedCalls>,
}

impl Steps<Finding> for Check {
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, Finding> {
        Box::pin(self.check(sender))
    }
}

impl Check {
    /// One timeout for all reads. What fails after the first read leaves what that one shows.
    async fn check(&self, sender: Sender<'_>) -> Result<Finding, Error> {
        let config = sender.config();
        let timeout = sender.timeout().unwrap_or(config.timeout());
        let deadline = Some(Instant::now() + timeout);
        let begin = crate::clock::since_boot();
        let read = sender
            .send(Request::get_call(config, &self.call_id)?, deadline)
            .await;
        let finding = Finding::of(read)?;
        let Some(call) = finding.call.clone() else {
            return Ok(finding);
        };
        let Some(sent) = &self.sent else {
            return self.check_call(sender, deadline, finding, &call).await;
        };
        if is_before_any_transfer(&call.state) {
            return Ok(finding);
        }
        let reading = sender.clock_reading();
        // One that is older would be of another response.
        let reading = reading.filter(|reading| reading.sent >= begin);
        let question = Question {
            sent,
            api: config.api(),
            call: &call,
            window: Window::of(sent, reading),
            has_other: recent_transfers::has_other(config, sent),
        };
        match config.api() {
            Api::V1 => {
                check_in_v1(sender, deadline, self.shared.as_ref(), finding, &question).await
            }
            Api::V2 => Ok(
                match lists::since(sender, deadline, self.shared.as_ref(), &call).await {
                    Ok(list) => question.by_parent(finding, &list.calls, list.is_whole),
                    Err(_) => finding.without_list(),
                },
            ),
        }
    }

    /// Whether the call was transferred at all: only its ID is known.
    async fn check_call(
        &self,
        sender: Sender<'_>,
        deadline: Option<Instant>,
        finding: Finding,
        call: &Call,
    ) -> Result<Finding, Error> {
        if finding.outcome != Outcome::Unknown {
            return Ok(finding);
        }
        let config = sender.config();
        match config.api() {
            Api::V1 => {
                let request = Request::get_call_events(config, &self.call_id)?;
                Ok(match sender.send(request, deadline).await {
                    Ok(events) => finding.with_events(call, &events),
                    Err(_) => finding.without_list(),
                })
            }
            Api::V2 => {
                let is_leg = |other: &Call| other.has_parent(&self.call_id);
                let start_time = call.start_time.clone();
                Ok(
                    match calls_since(sender, start_time, deadline, is_leg).await {
                        Ok((calls, is_complete)) => {
                            let leg = calls.into_iter().find(is_leg);
                            finding.with_list(leg, is_complete)
                        }
                        Err(_) => finding.without_list(),
                    },
                )
            }
        }
    }
}

/// v1: the list of calls to the target, and what that leaves open.
async fn check_in_v1(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    shared: Option<&SharedCalls>,
    finding: Finding,
    question: &Question<'_>,
) -> Result<Finding, Error> {
    let target = match &*question.sent.targets {
        [target] => Some(target.as_str()),
        _ => None,
    };
    let is_before = |call: &Call| question.is_before(call);
    let Ok((list, is_complete)) = lists::newest(sender, deadline, shared, target, is_before).await
    else {
        return Ok(finding.without_list());
    };
    let may_belong = |call: &&Call| question.belongs(call) != Belongs::No;
    let mut calls: Vec<Call> = list.calls.iter().filter(may_belong).cloned().collect();
    let mut finding = finding;
    let mut call = question.call.clone();
    if call.state == CallState::Active && calls.iter().any(lasts) {
        // While its new call lasts, a call is not active: it is if it became so since.
        let request = Request::get_call(sender.config(), &call.id)?;
        let Ok(again) = sender.send(request, deadline).await else {
            return Ok(finding.without_list());
        };
        call = again;
        finding = Finding::of(Ok(call.clone()))?;
    }
    if call.state == CallState::Active {
        calls.retain(|call| !lasts(call));
    }
    let question = Question {
        call: &call,
        ..*question
    };
    let found = question.by_target(finding.clone(), &calls, is_complete);
    let shown = question.shown(&calls);
    if let (CallState::Transferring, Shown::Several) = (&call.state, &shown) {
        let answered = call.active_time.as_deref().and_then(events::read_time);
        let is_before = |call: &Call| {
            let times = evidence::began(call).zip(answered);
            times.is_some_and(|(began, answered)| began < answered)
        };
        let all = lists::newest(sender, deadline, shared, None, is_before).await;
        if let Ok((all, true)) = all
            && question.is_by_this_transfer(&all.calls)
        {
            return Ok(by_state(finding));
        }
    }
    let may_be_in_events = match shown {
        Shown::New(_) => false,
        Shown::Nothing => call.state == CallState::Completed,
        // The events of the call are its own, whatever other calls there are.
        Shown::Several | Shown::Unclear(_) => question.window.is_some(),
    };
    if !may_be_in_events {
        return Ok(found);
    }
    let request = Request::get_call_events(sender.config(), &call.id)?;
    let Ok(events) = sender.send(request, deadline).await else {
        return Ok(match call.state {
            CallState::Completed => finding.without_list(),
            _ => found,
        });
    };
    let by_events = finding.with_events(&call, &question.events(events));
    Ok(match (&call.state, by_events.outcome) {
        (_, Outcome::Applied) | (CallState::Completed, _) => by_events,
        _ => found,
    })
}

/// A call in such a state was never answered, or waits to be placed.
fn is_before_any_transfer(state: &CallState) -> bool {
    matches!(
        state,
        CallState::Started | CallState::Rejected | CallState::Queued
    )
}
