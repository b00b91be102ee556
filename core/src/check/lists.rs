//! The lists of calls that a check reads: its own, or one that it shares with others.

use std::sync::Arc;

use tokio::time::Instant;

use super::shared::{List, SharedCalls};
use crate::calls::CallQuery;
use crate::error::Error;
use crate::events;
use crate::follow::{PagesEnd, calls_since, read_pages};
use crate::protocol::Request;
use crate::protocol::steps::Sender;
use crate::response::Call;

/// v1: the calls to a target, or all, the newest first, until one is `enough`; and whether these are all
/// up to that one.
pub(super) async fn newest(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    shared: Option<&SharedCalls>,
    target: Option<&str>,
    is_enough: impl Fn(&Call) -> bool,
) -> Result<(Arc<List>, bool), Error> {
    let reaches = |list: &List| list.is_whole || list.calls.iter().any(&is_enough);
    let read = read_newest(sender, deadline, target, &is_enough);
    let list = match shared {
        Some(shared) => {
            let name = target.unwrap_or_default();
            let is_read = |list: &List| list.is_at_limit || reaches(list);
            shared.get(name, is_read, read).await?
        }
        None => Arc::new(read.await?),
    };
    let is_complete = reaches(&list);
    Ok((list, is_complete))
}

async fn read_newest(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    target: Option<&str>,
    is_enough: impl Fn(&Call) -> bool,
) -> Result<List, Error> {
    let query = target.map_or_else(CallQuery::new, |target| CallQuery::new().to(target));
    let first = Request::list_calls(sender.config(), query)?;
    let (calls, end) = read_pages(sender, first, deadline, is_enough).await?;
    Ok(List {
        calls,
        is_whole: end == PagesEnd::Whole,
        is_at_limit: end == PagesEnd::Limit,
    })
}

/// v2: the calls of the account since this call began, or earlier.
pub(super) async fn since(
    sender: Sender<'_>,
    deadline: Option<Instant>,
    shared: Option<&SharedCalls>,
    call: &Call,
) -> Result<Arc<List>, Error> {
    let read = async {
        let start_time = call.start_time.clone();
        let (calls, is_whole) = calls_since(sender, start_time, deadline, |_| false).await?;
        Ok(List {
            calls,
            is_whole,
            is_at_limit: !is_whole,
        })
    };
    let Some(shared) = shared else {
        return Ok(Arc::new(read.await?));
    };
    // One that begins with this very call or an earlier one has all that began later.
    let began = call.start_time.as_deref().and_then(events::read_time);
    let is_no_later = |other: &Call| {
        let time = other.start_time.as_deref().and_then(events::read_time);
        time.zip(began).is_some_and(|(time, began)| time <= began)
    };
    let reaches = |list: &List| list.calls.iter().any(is_no_later);
    shared.get("", reaches, read).await
}
