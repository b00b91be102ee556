//! The invariants: what was reported to the caller agrees with what arrived at the server.

use std::collections::HashMap;

use crate::arrival::Arrival;
use crate::clients::{ACCESS_TOKEN, CALLER_ID, ClientReport, SECRET, TO, TOKEN};

/// Compares what was reported to the caller with what arrived at the server.
///
/// # Errors
/// The invariant that was broken.
pub fn check_invariants(reported: &ClientReport, arrivals: &[Arrival]) -> Result<(), String> {
    nothing_leaks(reported)?;
    let posts: Vec<_> = arrivals
        .iter()
        .filter(|a| a.head.starts_with("POST /v1/") || is_v2(a))
        .collect();
    let begun = posts.len() as u64;
    if begun > reported.attempts {
        return Err(format!(
            "{begun} requests arrived, {} attempts were reported",
            reported.attempts
        ));
    }
    let complete: Vec<_> = posts.iter().filter(|a| a.complete).collect();
    let refused = complete.iter().filter(|a| is_refusal(a)).count();
    let open = complete.len() - refused;
    if open > 1 {
        return Err(format!(
            "{open} requests arrived whole without a refusal: made twice"
        ));
    }
    // A token request carries the client's own secret, and is not a transfer.
    let credentials_seen = arrivals
        .iter()
        .filter(|a| !a.is_for_token())
        .any(|a| a.head.to_lowercase().contains("\nauthorization:"));
    let body_seen = posts.iter().any(|a| !a.body.is_empty());
    match reported.outcome.as_str() {
        "not_sent" if credentials_seen => {
            Err("reported not sent, but the credentials were".to_owned())
        }
        "not_sent" if body_seen => Err("reported not sent, but a body arrived".to_owned()),
        "not_applied" if open != 0 => {
            Err("reported not applied, but a request was not refused".to_owned())
        }
        "applied" if open != 1 || !posts.last().is_some_and(|a| is_success(a)) => {
            Err("reported applied, but the server didn't say so last".to_owned())
        }
        "unknown" if posts.last().is_some_and(|a| is_refusal(a) || is_success(a)) => {
            Err("reported unknown, but the server's response was clear".to_owned())
        }
        "not_sent" | "not_applied" | "applied" | "unknown" => Ok(()),
        other => Err(format!("{other:?} is no outcome")),
    }
}

/// Token, secret, their encoding and whole numbers appear nowhere.
fn nothing_leaks(reported: &ClientReport) -> Result<(), String> {
    let encoded = "dC10b2tlbi00NzExOnMtc2VjcmV0LTA4MTU="; // base64 of token:secret
    for secret in [
        TOKEN,
        SECRET,
        ACCESS_TOKEN,
        encoded,
        &encoded[..20],
        &TO[1..],
        &CALLER_ID[1..],
    ] {
        if reported.shown.contains(secret) {
            return Err(format!("{secret:?} can be read in {}", reported.shown));
        }
    }
    Ok(())
}

fn is_v2(arrival: &Arrival) -> bool {
    arrival.head.starts_with("PUT /api/v2/")
}

fn is_success(arrival: &Arrival) -> bool {
    let says_so = arrival
        .status()
        .is_some_and(|status| (200..300).contains(&status));
    says_so && !is_web_page(arrival)
}

/// A page for a browser, which the platform never sends, unless v1's new call is named with it.
fn is_web_page(arrival: &Arrival) -> bool {
    let response = String::from_utf8_lossy(&arrival.response).to_lowercase();
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    let names_call = !is_v2(arrival) && head.contains("/v1/users/u-abc123/calls/c-new");
    let empty = body.is_empty() && !head.contains("chunked");
    let page = head.contains("text/html") && !empty || body.contains("<html");
    page && !names_call
}

/// The statuses with which the platform says that it did nothing, in this file's own words.
fn is_refusal(arrival: &Arrival) -> bool {
    match arrival.status() {
        Some(408) => false,
        Some(301 | 302 | 307 | 308 | 400..=499) => true,
        Some(503) if !is_v2(arrival) => {
            let response = String::from_utf8_lossy(&arrival.response);
            response.contains("\"call-unavailable\"") && response.ends_with('}') // said to its end
        }
        _ => false,
    }
}

/// Compares the reported outcomes of many calls with the requests that arrived: no transfer was
/// made twice. Returns the number of unknown outcomes.
///
/// # Panics
/// If a reported outcome contradicts the requests that arrived.
pub fn unknown_of(reported: &HashMap<String, &str>, arrivals: &[Arrival]) -> usize {
    let times_by_call = transfers_by_call(arrivals);
    for (call_id, outcome) in reported {
        let times = times_by_call.get(call_id).copied().unwrap_or(0);
        match *outcome {
            "applied" => assert_eq!(times, 1, "{call_id}"),
            "unknown" => assert!(times <= 1, "{call_id} came {times} times"),
            _ => assert_eq!(times, 0, "{call_id}"),
        }
    }
    reported.values().filter(|one| **one == "unknown").count()
}

/// How often each call was transferred: by requests that came whole, of either API.
fn transfers_by_call(arrivals: &[Arrival]) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for arrival in arrivals {
        if arrival.complete && !arrival.is_for_token() {
            let path = arrival.line().split(' ').nth(1).unwrap_or_default();
            let call_id = path.rsplit('/').find(|part| *part != "bxml");
            *times
                .entry(call_id.unwrap_or_default().to_owned())
                .or_default() += 1;
        }
    }
    times
}
