//! Lists of calls: which calls are wanted, and the way from page to page. No I/O.

mod event;
mod link;
mod page;
mod query;
mod time;

pub use event::CallEvent;
pub use page::{CallPage, NextPage};
pub(crate) use page::{Listing, NextRequest, read};
pub use query::CallQuery;
