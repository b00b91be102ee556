//! Reading a response: results, calls, and what an error response proves. No I/O.

mod call;
mod classify;
mod excerpt;
mod finding;
pub(crate) mod rate_limit;
mod transferred;

pub use call::{Call, CallState};
pub(crate) use classify::{BODY_LIMIT, Classification, PAGE_BODY_LIMIT, Response, Wording};
pub(crate) use excerpt::is_web_page;
pub use finding::Finding;
pub use transferred::Transferred;
