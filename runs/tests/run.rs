//! The states of rows, one process, against the sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

mod common;

use std::time::Duration;

use calltransfer::{Config, Outcome};
use calltransfer_runs::{ErrorKind, Execution, NewRow, Retry, Run, RunOptions, State};
use calltransfer_sandbox::{Fault, Reply};

use common::{Folder, TARGET, builder, config_at, place_calls, posts, rows, sent_twice};

fn open(folder: &Folder, sandbox: &calltransfer_sandbox::Sandbox) -> Run {
    let options = RunOptions::new().lease(Duration::from_secs(1));
    Run::open(folder.file("run.db"), &config_at(sandbox.url()), options).unwrap()
}

#[test]
fn rows_are_sent_once_and_applied() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 200);
    let run = open(&folder, &sandbox);
    assert_eq!(run.add(rows(&ids)).unwrap().added, 200);
    let mut ended = Vec::new();
    let summary = run
        .execute_with(Execution::new(), |row| ended.push(row.call_id.clone()))
        .unwrap();
    assert_eq!((summary.applied, summary.total()), (200, 200));
    ended.sort();
    ended.dedup();
    assert_eq!(ended.len(), 200);
    let posts = posts(&sandbox);
    assert_eq!(posts.len(), 200);
    assert!(posts.values().all(|all| all.len() == 1));
    // A second time there is nothing to do.
    assert_eq!(run.execute(Execution::new()).unwrap().applied, 200);
    assert!(sent_twice(&sandbox).is_empty());
    let row = run.rows(&[State::Applied]).next().unwrap().unwrap();
    assert!(row.new_call_id.is_some());
    assert_eq!((row.attempts, row.http_status), (1, Some(201)));
}

#[test]
fn rows_are_added_once_and_the_second_is_refused_by_name() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let run = open(&folder, &sandbox);
    let ids: Vec<_> = (0..2500).map(|n| format!("c-{n}")).collect();
    assert_eq!(run.add(rows(&ids)).unwrap().added, 2500);
    let again = run.add(rows(&ids)).unwrap();
    assert_eq!((again.added, again.present), (0, 2500));
    let error = run.add([NewRow::new("c-7", "+18382940000")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RowsRefused);
    assert_eq!(error.refused()[0].call_id, "c-7");
    assert!(error.to_string().contains("in the run already"), "{error}");
    // Far apart, so that they are of different blocks.
    let mut twice: Vec<_> = (0..1500).map(|n| format!("d-{n}")).collect();
    twice.push("d-3".to_owned());
    let error = run.add(rows(&twice)).unwrap_err();
    assert_eq!(error.refused()[0].number, 1500);
    assert!(error.to_string().contains("appears twice"), "{error}");
    assert_eq!(run.summary().unwrap().total(), 2500);
    // The rows that were refused together can be added without the duplicate.
    twice.pop();
    assert_eq!(run.add(rows(&twice)).unwrap().added, 1500);
}

#[test]
fn row_that_cannot_be_sent_is_refused_before_it_is_stored() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let run = open(&folder, &sandbox);
    let rows = [
        NewRow::new("c-1", TARGET),
        NewRow::new("c-2", TARGET).option("callerid", "private"),
        NewRow::new("c-3", "+183829478781234567"),
    ];
    let error = run.add(rows).unwrap_err();
    assert_eq!(error.refused().len(), 2);
    assert!(!error.to_string().contains("8382947878"), "{error}");
    assert!(!error.refused()[1].reason.contains("8382947878"));
    assert_eq!(run.summary().unwrap().total(), 0);
}

#[test]
fn rate_limited_rows_go_back_to_planned_and_are_sent() {
    let (folder, sandbox) = (Folder::new(), builder().rate_limit(20).start().unwrap());
    let ids = place_calls(&sandbox, 60);
    let run = open(&folder, &sandbox);
    run.add(rows(&ids)).unwrap();
    let summary = run.execute(Execution::new()).unwrap();
    assert_eq!((summary.applied, summary.total()), (60, 60));
    assert!(summary.rate.is_some());
    assert!(sent_twice(&sandbox).is_empty());
}

