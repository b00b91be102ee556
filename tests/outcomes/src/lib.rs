//! The oracle of the outcome of a transfer: a server that does exactly what a script says and
//! remembers what it read, the clients of every language, and the invariants between the two.
//!
//! The server and the invariants share nothing with the library.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

mod arrival;
mod certificates;
mod clients;
mod invariants;
mod play;
mod programs;
mod script;
mod server;

pub use arrival::Arrival;
pub use certificates::{Authority, CaFile, Flaw};
pub use clients::{
    ACCESS_TOKEN, Account, CALL, CALLER_ID, CLIENTS, Client, ClientReport, Job, SECRET, TO, TOKEN,
    USER, config, reported, runtime, transfer,
};
pub use invariants::{check_invariants, unknown_of};
pub use script::{
    Connection, Responding, Step, admit, granted, last_response, response, response_with,
};
pub use server::ScriptedServer;
