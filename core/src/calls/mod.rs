//! Lists of calls: the query, and the links from page to page. No I/O.

mod event;
mod link;
mod page;
mod query;
mod time;

pub use event::CallEvent;
pub use page::{CallPage, NextPage};
pub(crate) use page::{Listing, NextRequest, read};
pub use query::CallQuery;
