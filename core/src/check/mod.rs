//! Finds out whether a call was transferred: its state first, and more where that leaves it open.

mod evidence;
mod recent;
mod subject;
mod window;

use tokio::time::Instant;

use crate::calls::{CallEvent, CallQuery};
use crate::config::Api;
use crate::error::{Error, Outcome, SentTransfer};
use crate::follow::{PAGES, calls_since};
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::response::{Call, CallState, Finding};
use evidence::{Belongs, Question};
pub(crate) use recent::InProgress;
pub use subject::CheckSubject;
use window::Window;

/// Reads the call; in v1 the list of its events, in v2 the list of calls. Where the transfer in question
/// is known, the list of calls in both.
pub(crate) struct Check {
    pub(crate) call_id: String,
    pub(crate) sent: Option<SentTransfer>,
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
            has_other: recent::has_other(config, sent),
        };
        match config.api() {
            Api::V1 => check_in_v1(sender, deadline, finding, &question).await,
            Api::V2 => Ok(
                match calls_since(sender, call.start_time.clone(), deadline, |_| false).await {
                    Ok((calls, is_complete)) => question.by_parent(finding, &calls, is_complete),
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

/// v1: the list of calls to the target, and the list of the call's events where the call has ended.
async fn check_in_v1(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    finding: Finding,
    question: &Question<'_>,
) -> Result<Finding, Error> {
    let Ok((calls, is_complete)) = calls_to(sender, deadline, question).await else {
        return Ok(finding.without_list());
    };
    let finding = question.by_target(finding, &calls, is_complete);
    let is_open =
        finding.outcome == Outcome::Unknown && question.call.state == CallState::Completed;
    let has_candidate = calls
        .iter()
        .any(|call| question.belongs(call) != Belongs::No);
    if !is_open || has_candidate {
        return Ok(finding);
    }
    let request = Request::get_call_events(sender.config(), &question.call.id)?;
    Ok(match sender.send(request, deadline).await {
        Ok(events) => finding.with_events(question.call, &question.events(events)),
        Err(_) => finding.without_list(),
    })
}

/// v1: the calls to the target, the newest first, back to the time of the transfer; and whether these
/// are all.
async fn calls_to(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    question: &Question<'_>,
) -> Result<(Vec<Call>, bool), Error> {
    let config = sender.config();
    let query = match &*question.sent.targets {
        [target] => CallQuery::new().to(target),
        _ => CallQuery::new(),
    };
    let mut next = Request::list_calls(config, query)?;
    let mut calls = Vec::new();
    for _ in 0..PAGES {
        let page = sender.send(next, deadline).await?;
        let is_enough = page.calls.iter().any(|call| question.is_before(call));
        let (of_page, following) = page.split(config);
        calls.extend(of_page);
        match following {
            Some(request) if !is_enough => next = request?,
            _ => return Ok((calls, true)),
        }
    }
    Ok((calls, false))
}

/// A call in such a state was never answered, or waits to be placed.
fn is_before_any_transfer(state: &CallState) -> bool {
    matches!(
        state,
        CallState::Started | CallState::Rejected | CallState::Queued
    )
}

/// The state that an entry of the list of a call's events names.
fn state_of(event: &CallEvent) -> Option<CallState> {
    let state = event.fields.get("callState")?.as_str()?;
    Some(CallState::from_word(state))
}
