//! What reading the call shows after an unknown outcome.

use super::call::Call;
use super::call_event::CallEvent;
use crate::call_state::CallState;
use crate::error::{Error, ErrorKind, Outcome};

/// What is known of a transfer after reading the call, with reason and doubt.
///
/// Reading the call takes one `GET`. If its state does not show the outcome, there are more: in v1
/// one for the list of the call's events, in v2 one or more for the list of calls. The transfer is
/// never sent again.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The most likely outcome of the transfer.
    pub outcome: Outcome,
    /// The call that was read; `None` if the platform has no such call.
    pub call: Option<Call>,
    /// The new call that shows the transfer. v2 only.
    pub new_call_id: Option<String>,
    /// The reason for the outcome.
    pub reason: &'static str,
    /// Why the result may be wrong; `None` if there is no known reason.
    pub doubt: Option<&'static str>,
}

impl Finding {
    /// Concludes from a read of the call. If the call could not be read, that error is returned.
    pub(crate) fn of(read: Result<Call, Error>) -> Result<Self, Error> {
        let call = match read {
            Ok(call) => call,
            Err(error) if error.kind() == ErrorKind::CallNotFound => {
                return Ok(Self {
                    outcome: Outcome::Unknown,
                    call: None,
                    new_call_id: None,
                    reason: "the platform has no such call",
                    doubt: Some("it may have ended long ago, with or without the transfer"),
                });
            }
            Err(error) => return Err(error),
        };
        let (outcome, reason, doubt) = by_state(&call.state);
        Ok(Self {
            outcome,
            call: Some(call),
            new_call_id: None,
            reason,
            doubt,
        })
    }

    /// v1: concludes from the list of the call's events, if the state does not show the outcome.
    pub(crate) fn with_events(mut self, call: &Call, events: &[CallEvent]) -> Self {
        let was_transferring = events.iter().any(CallEvent::names_transfer);
        let was_active = call.active_time.is_some()
            || events
                .iter()
                .any(|event| event.name == "answer" || event.state() == Some(CallState::Active));
        let has_ended = events.iter().any(|event| event.name == "hangup");
        (self.outcome, self.reason, self.doubt) = if was_transferring {
            (
                Outcome::Applied,
                "an event of the call says that it was being transferred",
                Some("another program may have requested it"),
            )
        } else if has_ended && !was_active {
            (
                Outcome::NotApplied,
                "the call ended without having been answered, as its events show, so it cannot have \
                 been transferred",
                None,
            )
        } else {
            (
                Outcome::Unknown,
                "neither the state of the call nor the list of its events shows a transfer",
                Some("the list does not necessarily name every transfer"),
            )
        };
        self
    }

    /// v2: concludes from the list of calls, if the state does not show the outcome.
    pub(crate) fn with_list(mut self, leg: Option<Call>, is_complete: bool) -> Self {
        (self.outcome, self.reason, self.doubt) = match &leg {
            Some(_) => (
                Outcome::Applied,
                "a call has this call as parentCallId: a transfer made it",
                Some("another program may have requested it, or it is an earlier transfer"),
            ),
            None if is_complete => (
                Outcome::Unknown,
                "no call has this call as parentCallId",
                Some(
                    "the list may be late, and a request that is still in transit may yet be applied",
                ),
            ),
            None => (
                Outcome::Unknown,
                "none of the calls read has this call as parentCallId",
                Some("the list has more calls than were read"),
            ),
        };
        self.new_call_id = leg.map(|leg| leg.id);
        self
    }

    /// The list that might show the outcome could not be read.
    pub(crate) fn without_list(mut self) -> Self {
        self.outcome = Outcome::Unknown;
        self.doubt = Some(
            "only the state of the call could be read, which does not show the outcome; check again",
        );
        self
    }
}

/// Outcome, reason and doubt.
type Conclusion = (Outcome, &'static str, Option<&'static str>);

/// What the state of a call shows of its transfer.
fn by_state(state: &CallState) -> Conclusion {
    let in_transit =
        Some("a request that is still in transit may yet be applied; wait, then check again");
    match state {
        CallState::Transferring => (
            Outcome::Applied,
            "the call is being transferred",
            Some("another program may have requested it"),
        ),
        CallState::Active => (
            Outcome::NotApplied,
            "the call is active, as it was before",
            in_transit,
        ),
        CallState::Started => (
            Outcome::NotApplied,
            "the call is not answered yet, so it cannot have been transferred",
            None,
        ),
        CallState::Rejected => (
            Outcome::NotApplied,
            "the call was rejected, so it cannot have been transferred",
            None,
        ),
        CallState::Queued => (Outcome::NotApplied, "the call is still queued", in_transit),
        CallState::Completed | CallState::Disconnected => (
            Outcome::Unknown,
            "the call has ended",
            Some("its state does not show whether the transfer happened"),
        ),
        CallState::Initiated | CallState::Answered => (
            Outcome::Unknown,
            "the call is connected, as it is before, during and after a transfer",
            Some("its events show a transfer, and so does a call whose parentCallId is this call"),
        ),
        CallState::Other(_) => (
            Outcome::Unknown,
            "the state of the call is unknown to this library",
            Some("it may or may not have been transferred"),
        ),
    }
}
