//! What the measuring programs share: the work that is measured, and how its cost is reported.

mod meter;

pub use meter::{Meter, Window, peak_kib, processor_seconds};

use calltransfer::{Config, Transfer, WhisperAudio};

/// The example that every program of this folder sends, in any language.
pub fn transfer() -> Transfer {
    Transfer::new("c-call123", "+18382947878")
        .caller_id("private")
        .whisper_audio(WhisperAudio::sentence("You have an incoming call"))
}

/// The same, as programs without a library send it.
pub const BODY: &str = r#"{"state":"transferring","transferTo":"+18382947878","transferCallerId":"private","whisperAudio":{"sentence":"You have an incoming call"}}"#;

/// The account of the fixture server, at `url`, trusting `ca_file` where there is one.
pub fn config(url: &str, ca_file: Option<&str>) -> Config {
    let builder = Config::builder()
        .user_id("u-abc123")
        .token("t-token")
        .secret("s-secret")
        .base_url(url);
    let builder = match ca_file {
        Some(path) => builder.ca_file(path),
        None => builder,
    };
    builder.build().expect("the fixture server's address")
}
