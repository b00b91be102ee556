//! Catapult v1: paths, fields and words of the API, over the calls that both APIs share.

pub(crate) mod api;
pub(crate) mod fields;
mod list;
mod outgoing;
pub(crate) mod refusal;
pub(crate) mod transfer;
mod update;
pub(crate) mod view;
mod whisper;
