//! Finds out whether a call was transferred: from its state, or from a list if the state does not
//! show it.

use tokio::time::Instant;

use crate::config::Api;
use crate::error::{Error, Outcome};
use crate::follow::calls_since;
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::response::{Call, Finding};

/// Reads the call; in v1 the list of its events, in v2 the list of calls.
pub(crate) struct Check {
    pub(crate) call_id: String,
}

impl Steps<Finding> for Check {
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, Finding> {
        Box::pin(self.check(sender))
    }
}

impl Check {
    /// One timeout for all reads. If a later read fails, the finding is based on the first one.
    async fn check(&self, sender: Sender<'_>) -> Result<Finding, Error> {
        let config = sender.config();
        let deadline = Some(Instant::now() + config.timeout());
        let read = sender
            .send(Request::get_call(config, &self.call_id)?, deadline)
            .await;
        let finding = Finding::of(read)?;
        if finding.outcome != Outcome::Unknown {
            return Ok(finding);
        }
        let Some(call) = finding.call.clone() else {
            return Ok(finding);
        };
        match config.api() {
            Api::V1 => {
                let request = Request::get_call_events(config, &self.call_id)?;
                Ok(match sender.send(request, deadline).await {
                    Ok(events) => finding.with_events(&call, &events),
                    Err(_) => finding.without_list(),
                })
            }
            Api::V2 => {
                let is_leg = |other: &Call| other.has_parent(&self.call_id);
                let start_time = call.start_time;
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
