//! The next target when one does not answer: by the sandbox's record, never two for one caller.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::ops::ControlFlow;
use std::time::Duration;

use calltransfer::{
    ErrorKind, FirstTransferred, FollowResult, Outcome, Request, StopReason, Transfer,
    TransferToFirst, blocking,
};
use calltransfer_sandbox::{Call, CallState, Clock, Fault, Line, Reply, Sandbox};
use support::{client, place, v1, v2};

const ANSWERS: &str = "+12025550101";
const BUSY: &str = "+12025550110";

/// Every test number that ends or is refused, with what the sequence does after it.
const OTHERS: [(&str, Option<StopReason>); 15] = [
    (BUSY, None),
    ("+12025550111", None),
    ("+12025550112", None),
    ("+12025550113", None),
    ("+12025550114", None),
    ("+12025550120", None),
    ("+447700900120", None),
    ("+12025550121", None),
    ("+12025550122", None),
    ("+12025550123", None),
    ("+12025550124", None),
    ("+12025550125", None),
    ("+12025550126", Some(StopReason::Unknown)),
    ("+12025550127", Some(StopReason::Unknown)),
    ("+12025550128", Some(StopReason::Refused)),
];

fn targets(call_id: &str, to: &[&str]) -> TransferToFirst {
    let first = TransferToFirst::new(Transfer::new(call_id, to[0]));
    to[1..].iter().fold(first, |first, to| first.or_to(*to))
}

/// The new calls that transfers of this call made.
fn legs(sandbox: &Sandbox, call_id: &str) -> Vec<Call> {
    let of_call = |leg: &Call| leg.transferred_from.as_deref() == Some(call_id);
    sandbox.calls().into_iter().filter(of_call).collect()
}

/// What must hold whatever happened, by the sandbox's record.
fn check_record(sandbox: &Sandbox, call_id: &str, result: Option<&FirstTransferred>, what: &str) {
    let legs = legs(sandbox, call_id);
    let answered: Vec<_> = legs
        .iter()
        .filter(|leg| leg.active_time.is_some())
        .collect();
    assert!(answered.len() <= 1, "{what}: two targets answered");
    for pair in legs.windows(2) {
        // The one before had ended when the next was called.
        let end = pair[0].end_time;
        assert!(
            end.is_some_and(|end| end <= pair[1].start_time)
                || pair[0].start_time == pair[1].start_time,
            "{what}: two new calls at once"
        );
    }
    let Some(result) = result else { return };
    match (result.stopped, answered.first()) {
        (StopReason::Answered, Some(leg)) => {
            let target = &result.targets[result.answered.unwrap()];
            assert_eq!(target.to, leg.to, "{what}");
        }
        (StopReason::Answered, None) => panic!("{what}: reported an answer that was not"),
        (StopReason::AllTried | StopReason::CallerGone | StopReason::Refused, Some(_)) => {
            panic!("{what}: the answer was not reported: {result:?}")
        }
        _ => {}
    }
}

#[test]
fn v1_goes_on_only_after_certain_results() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1().max_retries(0));
    for (to, stop) in OTHERS {
        let call_id = place(&sandbox);
        let result = client.transfer_to_first(targets(&call_id, &[BUSY, to, ANSWERS]));
        let result = result.unwrap();
        assert_eq!(
            result.stopped,
            stop.unwrap_or(StopReason::Answered),
            "{to}: {result:?}"
        );
        assert_eq!(result.answered, stop.is_none().then_some(2), "{to}");
        assert_eq!(result.targets[0].result(), Some(FollowResult::Busy));
        assert_eq!(result.targets[2].outcome.is_some(), stop.is_none(), "{to}");
        check_record(&sandbox, &call_id, Some(&result), to);
        assert!(!format!("{result:?}").contains("5550101"));
    }
}

#[test]
fn v1_first_target_refused_for_all_is_an_error() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    let conflict = client.transfer_to_first(targets(&place(&sandbox), &["+12025550128", ANSWERS]));
    assert_eq!(conflict.unwrap_err().kind(), ErrorKind::Conflict);
    let gone = client.transfer_to_first(targets("c-none", &[BUSY, ANSWERS]));
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::CallNotFound);
}

