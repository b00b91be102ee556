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

mod certificates;
mod clients;
mod full_listener;
mod idle_server;
mod invariants;
mod responder;
mod script;
mod server;

pub use certificates::{Authority, Flaw};
pub use clients::{
    ACCESS_TOKEN, Account, CALL, CALLER_ID, CLIENTS, Client, ClientReport, Job, SECRET, TO, TOKEN,
    USER, config, reported, transfer,
};
pub use full_listener::FullListener;
pub use idle_server::{Idle, IdleServer, Record};
pub use invariants::check_invariants;
pub use responder::{Asked, Responder, admit, granted};
pub use script::{Connection, Step, answer, answer_with, last_answer};
pub use server::{Arrival, ScriptedServer};