#[test]
fn refused_row_is_not_applied_for_good() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 2);
    let run = open(&folder, &sandbox);
    let missing = NewRow::new("c-missing", TARGET);
    run.add(rows(&ids).chain([missing])).unwrap();
    let summary = run.execute(Execution::new()).unwrap();
    assert_eq!((summary.applied, summary.not_applied), (2, 1));
    let row = run.rows(&[State::NotApplied]).next().unwrap().unwrap();
    assert_eq!(row.error_kind.as_deref(), Some("call_not_found"));
    assert_eq!(run.execute(Execution::new()).unwrap().not_applied, 1);
    assert_eq!(posts(&sandbox)["c-missing"].len(), 1);
    // A person may decide otherwise.
    assert_eq!(run.retry(Retry::NotApplied).unwrap().planned, 1);
    run.execute(Execution::new()).unwrap();
    assert_eq!(posts(&sandbox)["c-missing"].len(), 2);
}

#[test]
fn unknown_row_is_resolved_by_check_and_not_sent_again() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 3);
    // One is carried out and its response lost, one is not carried out.
    let lost = Fault::new().for_call("c-0").cut_after(0).by_reset();
    let undone = Fault::new().for_call("c-1").reply(Reply::new(500));
    sandbox.inject(vec![lost, undone]).unwrap();
    let run = open(&folder, &sandbox);
    run.add(rows(&ids)).unwrap();
    let summary = run.execute(Execution::new()).unwrap();
    assert_eq!((summary.applied, summary.unknown), (1, 2));
    let error = run.retry(Retry::Unknown).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RetryRefused);
    assert!(error.to_string().contains("check the run first"), "{error}");
    let checked = run.check().unwrap();
    assert_eq!((checked.applied, checked.not_applied), (1, 1));
    let states: Vec<_> = run.rows(&[]).map(|row| row.unwrap().state).collect();
    assert_eq!(states, [State::Applied, State::NotApplied, State::Applied]);
    let row = run.rows(&[]).next().unwrap().unwrap();
    let finding = row.finding.unwrap();
    assert_eq!(finding.outcome, Outcome::Applied);
    assert!(finding.doubt.is_some());
    // The one that was made is refused by name, the other one may be sent.
    let error = run.retry(Retry::Unknown).unwrap_err();
    assert!(error.to_string().contains("c-0"), "{error}");
    assert_eq!(run.retry(Retry::NotApplied).unwrap().planned, 1);
    assert_eq!(run.execute(Execution::new()).unwrap().applied, 3);
    let posts = posts(&sandbox);
    assert_eq!(posts["c-0"].len(), 1);
    assert_eq!(posts["c-1"].len(), 2);
}

#[test]
fn earlier_transfer_is_not_taken_for_a_row() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 2);
    let config = Config::builder()
        .account_id(sandbox.account_id())
        .client_id(sandbox.client_id())
        .client_secret(sandbox.client_secret())
        .base_url(sandbox.url())
        .build()
        .unwrap();
    // Another program transferred the first call before.
    let client = calltransfer::blocking::Client::new(config.clone());
    let earlier = calltransfer::Transfer::new(&ids[0], "+12025550100");
    client.transfer(earlier).unwrap();
    let lost = |id: &str| Fault::new().for_call(id).cut_after(0).by_reset();
    let faults = vec![lost(&ids[0]).applied(false), lost(&ids[1])];
    sandbox.inject(faults).unwrap();
    let run = Run::open(folder.file("run.db"), &config, RunOptions::new()).unwrap();
    run.add(rows(&ids)).unwrap();
    assert_eq!(run.execute(Execution::new()).unwrap().unknown, 2);
    let checked = run.check().unwrap();
    assert_eq!((checked.applied, checked.unknown), (1, 1), "{checked:?}");
    let states: Vec<_> = run.rows(&[]).map(|row| row.unwrap().state).collect();
    assert_eq!(states, [State::Unknown, State::Applied]);
}

#[test]
fn platform_that_is_not_there_leaves_rows_not_sent() {
    let folder = Folder::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let options = RunOptions::new().max_attempts(2);
    let run = Run::open(folder.file("run.db"), &config_at(&url), options).unwrap();
    run.add([NewRow::new("c-1", TARGET)]).unwrap();
    let summary = run.execute(Execution::new()).unwrap();
    assert_eq!(summary.not_sent, 1);
    let row = run.rows(&[]).next().unwrap().unwrap();
    assert_eq!(row.error_kind.as_deref(), Some("connection"));
    assert_eq!(row.attempts, 2);
}