#[test]
fn v1_completed_call_cannot_be_transferred_again() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    let call_id = place(&sandbox);
    // It answers and hangs up: that ends the caller's call, too.
    let hangs_up = Line::Answers {
        ring_ms: 0,
        talk_ms: Some(1),
    };
    sandbox.set_line("+18382947878", hangs_up).unwrap();
    let result = client.transfer_to_first(targets(&call_id, &["+18382947878", ANSWERS]));
    assert_eq!(result.unwrap().answered, Some(0));
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(sandbox.call(&call_id).unwrap().state, CallState::Completed);
    let again = client.transfer_to_first(targets(&call_id, &[ANSWERS]));
    assert_eq!(again.unwrap_err().kind(), ErrorKind::CallNotActive);
    check_record(&sandbox, &call_id, None, "completed");
}

#[test]
fn v1_caller_who_hangs_up_gets_no_further_target() {
    let sandbox = Sandbox::builder().start().unwrap();
    let call_id = place(&sandbox);
    let config = v1().base_url(sandbox.url()).build().unwrap();
    let client = blocking::Client::new(config);
    std::thread::scope(|scope| {
        let first = targets(&call_id, &["+12025550104", ANSWERS]);
        let running = scope.spawn(|| client.transfer_to_first(first));
        while legs(&sandbox, &call_id).is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        sandbox.hang_up(&call_id).unwrap();
        let result = running.join().unwrap().unwrap();
        assert_eq!(result.stopped, StopReason::CallerGone);
        assert_eq!(result.targets[0].result(), Some(FollowResult::Cancelled));
        assert_eq!(result.targets[1].outcome, None);
        check_record(&sandbox, &call_id, Some(&result), "caller");
    });
}

#[test]
fn v1_target_that_rings_too_long_is_ended() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    let call_id = place(&sandbox);
    let first = targets(&call_id, &["+12025550104", ANSWERS]).ring(Duration::from_secs(1));
    let result = client.transfer_to_first(first).unwrap();
    assert_eq!(result.answered, Some(1), "{result:?}");
    assert_eq!(result.targets[0].result(), Some(FollowResult::Cancelled));
    check_record(&sandbox, &call_id, Some(&result), "ring");
}

#[test]
fn invalid_target_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::builder().start().unwrap();
    for config in [v1(), v2()] {
        let client = client(&sandbox, config);
        let wrong = targets("c-1", &[BUSY, "12"]);
        let refused = client.transfer_to_first(wrong).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn v2_targets_ring_at_once_and_the_first_to_answer_is_named() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v2().max_retries(0));
    for (to, _) in OTHERS {
        let call_id = place(&sandbox);
        let result = client.transfer_to_first(targets(&call_id, &[to, ANSWERS]));
        let has_answered = legs(&sandbox, &call_id)
            .iter()
            .any(|leg| leg.active_time.is_some());
        check_record(&sandbox, &call_id, result.as_ref().ok(), to);
        match to {
            // These refuse the whole request: with 429, 409, or 500.
            "+12025550124" | "+12025550128" => {
                assert_eq!(result.unwrap_err().outcome(), Outcome::NotApplied, "{to}");
                assert!(!has_answered, "{to}");
            }
            "+12025550125" | "+12025550126" | "+12025550127" => {
                assert_eq!(result.unwrap().stopped, StopReason::Unknown, "{to}");
            }
            _ => {
                assert!(has_answered, "{to}");
                assert_eq!(result.unwrap().answered, Some(1), "{to}");
            }
        }
    }
    let puts = sandbox.requests();
    let puts = puts
        .iter()
        .filter(|request| request.method == "PUT")
        .count();
    assert_eq!(puts, OTHERS.len());
}

#[test]
fn v2_targets_that_all_end_have_their_own_results() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v2());
    let call_id = place(&sandbox);
    let both = [BUSY, "+12025550112"];
    let result = client.transfer_to_first(targets(&call_id, &both)).unwrap();
    assert_eq!(result.answered, None);
    // Without a document for the event transferComplete the call ends.
    assert_eq!(result.stopped, StopReason::CallerGone, "{result:?}");
    assert_eq!(result.targets[0].result(), Some(FollowResult::Busy));
    assert_eq!(result.targets[1].result(), Some(FollowResult::Rejected));
}

