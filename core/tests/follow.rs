//! Followed transfers in the sandbox, by reads alone; and what `check` concludes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::mpsc;
use std::time::Duration;

use calltransfer::{
    CallerState, Cause, Client, ErrorKind, Follow, FollowResult, FollowStatus, FollowUntil,
    Outcome, Transfer, background, blocking,
};
use calltransfer_sandbox::{CallState, Clock, Fault, IncomingCall, Reply, Sandbox};
use support::{client, place, v1, v2};

const PLENTY: Duration = Duration::from_secs(30);

fn followed(client: &blocking::Client, call_id: &str, to: &str) -> FollowStatus {
    let done = client.transfer(Transfer::new(call_id, to)).unwrap();
    let mut follow = client.follow(&done).unwrap();
    follow.wait(FollowUntil::Answered, PLENTY).unwrap()
}

const NUMBERS: [(&str, FollowResult, Option<Cause>); 6] = [
    ("+12025550101", FollowResult::Answered, None),
    ("+12025550110", FollowResult::Busy, Some(Cause::Busy)),
    (
        "+12025550111",
        FollowResult::NoAnswer,
        Some(Cause::NoAnswer),
    ),
    (
        "+12025550112",
        FollowResult::Rejected,
        Some(Cause::Rejected),
    ),
    (
        "+12025550113",
        FollowResult::Failed,
        Some(Cause::Unallocated),
    ),
    ("+12025550114", FollowResult::Failed, Some(Cause::Failed)),
];

#[test]
fn v1_result_matches_number_and_caller_is_active() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    for (to, result, cause) in NUMBERS {
        let status = followed(&client, &place(&sandbox), to);
        assert_eq!((status.result, status.cause), (Some(result), cause), "{to}");
        let is_unanswered = result != FollowResult::Answered;
        assert_eq!(status.is_certainly_unanswered, is_unanswered, "{to}");
        assert_eq!(status.may_transfer_again(), is_unanswered, "{to}");
        assert_eq!(status.answered_time.is_some(), !is_unanswered, "{to}");
    }
}

#[test]
fn v2_result_is_that_of_the_new_call_in_the_list() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v2());
    for (to, result, _) in NUMBERS {
        let status = followed(&client, &place(&sandbox), to);
        assert_eq!(status.result, Some(result), "{to}");
        let leg = sandbox.call(&status.new_call_id.unwrap()).unwrap();
        assert_eq!(leg.to, to);
    }
}

#[test]
fn wait_until_the_end_sees_the_end() {
    let sandbox = Sandbox::builder().start().unwrap();
    for config in [v1(), v2()] {
        let client = client(&sandbox, config);
        let call_id = place(&sandbox);
        let done = client
            .transfer(Transfer::new(&call_id, "+12025550101"))
            .unwrap();
        let mut follow = client.follow(&done).unwrap();
        let status = follow.wait(FollowUntil::Answered, PLENTY).unwrap();
        assert_eq!(status.caller, CallerState::Transferred);
        let early = follow.wait(FollowUntil::Ended, Duration::ZERO).unwrap();
        assert!(!early.is_ended, "{early:?}");
        sandbox.hang_up(&call_id).unwrap();
        let status = follow.wait(FollowUntil::Ended, PLENTY).unwrap();
        assert_eq!(status.result, Some(FollowResult::Answered));
        assert!(status.is_ended && status.ended_time >= status.answered_time);
        assert_eq!(status.caller, CallerState::Ended);
    }
}

#[test]
fn wait_that_times_out_can_be_repeated() {
    let sandbox = Sandbox::builder().start().unwrap();
    for config in [v1(), v2()] {
        let client = client(&sandbox, config);
        let call_id = place(&sandbox);
        let done = client
            .transfer(Transfer::new(&call_id, "+12025550104"))
            .unwrap();
        let mut follow = client.follow(&done).unwrap();
        let status = follow
            .wait(FollowUntil::Answered, Duration::from_millis(300))
            .unwrap();
        assert_eq!(status.result, Some(FollowResult::Unknown), "{status:?}");
        assert!(status.evidence.contains("neither answered nor over"));
        assert!(!status.is_certainly_unanswered && !status.is_ended);
        let leg = sandbox.call(&call_id).unwrap().transferred_to.unwrap();
        sandbox.answer(&leg).unwrap();
        let status = follow.wait(FollowUntil::Answered, PLENTY).unwrap();
        assert_eq!(status.result, Some(FollowResult::Answered));
    }
}

#[test]
fn failed_reads_are_made_again_until_the_time_is_over() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1().max_retries(0));
    let done = client
        .transfer(Transfer::new(place(&sandbox), "+12025550110"))
        .unwrap();
    sandbox
        .inject(vec![
            Fault::new().reply(Reply::new(500)),
            Fault::new().cut_after(20).by_reset(),
            Fault::new().raw("nonsense"),
        ])
        .unwrap();
    let mut follow = client.follow(&done).unwrap();
    let status = follow.wait(FollowUntil::Answered, PLENTY).unwrap();
    assert_eq!(status.result, Some(FollowResult::Busy));
    // From the IDs alone, as after a restart; and no read succeeds.
    sandbox
        .inject(vec![Fault::new().reply(Reply::new(503)).times(1000)])
        .unwrap();
    let again = Follow::of(client.config().api(), &done).unwrap();
    let mut again = client.follow_from(again);
    let status = again
        .wait(FollowUntil::Answered, Duration::from_millis(600))
        .unwrap();
    assert_eq!(status.result, Some(FollowResult::Unknown));
    assert!(status.evidence.contains("503"), "{}", status.evidence);
}