#[test]
fn deadline_ends_rows_that_were_not_sent() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 40);
    let options = RunOptions::new()
        .rate(10.0)
        .deadline(Duration::from_secs(1));
    let run = Run::open(folder.file("run.db"), &config_at(sandbox.url()), options).unwrap();
    run.add(rows(&ids)).unwrap();
    let summary = run.execute(Execution::new()).unwrap();
    assert!(summary.is_done() && summary.applied > 0 && summary.not_sent > 0);
    let sent = posts(&sandbox).len() as u64;
    assert_eq!((summary.applied, summary.not_sent), (sent, 40 - sent));
    let row = run.rows(&[State::NotSent]).next().unwrap().unwrap();
    assert_eq!(row.error_kind.as_deref(), Some("timeout"));
}

#[test]
fn wrong_credentials_end_the_work_and_leave_the_rows_planned() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 20);
    let config = Config::builder()
        .user_id(common::USER)
        .token("t-token")
        .secret("wrong")
        .base_url(sandbox.url())
        .build()
        .unwrap();
    let options = RunOptions::new().lease(Duration::from_secs(1));
    let run = Run::open(folder.file("run.db"), &config, options).unwrap();
    run.add(rows(&ids)).unwrap();
    let error = run.execute(Execution::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Account, "{error}");
    assert_eq!(run.summary().unwrap().planned, 20);
    // With the right ones it continues.
    let run = open(&folder, &sandbox);
    assert_eq!(run.execute(Execution::new()).unwrap().applied, 20);
    assert!(sent_twice(&sandbox).is_empty());
}

#[test]
fn other_account_and_other_options_are_refused_by_name() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let (place, config) = (folder.file("run.db"), config_at(sandbox.url()));
    drop(Run::open(&place, &config, RunOptions::new().rate(20.0)).unwrap());
    drop(Run::open(&place, &config, RunOptions::new()).unwrap());
    let error = Run::open(&place, &config, RunOptions::new().rate(30.0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherRun);
    let text = error.to_string();
    assert!(text.contains("rate is 20 in the run and 30 here"), "{text}");
    let other = Config::builder()
        .user_id("u-other")
        .token("t")
        .secret("s")
        .base_url("https://example.com")
        .build()
        .unwrap();
    let error = Run::open(&place, &other, RunOptions::new()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("account is u-abc123 in the run and u-other here"),
        "{text}"
    );
    assert!(text.contains("base_url is"), "{text}");
}

#[test]
fn stop_ends_the_work_and_leaves_the_rest_planned() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 50);
    let options = RunOptions::new().rate(20.0);
    let run = Run::open(folder.file("run.db"), &config_at(sandbox.url()), options).unwrap();
    run.add(rows(&ids)).unwrap();
    let mut number = 0;
    let summary = run
        .execute_with(Execution::new(), |_| {
            number += 1;
            if number == 5 {
                run.stop();
            }
        })
        .unwrap();
    assert_eq!((summary.sending, summary.unknown), (0, 0));
    assert!(summary.planned > 30, "{summary:?}");
    assert_eq!(posts(&sandbox).len() as u64, summary.applied);
}

#[test]
fn several_workers_share_a_run_and_send_each_row_once() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 600);
    let run = open(&folder, &sandbox);
    run.add(rows(&ids)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| run.execute(Execution::new().concurrency(4)).unwrap());
        }
    });
    assert_eq!(run.summary().unwrap().applied, 600);
    assert!(posts(&sandbox).values().all(|all| all.len() == 1));
}

#[test]
fn viewed_run_shows_its_rows_and_sends_nothing() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let run = open(&folder, &sandbox);
    run.add([NewRow::new("c-1", TARGET).option("caller_id", "private")])
        .unwrap();
    let view = Run::view(folder.file("run.db")).unwrap();
    assert_eq!(view.account(), common::USER);
    let row = view.rows(&[]).next().unwrap().unwrap();
    assert_eq!((row.request.to(), row.state), (TARGET, State::Planned));
    assert_eq!(row.options()["caller_id"], "private");
    let error = view.execute(Execution::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(!format!("{row:?}{view:?}").contains(TARGET));
    assert!(Run::view(folder.file("none.db")).is_err());
}
