//! The decisions of a sequence, and when it stops.

use serde_json::json;

use super::*;
use crate::api::Api;
use crate::events::Event;
use crate::follow::Follow;

fn made(new_call_id: Option<&str>) -> Result<Transferred, Error> {
    let id = new_call_id.map(str::to_owned);
    Ok(Transferred::new(id, "c-1", 201, None))
}

fn status(event: &str, cause: Option<&str>) -> FollowStatus {
    let mut follow = Follow::new(Api::V1, "c-1", Some("c-2")).unwrap();
    let fields = json!({"eventType": event, "callId": "c-2", "cause": cause});
    follow.event(&Event::parse(fields.to_string(), None).unwrap());
    follow.status()
}

fn caller(state: &str) -> Call {
    Call::parse(Api::V1, json!({"id": "c-1", "state": state})).unwrap()
}

fn after_busy() -> Sequence {
    let mut sequence = Sequence::new(["+12", "+13"], None);
    assert_eq!(sequence.step(), Step::Transfer(0));
    sequence.transferred(made(Some("c-2")));
    assert_eq!(sequence.step(), Step::Follow(0));
    sequence.followed(status("hangup", Some("USER_BUSY")));
    assert_eq!(sequence.step(), Step::ReadCaller);
    sequence
}

#[test]
fn next_target_needs_an_active_caller() {
    for (state, step) in [
        ("active", Step::Transfer(1)),
        ("transferring", Step::ReadCaller),
        ("completed", Step::Stop(StopReason::CallerGone)),
        ("rejected", Step::Stop(StopReason::CallerGone)),
        ("started", Step::Stop(StopReason::CallerGone)),
        ("a new state", Step::Stop(StopReason::CallerGone)),
    ] {
        let mut sequence = after_busy();
        sequence.caller(&caller(state));
        assert_eq!(sequence.step(), step, "{state}");
    }
}

#[test]
fn result_that_is_not_certain_stops_the_sequence() {
    for (event, cause, step) in [
        ("answer", None, Step::Stop(StopReason::Answered)),
        (
            "hangup",
            Some("NORMAL_CLEARING"),
            Step::Stop(StopReason::Answered),
        ),
        (
            "hangup",
            Some("NORMAL_TEMPORARY_FAILURE"),
            Step::Stop(StopReason::Unknown),
        ),
        ("hangup", None, Step::Stop(StopReason::Unknown)),
        ("hangup", Some("UNALLOCATED_NUMBER"), Step::ReadCaller),
        ("timeout", None, Step::ReadCaller),
        // These don't stop the sequence.
        ("speak", None, Step::Follow(0)),
    ] {
        let mut sequence = Sequence::new(["+12", "+13"], None);
        sequence.transferred(made(Some("c-2")));
        sequence.followed(status(event, cause));
        assert_eq!(sequence.step(), step, "{event} {cause:?}");
        let is_over = matches!(step, Step::Stop(_));
        assert_eq!(sequence.reason().is_empty(), !is_over);
    }
}

#[test]
fn no_kind_of_error_lets_an_unknown_outcome_pass() {
    for kind in ErrorKind::ALL {
        for outcome in Outcome::ALL {
            let mut sequence = Sequence::new(["+12", "+13"], None);
            sequence.transferred(Err(Error::new(*kind, *outcome, "x")));
            let stays_safe = matches!(outcome, Outcome::NotSent | Outcome::NotApplied);
            let stopped = Step::Stop(StopReason::Unknown);
            assert_eq!(sequence.step() == stopped, !stays_safe, "{kind} {outcome}");
            assert_ne!(
                sequence.step(),
                Step::Transfer(1),
                "the caller is read first"
            );
        }
    }
}

#[test]
fn report_that_is_not_awaited_changes_nothing() {
    let mut sequence = after_busy();
    sequence.transferred(made(Some("c-9")));
    sequence.followed(status("answer", None));
    assert_eq!(sequence.step(), Step::ReadCaller);
    sequence.give_up("enough");
    sequence.give_up("again");
    sequence.caller(&caller("active"));
    assert_eq!(sequence.step(), Step::Stop(StopReason::Unknown));
    assert_eq!(sequence.reason(), "enough");
    assert!(!format!("{sequence:?}").contains("+12"));
}

