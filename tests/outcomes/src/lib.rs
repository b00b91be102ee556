//! A server that does exactly what a script says, and remembers what it read.
//!
//! It shares nothing with the library: it is the oracle of what really arrived.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

mod certificates;
mod script;
mod server;

pub use certificates::{Authority, Flaw};
pub use script::{Connection, Step, answer, answer_with};
pub use server::{Arrival, ScriptedServer};
