//! From one page of a list to the request for the next.

use std::vec;

use super::Request;
use crate::calls::CallPage;
use crate::config::Config;
use crate::error::Error;
use crate::response::Call;

/// The request for a page, or why the link to it is not followed.
pub(crate) type NextRequest = Result<Request<CallPage>, Error>;

impl CallPage {
    /// The calls, and the request for the next page.
    pub(crate) fn split(self, config: &Config) -> (vec::IntoIter<Call>, Option<NextRequest>) {
        let next = self.next.map(|next| Request::next_page(config, next));
        (self.calls.into_iter(), next)
    }
}
