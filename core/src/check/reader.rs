//! What a check reads: calls, events, and lists of calls, its own or one that it shares with others.

use std::sync::Arc;

use tokio::time::Instant;

use super::shared::{List, SharedCalls};
use crate::calls::CallQuery;
use crate::error::Error;
use crate::events;
use crate::follow::{PagesEnd, calls_since, read_pages};
use crate::protocol::Request;
use crate::protocol::steps::Sender;
use crate::response::{Call, CallEvent};

/// Reads for one check, with one deadline.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) sender: Sender<'a>,
    pub(super) deadline: Option<Instant>,
    pub(super) shared: Option<&'a SharedCalls>,
}

impl Reader<'_> {
    pub(super) async fn call(&self, call_id: &str) -> Result<Call, Error> {
        let request = Request::get_call(self.sender.config(), call_id)?;
        self.sender.send(request, self.deadline).await
    }

    /// v1: the list of a call's events.
    pub(super) async fn events(&self, call_id: &str) -> Result<Vec<CallEvent>, Error> {
        let request = Request::get_call_events(self.sender.config(), call_id)?;
        self.sender.send(request, self.deadline).await
    }

    /// v1: the calls to a target, or all, the newest first, until one `is_enough`; and whether these are
    /// all up to that one.
    pub(super) async fn newest(
        &self,
        target: Option<&str>,
        is_enough: impl Fn(&Call) -> bool,
    ) -> Result<(Arc<List>, bool), Error> {
        let reaches = |list: &List| list.is_whole || list.calls.iter().any(&is_enough);
        let read = self.read_newest(target, &is_enough);
        let list = match self.shared {
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
        &self,
        target: Option<&str>,
        is_enough: impl Fn(&Call) -> bool,
    ) -> Result<List, Error> {
        let query = target.map_or_else(CallQuery::new, |target| CallQuery::new().to(target));
        let first = Request::list_calls(self.sender.config(), query)?;
        let (calls, end) = read_pages(self.sender, first, self.deadline, is_enough).await?;
        Ok(List {
            calls,
            is_whole: end == PagesEnd::Whole,
            is_at_limit: end == PagesEnd::Limit,
        })
    }

    /// v2: the calls of the account since this call began, or earlier.
    pub(super) async fn since(&self, call: &Call) -> Result<Arc<List>, Error> {
        let read = async {
            let start_time = call.start_time.clone();
            let (calls, is_whole) =
                calls_since(self.sender, start_time, self.deadline, |_| false).await?;
            Ok(List {
                calls,
                is_whole,
                is_at_limit: !is_whole,
            })
        };
        let Some(shared) = self.shared else {
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

    /// v2: the first call since this one began that `is_leg`, and whether all such calls were read.
    pub(super) async fn leg_since(
        &self,
        call: &Call,
        is_leg: impl Fn(&Call) -> bool,
    ) -> Result<(Option<Call>, bool), Error> {
        let start_time = call.start_time.clone();
        let (calls, is_complete) =
            calls_since(self.sender, start_time, self.deadline, &is_leg).await?;
        Ok((calls.into_iter().find(is_leg), is_complete))
    }
}
