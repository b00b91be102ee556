//! A server that imitates the call APIs of Catapult v1 and Voice v2, to develop and test call
//! transfers without an account, a phone or money.
//!
//! ```
//! use calltransfer_sandbox::{IncomingCall, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::builder()
//!     .user("u-abc123", "t-token", "s-secret")
//!     .owned_number("+18385550199")
//!     .start()?;
//! let id = sandbox.place_incoming_call(IncomingCall::new("+19195551212", "+18385550199"))?;
//! // Point a client at sandbox.url(), transfer the call, and look at the result:
//! println!("{} is {}", sandbox.url(), sandbox.calls()[0].state);
//! assert!(sandbox.requests().is_empty());
//! # assert!(sandbox.call(&id).is_some());
//! # Ok(())
//! # }
//! ```
//!
//! It refuses the requests that the platform refuses, with the documented categories and codes.
//! Where the platform's documentation leaves something open, `docs/sandbox/README.md` lists what
//! the sandbox does. It speaks plain HTTP, listens on loopback unless configured otherwise, and calls
//! no real phone.

mod account;
mod address;
mod admin;
mod callbacks;
mod calls;
pub mod cli;
mod error;
mod fault;
mod http;
mod limits;
mod log;
mod page;
mod platform;
mod sandbox;
mod scripted;
mod state;
mod timestamp;
mod v1;
mod v2;

pub use callbacks::fault::CallbackFault;
pub use callbacks::{Attempt, Callback};
pub use calls::call::{Call, IncomingCall};
pub use calls::clock::Clock;
pub use calls::diversion::Diversion;
pub use calls::event::{Cause, Event, EventKind, Progress};
pub use calls::line::{Line, Refused};
pub use calls::recording::Recording;
pub use calls::state::{CallState, Direction};
pub use error::Error;
pub use fault::Fault;
pub use http::reply::Reply;
pub use http::tls::Certificate;
pub use log::LoggedRequest;
pub use sandbox::{Builder, Sandbox};

/// Runs the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Runs the examples of the page on faults.
#[cfg(doctest)]
#[doc = include_str!("../../docs/sandbox/faults.md")]
struct Faults;