/// A name, and what is done to a fault.
type Fails = (&'static str, fn(Fault) -> Fault);

/// What can go wrong with a request, whichever it is.
fn faults() -> Vec<Fails> {
    vec![
        ("500", |fault| fault.reply(Reply::new(500))),
        ("503", |fault| fault.reply(Reply::new(503))),
        ("applied 500", |fault| {
            fault.reply(Reply::new(500)).applied(true)
        }),
        ("429", |fault| fault.reply(Reply::new(429))),
        ("cut", |fault| fault.cut_after(0)),
        ("cut in the head", |fault| fault.cut_after(20).by_reset()),
        ("cut, not applied", |fault| {
            fault.cut_after(0).applied(false)
        }),
        ("nonsense", |fault| fault.raw("nonsense")),
        ("late", |fault| fault.delay(Duration::from_millis(700))),
        ("silence", |fault| fault.no_response()),
    ]
}

/// How often each came.
#[derive(Debug, Default)]
struct Ends {
    answered: usize,
    unknown: usize,
    others: usize,
}

#[test]
fn no_fault_brings_two_targets_to_one_caller() {
    let numbers = [
        ANSWERS,
        BUSY,
        "+12025550112",
        "+12025550114",
        "+12025550125",
        "+12025550127",
    ];
    let mut ends = Ends::default();
    std::thread::scope(|scope| {
        let each = numbers.map(|to| scope.spawn(move || with_faults(to)));
        for of_number in each {
            let of_number = of_number.join().unwrap();
            ends.answered += of_number.answered;
            ends.unknown += of_number.unknown;
            ends.others += of_number.others;
        }
    });
    // Faults that never matter would prove nothing.
    assert!(ends.answered > 100 && ends.unknown > 50, "{ends:?}");
}

fn with_faults(to: &str) -> Ends {
    let sandbox = Sandbox::builder().start().unwrap();
    sandbox.set_clock(Clock::Running(200.0)).unwrap();
    let mut ends = Ends::default();
    for config in [v1(), v2()] {
        let config = config.timeout(Duration::from_millis(400)).max_retries(1);
        let client = client(&sandbox, config);
        for (name, fault) in faults() {
            // The first, second, third and fourth request that concerns the calls, or now and then one.
            for which in 0..5 {
                let call_id = place(&sandbox);
                let what = format!("{} {name} {to} {which}", client.config().api().as_str());
                let harmless = || Fault::new().delay(Duration::from_millis(1));
                let chosen = match which {
                    4 => fault(Fault::new()).rate(0.3, 7),
                    _ => fault(Fault::new()),
                };
                let mut all: Vec<_> = (0..which % 4).map(|_| harmless()).collect();
                all.push(chosen);
                sandbox.inject(all).unwrap();
                let first = targets(&call_id, &[to, BUSY, ANSWERS]);
                let result = client.transfer_to_first(first.ring(Duration::from_secs(1)));
                sandbox.forget_faults();
                check_record(&sandbox, &call_id, result.as_ref().ok(), &what);
                match result.map(|result| result.stopped) {
                    Ok(StopReason::Answered) => ends.answered += 1,
                    Ok(StopReason::Unknown) => ends.unknown += 1,
                    Ok(_) => ends.others += 1,
                    Err(error) => {
                        assert!(error.is_safe_to_repeat(), "{what}: {error}");
                        ends.others += 1;
                    }
                }
            }
        }
    }
    ends
}

#[test]
fn stop_while_a_target_rings_leaves_the_outcome_unknown() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    let call_id = place(&sandbox);
    let first = targets(&call_id, &["+12025550104", ANSWERS]);
    let request = Request::transfer_to_first(client.config(), first).unwrap();
    assert_eq!((request.method(), request.call_id()), ("POST", &*call_id));
    // After the first read of the new call: the transfer was made.
    let is_followed = || sandbox.requests().iter().any(|sent| sent.method == "GET");
    let mut check = || match is_followed() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let stopped = client.execute_interruptible(request, Duration::from_millis(5), &mut check);
    let error = stopped.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    assert_eq!(legs(&sandbox, &call_id).len(), 1);
}
