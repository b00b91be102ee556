//! Which transfer a check is about: never an earlier one, nor one of another client, by the sandbox's
//! record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use calltransfer::{
    Api, ConfigBuilder, Error, Finding, Outcome, SentTransfer, SharedCalls, Transfer, blocking,
};
use calltransfer_sandbox::{Fault, IncomingCall, Sandbox};
use support::{client, place, v1, v2};

const ANSWERS: &str = "+12025550101";
const BUSY: &str = "+12025550110";
const OTHER: &str = "+12025550111";
const SLOW: &str = "+12025550100";

/// A target after which the call can be transferred again: in v1 once it is back, in v2 always.
fn earlier(api: Api) -> &'static str {
    match api {
        Api::V1 => BUSY,
        _ => SLOW,
    }
}

fn both() -> [(Api, fn() -> ConfigBuilder); 2] {
    [(Api::V1, v1), (Api::V2, v2)]
}

/// The response to the transfer is lost; the platform carries it out, or not.
fn lose(sandbox: &Sandbox, client: &blocking::Client, transfer: Transfer, applied: bool) -> Error {
    // The access token of v2, so that the fault meets the transfer.
    client.prepare().unwrap();
    let fault = Fault::new().cut_after(0).by_reset().applied(applied);
    sandbox.inject(vec![fault]).unwrap();
    let error = client.transfer(transfer).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    error
}

/// The new calls of a call, the earliest first.
fn legs(sandbox: &Sandbox, call_id: &str) -> Vec<String> {
    let calls = sandbox.calls().into_iter();
    calls
        .filter(|call| call.transferred_from.as_deref() == Some(call_id))
        .map(|call| call.id)
        .collect()
}

fn same(finding: &Finding, outcome: Outcome, new_call_id: Option<&str>, what: Api) {
    assert_eq!(finding.outcome, outcome, "{what:?}: {finding:?}");
    assert_eq!(finding.new_call_id.as_deref(), new_call_id, "{what:?}");
}

#[test]
fn earlier_transfer_is_not_taken_for_a_lost_one() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (client, call) = (client(&sandbox, config()), place(&sandbox));
        client.transfer(Transfer::new(&call, earlier(api))).unwrap();
        let error = lose(&sandbox, &client, Transfer::new(&call, ANSWERS), false);
        assert_eq!(legs(&sandbox, &call).len(), 1);
        let expected = match api {
            Api::V1 => Outcome::NotApplied,
            _ => Outcome::Unknown,
        };
        same(&client.check(&error).unwrap(), expected, None, api);
        if api == Api::V2 {
            // By its ID: the call was transferred, and which transfer that was is not known.
            let finding = client.check(&call).unwrap();
            assert_eq!(finding.outcome, Outcome::Applied);
            assert!(finding.doubt.unwrap().contains("earlier transfer"));
        }
    }
}

#[test]
fn earlier_transfer_that_lasts_is_not_taken_for_a_lost_one() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (client, call) = (client(&sandbox, config()), place(&sandbox));
        client.transfer(Transfer::new(&call, ANSWERS)).unwrap();
        let error = lose(&sandbox, &client, Transfer::new(&call, OTHER), false);
        same(&client.check(&error).unwrap(), Outcome::Unknown, None, api);
    }
}

#[test]
fn applied_transfer_is_found_with_its_new_call() {
    for target in [ANSWERS, OTHER] {
        for (api, config) in both() {
            let sandbox = Sandbox::builder().start().unwrap();
            let (client, call) = (client(&sandbox, config()), place(&sandbox));
            client.transfer(Transfer::new(&call, earlier(api))).unwrap();
            let error = lose(&sandbox, &client, Transfer::new(&call, target), true);
            let of_call = legs(&sandbox, &call);
            assert_eq!(of_call.len(), 2);
            let finding = client.check(&error).unwrap();
            same(&finding, Outcome::Applied, Some(&of_call[1]), api);
            let sent = error.sent_transfer().unwrap();
            assert_eq!(sent.call_id(), call);
            assert_eq!(sent.targets().collect::<Vec<_>>(), [target]);
            assert_eq!(client.check(sent).unwrap(), finding);
            assert!(!format!("{error:?}{sent:?}").contains(&target[1..]));
        }
    }
}

