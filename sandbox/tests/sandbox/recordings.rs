//! Recordings: starting, stopping, listing and playing them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{CALL, CALLS, OWNED, USER, call_path, get, post, update};
use crate::life::{names, stepped};

#[test]
fn recording_has_an_event_is_listed_and_can_be_played() {
    let sandbox = stepped();
    update(&sandbox, &json!({"recordingEnabled": true}));
    sandbox.advance(Duration::from_millis(1_500));
    update(&sandbox, &json!({"recordingEnabled": false}));
    update(
        &sandbox,
        &json!({"recordingEnabled": true, "recordingFileFormat": "mp3"}),
    );
    sandbox.hang_up(CALL).unwrap();
    let call = sandbox.call(CALL).unwrap();
    assert_eq!(
        names(&call),
        ["incomingcall", "answer", "recording", "recording", "hangup"]
    );
    let list = get(&sandbox, &format!("{}/recordings", call_path(CALL))).json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0]["state"], "complete");
    let path = |url: &Value| {
        let url = url.as_str().unwrap();
        url.strip_prefix("http://sandbox.localhost")
            .unwrap()
            .to_owned()
    };
    let wav = get(&sandbox, &path(&list[0]["media"]));
    assert_eq!(wav.header("content-type"), Some("audio/wav"));
    assert_eq!(&wav.body[..4], b"RIFF");
    // 1.5 s of 8,000 samples of 2 bytes after a header of 44 bytes.
    assert_eq!(wav.body.len(), 44 + 24_000);
    let mp3 = get(&sandbox, &path(&list[1]["media"]));
    assert_eq!(mp3.header("content-type"), Some("audio/mpeg"));
    assert_eq!(&mp3.body[..2], [0xff, 0xfb]);
    let events = get(&sandbox, &format!("{}/events", call_path(CALL))).json();
    assert_eq!(events[2]["recordingId"], list[0]["id"]);
    let one = get(&sandbox, &path(&events[2]["recordingUri"])).json();
    assert_eq!(one, list[0]);
    let all = get(&sandbox, &format!("/v1/users/{USER}/recordings")).json();
    assert_eq!(all, list);
    assert_eq!(
        get(&sandbox, &format!("/v1/users/{USER}/recordings/rec-no")).status,
        404
    );
}

#[test]
fn recording_ends_at_its_longest_duration() {
    let sandbox = stepped();
    let body = json!({"from": OWNED, "to": "+12025550101", "recordingEnabled": true, "recordingMaxDuration": 3});
    let id = post(&sandbox, CALLS, &body).new_id();
    sandbox.advance(Duration::from_secs(10));
    let recordings = sandbox.call(&id).unwrap().recordings;
    let length = |it: &calltransfer_sandbox::Recording| {
        it.end_time.unwrap().as_millisecond() - it.start_time.as_millisecond()
    };
    assert_eq!(recordings.iter().map(length).collect::<Vec<_>>(), [3_000]);
}
