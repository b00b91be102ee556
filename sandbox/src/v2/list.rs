//! The list of calls in v2: filters, and pages by token.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::form_urlencoded;

use crate::calls::call::Call;
use crate::calls::call_store::CallStore;
use crate::v2::refusal::Refusal;
use crate::v2::view;

const DEFAULT_SIZE: usize = 1_000;
const LARGEST_SIZE: usize = 10_000;

/// A page of the list of calls, in the order in which they were placed.
pub(crate) struct Page<'a> {
    pub(crate) calls: Vec<&'a Call>,
    /// The query of the next page.
    next: Option<String>,
}

impl Page<'_> {
    /// The value of the Link header (RFC 8288), where there is a next page.
    pub(crate) fn link(&self, calls: &str) -> Option<String> {
        let next = self.next.as_ref()?;
        Some(format!("<{calls}?{next}>; rel=\"next\""))
    }
}

/// The page of calls that a query requests. Unknown parameters are ignored.
pub(crate) fn page<'a>(call_store: &'a CallStore, query: &str) -> Result<Page<'a>, Refusal> {
    let (mut from, mut to, mut cause) = (None, None, None);
    let (mut earliest, mut latest) = (None, None);
    let (mut size, mut after) = (DEFAULT_SIZE, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let refuse = |why: &str| Refusal::validation(format!("{name}: {why}"));
        match name.as_ref() {
            "from" => from = Some(value.into_owned()),
            "to" => to = Some(value.into_owned()),
            "disconnectCause" => cause = Some(value.into_owned()),
            "minStartTime" => {
                let time = time(&value).ok_or_else(|| refuse("is not an ISO 8601 time"))?;
                earliest = Some(time);
            }
            "maxStartTime" => {
                let time = time(&value).ok_or_else(|| refuse("is not an ISO 8601 time"))?;
                latest = Some(time);
            }
            "pageSize" => {
                size = value
                    .parse()
                    .ok()
                    .filter(|size| (1..=LARGEST_SIZE).contains(size))
                    .ok_or_else(|| refuse("must be a whole number from 1 to 10000"))?;
            }
            "pageToken" => {
                let key = value.strip_prefix("after-").and_then(|it| it.parse().ok());
                after = Some(key.ok_or_else(|| refuse("is not a token of this list"))?);
            }
            _ => {}
        }
    }
    let wanted = |call: &&Call| {
        from.as_ref().is_none_or(|from| call.from == *from)
            && to.as_ref().is_none_or(|to| call.to == *to)
            && earliest.is_none_or(|time| call.start_time >= time)
            && latest.is_none_or(|time| call.start_time <= time)
            && cause
                .as_deref()
                .is_none_or(|cause| view::disconnect_cause(call) == Some(cause))
    };
    // One more than requested shows whether there is a next page.
    let mut calls: Vec<&Call> = match after {
        Some(after) => call_store
            .after(after)
            .filter(wanted)
            .take(size + 1)
            .collect(),
        None => call_store.all().filter(wanted).take(size + 1).collect(),
    };
    let more = calls.len() > size;
    calls.truncate(size);
    let last = calls.last().filter(|_| more).map(|call| call.key);
    Ok(Page {
        calls,
        next: last.map(|last| query_after(query, last)),
    })
}

/// The same query for the calls after this one.
fn query_after(query: &str, key: u64) -> String {
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "pageToken");
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("pageToken", &format!("after-{key}"))
        .finish()
}

/// A time, or a date for its first moment in UTC.
fn time(text: &str) -> Option<Timestamp> {
    let of_date = || {
        let date: Date = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
    };
    text.parse().ok().or_else(of_date)
}
