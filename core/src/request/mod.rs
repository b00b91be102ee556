//! What is asked: the transfer, its checks and its body. Nothing here does I/O.

mod closed_set;
mod diversion;
mod fault;
pub(crate) mod id;
mod named;
pub(crate) mod number;
mod outgoing;
pub(crate) mod party;
pub(crate) mod patience;
mod transfer;
mod voices;
pub(crate) mod web_url;
mod whisper_audio;

pub use closed_set::{DiversionReason, DiversionTreatment, Gender, RecordingFileFormat};
pub use diversion::Diversion;
pub(crate) use fault::Fault;
pub(crate) use outgoing::{Action, Outgoing};
pub use transfer::Transfer;
pub use whisper_audio::WhisperAudio;
