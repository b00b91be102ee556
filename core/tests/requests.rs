//! One record for each request that has ended, of every client and however it ends.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use calltransfer::{Client, Config, ErrorKind, Outcome, RequestRecord, Transfer, blocking};
use calltransfer_sandbox::{Fault, IncomingCall, Reply, Sandbox};

type Records = Arc<Mutex<Vec<RequestRecord>>>;

fn observed(sandbox: &Sandbox) -> (Config, Records) {
    let records = Records::default();
    let seen = Arc::clone(&records);
    let config = Config::builder()
        .user_id("u-abc123")
        .token("t-token")
        .secret("s-secret")
        .base_url(sandbox.url())
        .on_request(move |record| seen.lock().unwrap().push(record.clone()));
    (config.build().unwrap(), records)
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret");
    let sandbox = sandbox.start().unwrap();
    let call = IncomingCall::new("+19195550100", "+18385550199").id("c-1");
    sandbox.place_incoming_call(call).unwrap();
    sandbox
}

#[test]
fn transfer_with_a_retry_has_one_record() {
    let sandbox = sandbox();
    let (config, records) = observed(&sandbox);
    let busy = Reply::new(503).header("Retry-After", "0").body(
        r#"{"category": "unavailable", "code": "call-unavailable", "message": "later", "details": []}"#,
    );
    sandbox.script(vec![busy]).unwrap();
    let client = blocking::Client::new(config);
    let done = client
        .transfer(Transfer::new("c-1", "+18382947878"))
        .unwrap();
    let records = records.lock().unwrap();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(
        (record.action, record.call_id.as_str()),
        ("transfer", "c-1")
    );
    assert_eq!((record.outcome, record.kind), (Outcome::Applied, None));
    assert_eq!((record.attempts, record.http_status), (2, Some(201)));
    assert_eq!(record.new_call_id, done.new_call_id);
    assert!(!format!("{record:?}").contains("8382947878"));
}

#[test]
fn refused_request_has_its_kind() {
    let sandbox = sandbox();
    let (config, records) = observed(&sandbox);
    let client = blocking::Client::new(config);
    client.get_call("c-none").unwrap_err();
    let records = records.lock().unwrap();
    let record = &records[0];
    assert_eq!(record.kind, Some(ErrorKind::CallNotFound));
    assert_eq!((record.http_status, records.len()), (Some(404), 1));
}

#[test]
fn dropped_future_leaves_a_record() {
    let sandbox = sandbox();
    let (config, records) = observed(&sandbox);
    sandbox.inject(vec![Fault::new().no_response()]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Client::new(config);
        let request = async move { client.transfer(Transfer::new("c-1", "+18382947878")).await };
        let task = tokio::spawn(request);
        while sandbox.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        task.abort();
        task.await.unwrap_err();
    });
    let records = records.lock().unwrap();
    let ended: Vec<_> = records.iter().map(|it| (it.outcome, it.attempts)).collect();
    assert_eq!(ended, [(Outcome::Unknown, 1)]);
}

#[test]
fn several_requests_of_one_verb_are_recorded_each() {
    let sandbox = sandbox();
    let (config, records) = observed(&sandbox);
    let client = blocking::Client::new(config);
    let done = client
        .transfer(Transfer::new("c-1", "+12025550110"))
        .unwrap();
    let mut follow = client.follow(&done).unwrap();
    follow
        .wait(calltransfer::FollowUntil::Ended, Duration::from_secs(60))
        .unwrap();
    let records = records.lock().unwrap();
    let actions: Vec<_> = records.iter().map(|record| record.action).collect();
    assert_eq!(actions[0], "transfer");
    assert!(actions.contains(&"get_call") && actions.contains(&"get_call_events"));
}
