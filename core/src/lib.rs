//! Transfer a live phone call to another number, and know the outcome.
//!
//! A caller is on the line, and the program transfers the call to someone else: it chooses the
//! number, the caller ID that is shown, and the whisper that is played to the person who answers. A
//! transfer is one POST to the Catapult v1 API, or one PUT to Voice v2. If it is sent twice, it may
//! ring a phone twice; if it is lost, the caller is not connected. So every result and every
//! [`Error`] has an outcome: [`Outcome::NotSent`], [`Outcome::NotApplied`], [`Outcome::Applied`] or
//! [`Outcome::Unknown`]. Nothing is sent again unless the platform is known to have done nothing.
//!
//! A [`Transfer`] describes the request. [`Client`] (async, on tokio), [`blocking::Client`] or
//! [`background::Client`] (with callbacks) sends it and returns [`Transferred`] or [`Error`].
//! [`Request`] shows what would be sent, without sending it.
//!
//! ```no_run
//! use calltransfer::{Config, Transfer, blocking};
//!
//! // BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET
//! let client = blocking::Client::new(Config::from_env()?);
//! let transfer = Transfer::new("c-call123", "+18382947878")
//!     .caller_id("private")
//!     .whisper_audio("You have an incoming call");
//! match client.transfer(transfer) {
//!     Ok(done) => println!("the new call is {:?}", done.new_call_id),
//!     Err(error) => println!("{}: {error}", error.outcome()),
//! }
//! # Ok::<(), calltransfer::Error>(())
//! ```

mod api;
mod auth;
pub mod background;
pub mod blocking;
mod call_state;
mod calls;
mod check;
mod client;
#[doc(hidden)]
pub mod clock;
mod config;
mod error;
mod events;
mod follow;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod http_request;
mod keep_ready;
#[doc(hidden)]
pub mod memory;
mod observe;
mod per_process;
mod policy;
#[doc(hidden)]
pub mod process_id;
mod protocol;
mod recent_transfers;
mod redact;
mod redact_response;
mod request_runner;
mod response;
mod time_limit;
mod transfer;
mod transport;
mod verbs;
mod words;

/// Runs the examples of docs/follow.md.
#[cfg(doctest)]
#[doc = include_str!("../../docs/follow.md")]
struct FollowPage;

pub use api::Api;
pub use call_state::CallState;
pub use calls::{CallPage, CallQuery, NextPage};
pub use check::{CheckSubject, SharedCalls};
pub use client::{CallList, Client};
pub use config::{Config, ConfigBuilder};
pub use error::{Error, ErrorKind, Outcome, PlatformError, SentTransfer, Stage};
pub use events::{Cause, Event, EventKind};
pub use follow::{
    CallFollow, CallerState, FirstTransferred, Follow, FollowResult, FollowStatus, FollowUntil,
    Seen, Sequence, Step, StopReason, TargetResult, TransferToFirst,
};
pub use observe::{Attempt, RequestRecord};
pub use protocol::Request;
pub use response::{Call, CallEvent, Finding, Transferred};
pub use transfer::{
    Diversion, DiversionReason, DiversionTreatment, Gender, RecordingFileFormat, Transfer,
    WhisperAudio,
};
#[doc(hidden)]
pub use transport::load_system_certificates;

pub use transport::SendPermit;

/// For the interfaces to other languages, which open descriptors too.
#[doc(hidden)]
pub use transport::Mark;

/// Redaction of numbers and texts, so that every language shows the same. Not part of the API: for
/// the bindings of this package.
#[doc(hidden)]
pub mod redaction {
    pub use crate::redact::{hidden, number};
}

/// The limits of the times that a caller gives, so that every language has the same. Not part of the
/// API: for the bindings of this package.
#[doc(hidden)]
pub use time_limit::TimeLimit;

/// The known name that an unknown name is similar to, so that every language suggests the same. Not
/// part of the API: for the bindings of this package.
#[doc(hidden)]
pub use transfer::suggestion;

/// Checks of values that runs take too, so that limits and messages are the same. Not part of the API:
/// for the crate of runs.
#[doc(hidden)]
pub mod limits {
    use crate::error::Error;
    use crate::policy::{concurrency, pace::Pace};

    /// Whether so many transfers may be in progress at the same time.
    pub fn check_concurrency(number: usize) -> Result<(), Error> {
        Ok(concurrency::check("concurrency", number)?)
    }

    /// Whether so many transfers may begin per second.
    pub fn check_rate(rate: f64) -> Result<(), Error> {
        Ok(Pace::check(rate)?)
    }
}

/// What is wrong with a credential that has quotation marks or spaces around it. Not part of the
/// API: for the bindings of this package.
#[doc(hidden)]
pub use config::wrapped::problem as problem_of_credential;
