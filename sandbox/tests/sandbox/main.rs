//! The sandbox over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod admin;
mod binary;
mod bounds;
mod callback_faults;
mod callbacks;
mod calls;
mod client;
mod faults;
mod http;
mod idle;
mod life;
mod lifecycle;
mod log;
mod page;
mod recordings;
mod replies;
mod sequences;
mod states;
mod tls;
mod transfer;
mod troubles;
mod v2;
mod validation;
mod visitors;
mod webhook;
