//! A call after its transfer: whether a target answers, and the next target if not.

mod all_at_once;
mod clients;
mod conclude;
mod feed;
mod first;
mod first_transferred;
mod leg;
mod one_by_one;
mod poll;
mod sequence;
mod state;
mod status;

pub use clients::{BlockingCallFollow, CallFollow};
pub use first::TransferToFirst;
pub use first_transferred::FirstTransferred;
pub use poll::FollowUntil;
pub(crate) use poll::{PagesEnd, Poll, calls_since, read_pages};
pub use sequence::{Sequence, Step, StopReason, TargetResult};
pub use state::{Follow, Seen};
pub use status::{CallerState, FollowResult, FollowStatus};
