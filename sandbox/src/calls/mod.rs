//! Calls and their changes of state. Knows nothing of HTTP, paths or JSON requests.

mod act;
pub(crate) mod call;
mod call_index;
pub(crate) mod call_store;
pub(crate) mod clock;
pub(crate) mod commands;
pub(crate) mod diversion;
pub(crate) mod due;
pub(crate) mod event;
pub(crate) mod key;
mod legs;
mod life;
pub(crate) mod line;
pub(crate) mod program;
mod recorder;
pub(crate) mod recording;
pub(crate) mod state;
mod steps;
pub(crate) mod webhook_event;
