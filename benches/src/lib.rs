//! What the measuring programs share: the work that is measured, and how its cost is reported.

mod meter;
mod pauses;

pub use meter::{Meter, Window, peak_kib, processor_seconds};
pub use pauses::Pauses;

use calltransfer::{Config, ConfigBuilder, Transfer, WhisperAudio};

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
    builder(url, ca_file)
        .build()
        .expect("the fixture server's address")
}

/// The same account, for what else a configuration needs.
pub fn builder(url: &str, ca_file: Option<&str>) -> ConfigBuilder {
    let builder = Config::builder()
        .user_id("u-abc123")
        .token("t-token")
        .secret("s-secret")
        .base_url(url);
    match ca_file {
        Some(path) => builder.ca_file(path),
        None => builder,
    }
}