#[test]
fn wrong_credentials_end_the_wait_at_once() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1().secret("wrong"));
    let follow = Follow::new(client.config().api(), "c-1", Some("c-2")).unwrap();
    let waited = client
        .follow_from(follow)
        .wait(FollowUntil::Answered, PLENTY);
    assert_eq!(waited.unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn follow_of_the_other_api_is_refused() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    let follow = Follow::new(calltransfer::Api::V2, "c-1", None).unwrap();
    let waited = client
        .follow_from(follow)
        .wait(FollowUntil::Answered, PLENTY);
    assert_eq!(waited.unwrap_err().field(), Some("follow"));
    assert!(sandbox.requests().is_empty());
}

#[test]
fn async_and_background_clients_follow_too() {
    let sandbox = Sandbox::builder().start().unwrap();
    let config = v1().base_url(sandbox.url()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let done = runtime.block_on(async {
        let client = Client::new(config.clone());
        let transfer = Transfer::new(place(&sandbox), "+12025550112");
        let done = client.transfer(transfer).await.unwrap();
        let mut follow = client.follow(&done).unwrap();
        let status = follow.wait(FollowUntil::Answered, PLENTY).await.unwrap();
        assert_eq!(status.result, Some(FollowResult::Rejected));
        done
    });
    let client = background::Client::new(config);
    let (sender, receiver) = mpsc::channel();
    let follow = Follow::of(client.config().api(), &done).unwrap();
    let done = move |result| drop(sender.send(result));
    client
        .follow(follow, FollowUntil::Answered, PLENTY, done)
        .unwrap();
    let follow = receiver.recv().unwrap().unwrap();
    assert_eq!(follow.status().result, Some(FollowResult::Rejected));
}

#[test]
fn events_of_a_call_are_listed_in_v1_only() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client_v1 = client(&sandbox, v1());
    let done = client_v1
        .transfer(Transfer::new(place(&sandbox), "+12025550110"))
        .unwrap();
    let leg = done.new_call_id.unwrap();
    let events = client_v1.get_call_events(&leg).unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.name, "hangup");
    assert_eq!(last.cause, Some(Cause::Busy));
    assert!(!format!("{events:?}").contains("2025550110"));
    let missing = client_v1.get_call_events("c-none").unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::CallNotFound);
    let refused = client(&sandbox, v2()).get_call_events(&leg).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Configuration);
    assert_eq!(refused.field(), Some("api"));
}

#[test]
fn v2_check_names_the_new_call_as_evidence() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v2());
    let call_id = place(&sandbox);
    let before = client.check(&call_id).unwrap();
    assert_eq!(before.outcome, Outcome::Unknown);
    assert!(before.reason.contains("no call has this call"));
    // The response is lost; the transfer was made.
    sandbox.inject(vec![Fault::new().cut_after(0)]).unwrap();
    let lost = client.transfer(Transfer::new(&call_id, "+12025550101"));
    assert_eq!(lost.unwrap_err().outcome(), Outcome::Unknown);
    for _ in 0..2 {
        let after = client.check(&call_id).unwrap();
        assert_eq!(after.outcome, Outcome::Applied);
        assert_eq!(
            after.new_call_id,
            sandbox.call(&call_id).unwrap().transferred_to
        );
        assert!(after.reason.contains("parentCallId") && after.doubt.is_some());
        // The same when it has ended.
        let _ = sandbox.hang_up(&call_id);
    }
}

#[test]
fn v1_check_of_unanswered_ended_call_is_not_applied() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    let call = IncomingCall::new("+19195550100", "+18385550199").state(CallState::Started);
    let call_id = sandbox.place_incoming_call(call).unwrap();
    sandbox.hang_up(&call_id).unwrap();
    let finding = client.check(&call_id).unwrap();
    assert_eq!(
        (finding.outcome, finding.doubt),
        (Outcome::NotApplied, None)
    );
    // One that was answered may have been transferred.
    let call_id = place(&sandbox);
    sandbox.hang_up(&call_id).unwrap();
    let finding = client.check(&call_id).unwrap();
    assert_eq!(finding.outcome, Outcome::Unknown);
    assert!(finding.reason.contains("list of its events"));
}

#[test]
fn check_without_list_uses_call_state() {
    let sandbox = Sandbox::builder().start().unwrap();
    for config in [v1(), v2()] {
        let client = client(&sandbox, config.max_retries(0));
        let call_id = place(&sandbox);
        sandbox.hang_up(&call_id).unwrap();
        let _ = client.get_call(&call_id).unwrap();
        sandbox
            .script(vec![Reply::new(200).body(shape(&call_id)), Reply::new(500)])
            .unwrap();
        let finding = client.check(&call_id).unwrap();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert!(
            finding
                .doubt
                .unwrap()
                .contains("only the state of the call")
        );
    }
}

/// An ended call that both APIs can read.
fn shape(call_id: &str) -> String {
    format!(r#"{{"id": "{call_id}", "callId": "{call_id}", "state": "completed"}}"#)
}

#[test]
fn polls_wait_for_the_limit_of_requests() {
    let sandbox = Sandbox::builder().rate_limit(1).start().unwrap();
    sandbox.set_clock(Clock::Stepped).unwrap();
    let client = client(&sandbox, v1());
    let done = client
        .transfer(Transfer::new(place(&sandbox), "+12025550110"))
        .unwrap();
    sandbox.advance(Duration::from_secs(3));
    let mut follow = client.follow(&done).unwrap();
    let status = follow.wait(FollowUntil::Answered, PLENTY).unwrap();
    assert_eq!(status.result, Some(FollowResult::Busy));
}