#[test]
fn same_target_twice_is_never_wrong() {
    for applied in [false, true] {
        for (api, config) in both() {
            let sandbox = Sandbox::builder().start().unwrap();
            let (client, call) = (client(&sandbox, config()), place(&sandbox));
            client.transfer(Transfer::new(&call, earlier(api))).unwrap();
            let error = lose(
                &sandbox,
                &client,
                Transfer::new(&call, earlier(api)),
                applied,
            );
            same(&client.check(&error).unwrap(), Outcome::Unknown, None, api);
        }
    }
}

#[test]
fn same_target_long_before_is_not_taken_for_a_lost_one() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (before, after) = (client(&sandbox, config()), client(&sandbox, config()));
        let call = place(&sandbox);
        before.transfer(Transfer::new(&call, earlier(api))).unwrap();
        sandbox.advance(Duration::from_secs(60));
        let error = lose(&sandbox, &after, Transfer::new(&call, earlier(api)), false);
        let finding = after.check(&error).unwrap();
        assert_ne!(finding.outcome, Outcome::Applied, "{api:?}: {finding:?}");
    }
}

#[test]
fn refused_transfer_before_leaves_no_doubt() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (client, call) = (client(&sandbox, config()), place(&sandbox));
        client.prepare().unwrap();
        let fault = Fault::new().reply(calltransfer_sandbox::Reply::new(409));
        sandbox.inject(vec![fault]).unwrap();
        client.transfer(Transfer::new(&call, BUSY)).unwrap_err();
        let error = lose(&sandbox, &client, Transfer::new(&call, BUSY), true);
        let of_call = legs(&sandbox, &call);
        let finding = client.check(&error).unwrap();
        same(&finding, Outcome::Applied, Some(&of_call[0]), api);
    }
}

#[test]
fn two_clients_at_once_find_their_own_calls() {
    let sandbox = Sandbox::builder().start().unwrap();
    let call = place(&sandbox);
    let barrier = Barrier::new(2);
    let fault = Fault::new()
        .cut_after(0)
        .by_reset()
        .for_call(&call)
        .times(2);
    sandbox.inject(vec![fault]).unwrap();
    let transfer = |target: &'static str| {
        let client = client(&sandbox, v2());
        client.prepare().unwrap();
        barrier.wait();
        let error = client.transfer(Transfer::new(&call, target)).unwrap_err();
        barrier.wait();
        let found = client.check(&error).unwrap();
        assert_eq!(found.outcome, Outcome::Applied, "{found:?}");
        let leg = sandbox.call(found.new_call_id.as_deref().unwrap()).unwrap();
        assert_eq!((found.outcome, leg.to.as_str()), (Outcome::Applied, target));
    };
    thread::scope(|scope| {
        scope.spawn(|| transfer(ANSWERS));
        scope.spawn(|| transfer(SLOW));
    });
}

#[test]
fn two_clients_at_once_to_one_target_are_not_confused() {
    for lost in [false, true] {
        let sandbox = Sandbox::builder().start().unwrap();
        let (one, two) = (client(&sandbox, v2()), client(&sandbox, v2()));
        let call = place(&sandbox);
        let first = lose(&sandbox, &one, Transfer::new(&call, ANSWERS), true);
        let second = lose(&sandbox, &two, Transfer::new(&call, ANSWERS), !lost);
        for (client, error) in [(&one, &first), (&two, &second)] {
            same(
                &client.check(error).unwrap(),
                Outcome::Unknown,
                None,
                Api::V2,
            );
        }
    }
}

#[test]
fn transfer_of_another_call_to_the_same_target_is_not_taken() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (client, call) = (client(&sandbox, config()), place(&sandbox));
        let other = IncomingCall::new("+19195550109", "+18385550199");
        let other = sandbox.place_incoming_call(other).unwrap();
        client.transfer(Transfer::new(&other, BUSY)).unwrap();
        let error = lose(&sandbox, &client, Transfer::new(&call, BUSY), false);
        let expected = match api {
            Api::V1 => Outcome::NotApplied,
            _ => Outcome::Unknown,
        };
        same(&client.check(&error).unwrap(), expected, None, api);
    }
}

#[test]
fn of_several_targets_the_one_that_answered_is_named() {
    let sandbox = Sandbox::builder().start().unwrap();
    let (client, call) = (client(&sandbox, v2()), place(&sandbox));
    let transfer = Transfer::new(&call, BUSY).also_to(ANSWERS);
    let error = lose(&sandbox, &client, transfer, true);
    let found = client.check(&error).unwrap();
    let leg = sandbox.call(found.new_call_id.as_deref().unwrap()).unwrap();
    assert_eq!(
        (found.outcome, leg.to.as_str()),
        (Outcome::Applied, ANSWERS)
    );
}

