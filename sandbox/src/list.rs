//! The list of calls: filters, order and pages.

use serde_json::Value;
use url::form_urlencoded;

use crate::call::Call;
use crate::refusal::Refusal;
use crate::switchboard::Switchboard;

const DEFAULT_SIZE: usize = 25;
const LARGEST_SIZE: usize = 1000;

/// The page of calls that a query asks for. Unknown parameters are ignored.
pub(crate) fn page<'a>(
    switchboard: &'a Switchboard,
    query: &str,
) -> Result<Vec<&'a Call>, Refusal> {
    let (mut from, mut to) = (None, None);
    let (mut page, mut size, mut newest_first) = (0, DEFAULT_SIZE, true);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let refuse = |why| Refusal::field(name.as_ref(), &Value::from(value.as_ref()), why);
        match name.as_ref() {
            "from" => from = Some(value.into_owned()),
            "to" => to = Some(value.into_owned()),
            "page" => {
                page = value
                    .parse::<usize>()
                    .map_err(|_| refuse("has to be a whole number from 0"))?;
            }
            "size" => {
                size = value
                    .parse::<usize>()
                    .ok()
                    .filter(|size| (1..=LARGEST_SIZE).contains(size))
                    .ok_or_else(|| refuse("has to be a whole number from 1 to 1000"))?;
            }
            "sortOrder" => {
                newest_first = match value.as_ref() {
                    "asc" => false,
                    "desc" => true,
                    _ => return Err(refuse("has to be asc or desc")),
                };
            }
            _ => {}
        }
    }
    let mut calls = switchboard.all();
    calls.retain(|call| {
        from.as_ref().is_none_or(|from| call.from == *from)
            && to.as_ref().is_none_or(|to| call.to == *to)
    });
    if newest_first {
        calls.reverse();
    }
    let start = page.saturating_mul(size);
    Ok(calls.into_iter().skip(start).take(size).collect())
}
