//! Lists of calls: the query, and the links from page to page. No I/O.

mod link;
mod page;
mod query;
mod time;

pub(crate) use page::Listing;
pub use page::{CallPage, NextPage};
pub use query::CallQuery;
