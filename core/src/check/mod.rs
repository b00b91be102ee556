//! Finds out whether a call was transferred: by its state, and by lists if the state is not conclusive.

mod evidence;
mod reader;
mod shared;
mod subject;
mod v1;
mod window;

use tokio::time::Instant;

use crate::api::Api;
use crate::clock::since_boot;
use crate::error::{Error, Outcome, SentTransfer};
use crate::protocol::steps::{Running, Sender, Steps};
use crate::recent_transfers;
use crate::response::{Call, CallState, Finding};
use evidence::Question;
use reader::Reader;
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
        let reader = Reader {
            sender,
            deadline: Some(Instant::now() + timeout),
            shared: self.shared.as_ref(),
        };
        let begin = since_boot();
        let finding = Finding::of(reader.call(&self.call_id).await)?;
        let Some(call) = finding.call.clone() else {
            return Ok(finding);
        };
        let Some(sent) = &self.sent else {
            return Ok(self.check_call(reader, finding, &call).await);
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
            Api::V1 => v1::check(reader, finding, &question).await,
            Api::V2 => Ok(match reader.since(&call).await {
                Ok(list) => question.by_parent(finding, &list.calls, list.is_whole),
                Err(_) => finding.without_list(),
            }),
        }
    }

    /// Whether the call was transferred at all: only its ID is known.
    async fn check_call(&self, reader: Reader<'_>, finding: Finding, call: &Call) -> Finding {
        if finding.outcome != Outcome::Unknown {
            return finding;
        }
        match reader.sender.config().api() {
            Api::V1 => match reader.events(&self.call_id).await {
                Ok(events) => finding.with_events(call, &events),
                Err(_) => finding.without_list(),
            },
            Api::V2 => {
                let is_leg = |other: &Call| other.has_parent(&self.call_id);
                match reader.leg_since(call, is_leg).await {
                    Ok((leg, is_complete)) => finding.with_list(leg, is_complete),
                    Err(_) => finding.without_list(),
                }
            }
        }
    }
}

/// A call in such a state was never answered, or waits to be placed.
fn is_before_any_transfer(state: &CallState) -> bool {
    matches!(
        state,
        CallState::Started | CallState::Rejected | CallState::Queued
    )
}
