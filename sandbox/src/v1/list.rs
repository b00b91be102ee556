//! The list of calls: filters, order and pages.

use serde_json::Value;
use url::form_urlencoded;

use crate::calls::call::Call;
use crate::calls::call_store::CallStore;
use crate::v1::refusal::Refusal;

const DEFAULT_SIZE: usize = 25;
const LARGEST_SIZE: usize = 1000;

/// A page of the list of calls.
pub(crate) struct Page<'a> {
    pub(crate) calls: Vec<&'a Call>,
    page: usize,
    size: usize,
    /// The number of the last page.
    last: usize,
    /// The other parameters of the query.
    rest: String,
}

impl Page<'_> {
    /// The value of the Link header (RFC 8288), by which clients go through the pages.
    pub(crate) fn links(&self, calls: &str) -> String {
        let link = |page: usize, word: &str| {
            let and = if self.rest.is_empty() { "" } else { "&" };
            let (size, rest) = (self.size, &self.rest);
            format!("<{calls}?page={page}&size={size}{and}{rest}>; rel=\"{word}\"")
        };
        let mut links = vec![link(0, "first")];
        if self.page > 0 {
            links.push(link(self.page - 1, "previous"));
        }
        if self.page < self.last {
            links.push(link(self.page + 1, "next"));
        }
        links.push(link(self.last, "last"));
        links.join(", ")
    }
}

/// The page of calls that a query requests. Unknown parameters are ignored.
pub(crate) fn page<'a>(call_store: &'a CallStore, query: &str) -> Result<Page<'a>, Refusal> {
    let (mut bridge, mut conference) = (false, false);
    let (mut from, mut to) = (None, None);
    let (mut page, mut size, mut newest_first) = (0, DEFAULT_SIZE, true);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let refuse = |why| Refusal::field(name.as_ref(), &Value::from(value.as_ref()), why);
        match name.as_ref() {
            "from" => from = Some(value.into_owned()),
            "to" => to = Some(value.into_owned()),
            // No call of a sandbox is in a bridge or a conference.
            "bridgeId" => bridge = true,
            "conferenceId" => conference = true,
            "page" => {
                page = value
                    .parse::<usize>()
                    .map_err(|_| refuse("must be a whole number from 0"))?;
            }
            "size" => {
                size = value
                    .parse::<usize>()
                    .ok()
                    .filter(|size| (1..=LARGEST_SIZE).contains(size))
                    .ok_or_else(|| refuse("must be a whole number from 1 to 1000"))?;
            }
            "sortOrder" => {
                newest_first = match value.as_ref() {
                    "asc" => false,
                    "desc" => true,
                    _ => return Err(refuse("is not valid; expected one of: asc, desc")),
                };
            }
            _ => {}
        }
    }
    let wanted = |call: &&Call| {
        !bridge
            && !conference
            && from.as_ref().is_none_or(|from| call.from == *from)
            && to.as_ref().is_none_or(|to| call.to == *to)
    };
    let mut calls: Vec<&Call> = call_store.all().filter(wanted).collect();
    if newest_first {
        calls.reverse();
    }
    let last = calls.len().saturating_sub(1) / size;
    let start = page.saturating_mul(size);
    let calls = calls.into_iter().skip(start).take(size).collect();
    let others = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name != "page" && name != "size");
    let rest = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .finish();
    Ok(Page {
        calls,
        page,
        size,
        last,
        rest,
    })
}
