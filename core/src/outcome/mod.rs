//! What became of the call: results, errors, and how an answer is read. Nothing here does I/O.

mod answer;
mod call;
mod class;
mod error;
mod finding;
mod kind;
mod location;
mod platform;
mod rate_limit;
mod transferred;

pub(crate) use answer::Answer;
pub use call::{Call, CallState};
pub use class::{Outcome, Stage};
pub use error::Error;
pub(crate) use error::Repeat;
pub use finding::Finding;
pub use kind::ErrorKind;
pub use platform::PlatformError;
pub use transferred::Transferred;
