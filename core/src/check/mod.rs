//! Finds out whether a call was transferred: its state first, and more where that leaves it open.

mod evidence;
mod recent;
mod subject;
mod window;

use tokio::time::Instant;

use crate::calls::{CallEvent, CallQuery};
use crate::config::Api;
use crate::error::{Error, Outcome, SentTransfer};
use crate::events;
use crate::follow::{PAGES, calls_since};
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::response::{Call, CallState, Finding};
use evidence::{Belongs, Question, Shown, by_state, lasts};
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

/// v1: the list of calls to the target, and what that leaves open.
async fn check_in_v1(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    finding: Finding,
    question: &Question<'_>,
) -> Result<Finding, Error> {
    let query = match &*question.sent.targets {
        [target] => CallQuery::new().to(target),
        _ => CallQuery::new(),
    };
    let is_before = |call: &Call| question.is_before(call);
    let Ok((mut calls, is_complete)) = newest_calls(sender, deadline, query, is_before).await
    else {
        return Ok(finding.without_list());
    };
    calls.retain(|call| question.belongs(call) != Belongs::No);
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
    match (&call.state, question.shown(&calls)) {
        (CallState::Transferring, Shown::Several) => {
            let answered = call.active_time.as_deref().and_then(events::read_time);
            let is_before = |call: &Call| {
                let times = evidence::began(call).zip(answered);
                times.is_some_and(|(began, answered)| began < answered)
            };
            let query = CallQuery::new();
            Ok(
                match newest_calls(sender, deadline, query, is_before).await {
                    Ok((all, true)) if question.is_by_this_transfer(&all) => by_state(finding),
                    _ => found,
                },
            )
        }
        (CallState::Completed, Shown::Nothing) => {
            let request = Request::get_call_events(sender.config(), &call.id)?;
            Ok(match sender.send(request, deadline).await {
                Ok(events) => finding.with_events(&call, &question.events(events)),
                Err(_) => finding.without_list(),
            })
        }
        _ => Ok(found),
    }
}

/// v1: the calls of a list, the newest first, until one is `enough`; and whether these are all.
async fn newest_calls(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    query: CallQuery,
    is_enough: impl Fn(&Call) -> bool,
) -> Result<(Vec<Call>, bool), Error> {
    let config = sender.config();
    let mut next = Request::list_calls(config, query)?;
    let mut calls = Vec::new();
    for _ in 0..PAGES {
        let page = sender.send(next, deadline).await?;
        let is_enough = page.calls.iter().any(&is_enough);
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
