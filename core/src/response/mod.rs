//! Reading a response: results, calls, and what an error response proves. No I/O.

mod call;
mod call_event;
mod classify;
mod excerpt;
mod finding;
pub(crate) mod rate_limit;
mod transferred;

pub(crate) use crate::call_state::CallState;
pub use call::Call;
pub use call_event::CallEvent;
pub(crate) use classify::{BODY_LIMIT, Classification, PAGE_BODY_LIMIT, Response, Wording};
pub(crate) use excerpt::is_web_page;
pub use finding::Finding;
pub use transferred::Transferred;