fn ringing() -> FollowStatus {
    let mut follow = Follow::new(Api::V1, "c-1", Some("c-2")).unwrap();
    follow.give_up("the time is over");
    follow.status()
}

#[test]
fn target_that_rings_too_long_is_hung_up_once() {
    let ring = Duration::from_secs(20);
    let mut sequence = Sequence::new(["+12", "+13"], Some(ring));
    sequence.transferred(made(Some("c-2")));
    assert_eq!(sequence.follow_timeout(), ring);
    sequence.followed(ringing());
    assert_eq!(sequence.step(), Step::HangUp(0));
    sequence.hung_up();
    assert_eq!(sequence.step(), Step::Follow(0));
    assert_eq!(sequence.follow_timeout(), SETTLES);
    sequence.followed(ringing());
    assert_eq!(sequence.step(), Step::Stop(StopReason::Unknown));
}

#[test]
fn target_that_answers_as_it_is_hung_up_is_doubtful() {
    let mut sequence = Sequence::new(["+12"], Some(Duration::from_secs(1)));
    sequence.transferred(made(Some("c-2")));
    sequence.followed(ringing());
    sequence.hung_up();
    sequence.followed(status("answer", None));
    assert_eq!(sequence.step(), Step::Stop(StopReason::Answered));
    assert_eq!(sequence.answered(), Some(0));
    let doubt = sequence.targets()[0].status.as_ref().unwrap().doubt;
    assert!(doubt.is_some_and(|doubt| doubt.contains("ringing was to be ended")));
}

#[test]
fn target_that_rings_is_not_hung_up_without_ring_or_new_call() {
    for (ring, new_call_id) in [(None, Some("c-2")), (Some(Duration::from_secs(1)), None)] {
        let mut sequence = Sequence::new(["+12"], ring);
        sequence.transferred(made(new_call_id));
        assert_eq!(sequence.follow_timeout(), ring.unwrap_or(PLATFORM_RING));
        let mut status = ringing();
        status.new_call_id = new_call_id.map(str::to_owned);
        sequence.followed(status);
        assert_eq!(sequence.step(), Step::Stop(StopReason::Unknown));
    }
}

#[test]
fn caller_is_read_for_ten_seconds_at_most() {
    let early = SETTLES - Duration::from_millis(1);
    for (failed, reason) in [
        (None, "the call is still being transferred"),
        (Some("no connection"), "no connection"),
    ] {
        let mut sequence = after_busy();
        assert_eq!(sequence.pause(early, failed), Some(PAUSE));
        assert_eq!(sequence.step(), Step::ReadCaller);
        assert_eq!(sequence.pause(SETTLES, failed), None);
        assert_eq!(sequence.step(), Step::Stop(StopReason::Unknown));
        assert_eq!(sequence.reason(), reason);
    }
    let mut sequence = after_busy();
    sequence.caller(&caller("active"));
    assert_eq!(sequence.pause(early, None), None);
}

#[test]
fn only_a_refusal_of_the_first_target_is_an_error() {
    let refusal = || {
        Err(Error::new(
            ErrorKind::Authentication,
            Outcome::NotApplied,
            "x",
        ))
    };
    let mut sequence = Sequence::new(["+12", "+13"], None);
    sequence.transferred(refusal());
    assert!(sequence.is_refused());
    let mut sequence = after_busy();
    sequence.caller(&caller("active"));
    sequence.transferred(refusal());
    assert_eq!(sequence.step(), Step::Stop(StopReason::Refused));
    assert!(!sequence.is_refused());
    let mut sequence = after_busy();
    sequence.caller(&caller("completed"));
    assert!(!sequence.is_refused());
}

#[test]
fn last_target_ends_the_sequence() {
    let mut sequence = Sequence::new(["+12"], None);
    sequence.transferred(made(Some("c-2")));
    sequence.followed(status("timeout", None));
    sequence.caller(&caller("active"));
    assert_eq!(sequence.step(), Step::Stop(StopReason::AllTried));
    let none = Sequence::new(Vec::<String>::new(), None);
    assert_eq!(none.step(), Step::Stop(StopReason::AllTried));
}