#[test]
fn clock_of_the_platform_that_jumped_decides_nothing() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (client, call) = (client(&sandbox, config()), place(&sandbox));
        client.get_call(&call).unwrap();
        let error = lose(&sandbox, &client, Transfer::new(&call, BUSY), true);
        sandbox.advance(Duration::from_secs(3 * 3600));
        same(&client.check(&error).unwrap(), Outcome::Unknown, None, api);
    }
}

#[test]
fn list_that_cannot_be_read_decides_nothing() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (client, call) = (client(&sandbox, config().max_retries(0)), place(&sandbox));
        let error = lose(&sandbox, &client, Transfer::new(&call, BUSY), true);
        let busy = || Fault::new().reply(calltransfer_sandbox::Reply::new(500));
        sandbox.inject(vec![Fault::new(), busy()]).unwrap();
        let finding = client.check(&error).unwrap();
        same(&finding, Outcome::Unknown, None, api);
        assert!(
            finding
                .doubt
                .unwrap()
                .contains("only the state of the call could be read")
        );
    }
}

#[test]
fn transfer_of_another_process_is_checked_by_its_times() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let (client, call) = (client(&sandbox, config()), place(&sandbox));
        lose(&sandbox, &client, Transfer::new(&call, OTHER), true);
        let of_call = legs(&sandbox, &call);
        let transfer = Transfer::new(&call, OTHER);
        let second = Duration::from_secs(1);
        let sent = SentTransfer::new(&transfer, second, Duration::ZERO);
        let found = client.check(&sent).unwrap();
        same(&found, Outcome::Applied, Some(&of_call[0]), api);
        let sent = SentTransfer::new(&transfer, 600 * second, 590 * second);
        same(&client.check(&sent).unwrap(), Outcome::Unknown, None, api);
    }
}

#[test]
fn error_without_a_transfer_is_checked_by_its_call() {
    let sandbox = Sandbox::builder().start().unwrap();
    let (client, call) = (client(&sandbox, v1()), place(&sandbox));
    let fault = Fault::new().reply(calltransfer_sandbox::Reply::new(409));
    sandbox.inject(vec![fault]).unwrap();
    let error = client.transfer(Transfer::new(&call, BUSY)).unwrap_err();
    assert!(error.sent_transfer().is_none());
    same(
        &client.check(&error).unwrap(),
        Outcome::NotApplied,
        None,
        Api::V1,
    );
    let error = client.transfer(Transfer::new("", BUSY)).unwrap_err();
    assert_eq!(client.check(&error).unwrap_err().field(), Some("call_id"));
}

#[test]
fn checks_that_share_lists_read_each_list_once() {
    for (api, config) in both() {
        let sandbox = Sandbox::builder().start().unwrap();
        let client = client(&sandbox, config());
        let errors: Vec<Error> = (0..5)
            .map(|_| {
                lose(
                    &sandbox,
                    &client,
                    Transfer::new(place(&sandbox), SLOW),
                    true,
                )
            })
            .collect();
        let shared = SharedCalls::new();
        let before = sandbox.requests().len();
        for error in &errors {
            let sent = error.sent_transfer().unwrap();
            let finding = client.check(shared.subject(sent)).unwrap();
            assert_eq!(finding.outcome, Outcome::Applied, "{api:?}: {finding:?}");
        }
        let requests = sandbox.requests();
        let lists = requests.iter().skip(before).filter(|request| {
            let path = request.path.split('?').next().unwrap_or_default();
            path.ends_with("/calls")
        });
        assert!(lists.count() <= 2, "{api:?}");
    }
}

#[test]
fn checks_at_once_on_one_client_keep_their_own_time() {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    // Each to its own target, so that nothing but the time could leave one open.
    let errors: Vec<Error> = (0..8)
        .map(|number| {
            let target = format!("+1838294780{number}");
            lose(
                &sandbox,
                &client,
                Transfer::new(place(&sandbox), target),
                true,
            )
        })
        .collect();
    for _ in 0..100 {
        let begin = Barrier::new(errors.len());
        thread::scope(|scope| {
            for error in &errors {
                let (begin, client) = (&begin, &client);
                scope.spawn(move || {
                    begin.wait();
                    let finding = client.check(error).unwrap();
                    assert_eq!(finding.outcome, Outcome::Applied, "{finding:?}");
                });
            }
        });
    }
}
