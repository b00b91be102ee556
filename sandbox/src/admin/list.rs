//! Lists of the admin interface: the last entries of a list, and pages of calls.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::ok;
use super::view::{self, PAGE};
use crate::http::received::Received;
use crate::http::response::Response;
use crate::state::State;
use crate::v1::refusal::Refusal;

/// A page of the calls, in the order in which they were placed: those after `after`, or the `last`.
///
/// `next` is the `after` of the following page, or null on the last one.
pub(super) fn calls(request: &Received, state: &State) -> Result<Response, Refusal> {
    let whole = "must be a whole number";
    let limit = match number(request, "limit", whole)? {
        None => PAGE,
        Some(limit) if (1..=PAGE).contains(&limit) => limit,
        Some(limit) => return Err(too_many("limit", limit, "must be 1 to 1,000")),
    };
    let page: Vec<_> = match number(request, "last", whole)? {
        Some(last) if last > PAGE => {
            return Err(too_many("last", last, "must be at most 1,000"));
        }
        Some(last) => {
            let mut calls: Vec<_> = state.call_store.all().rev().take(last).collect();
            calls.reverse();
            calls
        }
        None => match number(request, "after", whole)? {
            Some(after) => state
                .call_store
                .after(u64::try_from(after).unwrap_or(u64::MAX))
                .take(limit)
                .collect(),
            None => state.call_store.all().take(limit).collect(),
        },
    };
    let end = page.last().map(|call| call.key);
    let next = end.filter(|end| state.call_store.after(*end).next().is_some());
    let calls: Vec<Value> = page.into_iter().map(view::call).collect();
    let version = state.call_store.version();
    Ok(ok(
        &json!({"version": version, "calls": calls, "next": next}),
    ))
}

/// The whole list, or its last entries if the query has a number, as in `last=100`.
pub(super) fn last<'a, T>(request: &Received, list: &'a [T]) -> Result<&'a [T], Refusal> {
    let wanted = number(request, "last", "must be a whole number")?.unwrap_or(list.len());
    let skipped = list.len().saturating_sub(wanted);
    Ok(list.get(skipped..).unwrap_or_default())
}

/// The number that the query gives for this name.
fn number(request: &Received, name: &str, allowed: &str) -> Result<Option<usize>, Refusal> {
    let query = request.query.as_deref().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let Some((_, value)) = pairs.find(|(given, _)| given == name) else {
        return Ok(None);
    };
    let refuse = |_| Refusal::field(name, &Value::from(value.as_ref()), allowed);
    value.parse().map(Some).map_err(refuse)
}

fn too_many(name: &str, given: usize, allowed: &str) -> Refusal {
    Refusal::field(name, &Value::from(given), allowed)
}
