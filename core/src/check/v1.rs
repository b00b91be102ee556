//! v1: checks one transfer by the list of calls to its target, and by more if that is not conclusive.

use super::evidence::{self, Belongs, Question, Shown, by_state, lasts};
use super::reader::Reader;
use crate::error::{Error, Outcome};
use crate::events;
use crate::response::{Call, CallState, Finding};

/// Concludes from the list of calls; then from the list of all calls or of the call's events, where the
/// transfer may be shown by these.
pub(super) async fn check(
    reader: Reader<'_>,
    finding: Finding,
    question: &Question<'_>,
) -> Result<Finding, Error> {
    let Ok((mut calls, is_complete)) = calls_in_question(reader, question).await else {
        return Ok(finding.without_list());
    };
    let Ok(call) = current(reader, question.call, &calls).await else {
        return Ok(finding.without_list());
    };
    if call.state == CallState::Active {
        calls.retain(|call| !lasts(call));
    }
    let finding = Finding::of(Ok(call.clone()))?;
    let question = Question {
        call: &call,
        ..*question
    };
    let shown = question.shown(&calls);
    if is_shown_by_state(reader, &question, &shown).await {
        return Ok(by_state(finding));
    }
    let found = question.by_target(finding.clone(), &shown, is_complete);
    match may_be_in_events(&question, &shown) {
        true => Ok(with_events(reader, &question, finding, found).await),
        false => Ok(found),
    }
}

/// The calls that can be new calls of the transfer, and whether the list of them is complete.
async fn calls_in_question(
    reader: Reader<'_>,
    question: &Question<'_>,
) -> Result<(Vec<Call>, bool), Error> {
    let target = match &*question.sent.targets {
        [target] => Some(target.as_str()),
        _ => None,
    };
    let is_before = |call: &Call| question.is_before(call);
    let (list, is_complete) = reader.newest(target, is_before).await?;
    let may_belong = |call: &&Call| question.belongs(call) != Belongs::No;
    let calls = list.calls.iter().filter(may_belong).cloned().collect();
    Ok((calls, is_complete))
}

/// The call that was to be transferred; read again if it was active although one of these calls lasts,
/// because a call is not active while its new call lasts.
async fn current(reader: Reader<'_>, call: &Call, calls: &[Call]) -> Result<Call, Error> {
    match call.state == CallState::Active && calls.iter().any(lasts) {
        true => reader.call(&call.id).await,
        false => Ok(call.clone()),
    }
}

/// Whether the call is being transferred by the transfer in question, although several calls can be its
/// new one.
async fn is_shown_by_state(reader: Reader<'_>, question: &Question<'_>, shown: &Shown<'_>) -> bool {
    let (CallState::Transferring, Shown::Several) = (&question.call.state, shown) else {
        return false;
    };
    let answered = question.call.active_time.as_deref();
    let answered = answered.and_then(events::read_time);
    let is_before = |call: &Call| {
        let times = evidence::began(call).zip(answered);
        times.is_some_and(|(began, answered)| began < answered)
    };
    match reader.newest(None, is_before).await {
        Ok((all, true)) => question.is_by_this_transfer(&all.calls),
        _ => false,
    }
}

fn may_be_in_events(question: &Question<'_>, shown: &Shown<'_>) -> bool {
    match shown {
        Shown::New(_) => false,
        Shown::Nothing => question.call.state == CallState::Completed,
        // The events of the call are its own, whatever other calls there are.
        Shown::Several | Shown::Unclear(_) => question.window.is_some(),
    }
}

/// Concludes from the events of the call; from what was `found` before, if these don't show more.
async fn with_events(
    reader: Reader<'_>,
    question: &Question<'_>,
    finding: Finding,
    found: Finding,
) -> Finding {
    let call = question.call;
    let has_ended = call.state == CallState::Completed;
    let Ok(events) = reader.events(&call.id).await else {
        return match has_ended {
            true => finding.without_list(),
            false => found,
        };
    };
    let by_events = finding.with_events(call, &question.events(events));
    match has_ended || by_events.outcome == Outcome::Applied {
        true => by_events,
        false => found,
    }
}
