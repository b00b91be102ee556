//! Transfer a live phone call to another number, and know the outcome.
//!
//! A caller is on the line; the program says: connect them to someone else instead, show this
//! caller ID, and whisper this to the person who answers. On the wire that is one POST to the
//! Catapult v1 API, or one PUT to Voice v2. A second one may ring a phone twice and a lost one drops
//! a caller, so every result and every [`Error`] has an outcome: [`Outcome::NotSent`],
//! [`Outcome::NotApplied`], [`Outcome::Applied`] or [`Outcome::Unknown`]; and nothing is sent
//! again unless the platform is known to have done nothing.
//!
//! A [`Transfer`] describes the request. [`Client`] (async, on tokio), [`blocking::Client`] or
//! [`background::Client`] (with callbacks) sends it and returns [`Transferred`] or [`Error`].
//! [`Request`] shows what would be sent, and sends nothing.
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

mod auth;
pub mod background;
pub mod blocking;
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
#[doc(hidden)]
pub mod memory;
mod observe;
mod per_process;
mod policy;
#[doc(hidden)]
pub mod process_id;
mod protocol;
mod redact;
mod redact_response;
mod request_runner;
mod response;
mod transfer;
mod transport;
mod verbs;
mod words;

/// Runs the examples of the page on following.
#[cfg(doctest)]
#[doc = include_str!("../../docs/follow.md")]
struct FollowPage;

pub use calls::{CallEvent, CallPage, CallQuery, NextPage};
pub use check::CheckSubject;
pub use client::{CallList, Client};
pub use config::{Api, Config, ConfigBuilder};
pub use error::{Error, ErrorKind, Outcome, PlatformError, SentTransfer, Stage};
pub use events::{Cause, Event, EventKind};
pub use follow::{
    CallFollow, CallerState, FirstTransferred, Follow, FollowResult, FollowStatus, FollowUntil,
    Seen, Sequence, Step, StopReason, TargetResult, TransferToFirst,
};
pub use observe::{Attempt, RequestRecord};
pub use protocol::Request;
pub use response::{Call, CallState, Finding, Transferred};
pub use transfer::{
    Diversion, DiversionReason, DiversionTreatment, Gender, RecordingFileFormat, Transfer,
    WhisperAudio,
};
#[doc(hidden)]
pub use transport::load_system_certificates;

pub use transport::SendPermit;

/// For the interfaces to other languages, which have descriptors of their own.
#[doc(hidden)]
pub use transport::Mark;

/// What may be shown of numbers and texts, so that every language shows the same. Not part of the
/// API: for the bindings of this package.
#[doc(hidden)]
pub mod redaction {
    pub use crate::redact::{hidden, number};
}

/// The known name that an unknown one stands for, so that every language suggests the same. Not part
/// of the API: for the bindings of this package.
#[doc(hidden)]
pub use transfer::suggestion;

/// What is wrong with a credential that was copied with more than itself. Not part of the API: for
/// the bindings of this package.
#[doc(hidden)]
pub use config::wrapped::problem as problem_of_credential;
