//! What the person who answers hears before the two are connected.

use super::enums::Gender;
use super::{url, voices};
use crate::error::InvalidArgument;

/// The longest sentence, in characters.
const SENTENCE_LIMIT: usize = 1000;
const VOLUMES: std::ops::RangeInclusive<i64> = -4..=4;

/// Audio for the party that the call is transferred to: a spoken sentence or a file.
///
/// Source: `whisperAudio`. The caller doesn't hear it.
///
/// ```
/// use calltransfer::{Gender, WhisperAudio};
///
/// let spoken = WhisperAudio::sentence("You have an incoming call")
///     .gender(Gender::Female)
///     .locale("en_US")
///     .voice("Julie");
/// let played = WhisperAudio::file("https://example.com/hello.mp3");
/// # let _ = (spoken, played);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhisperAudio {
    pub(crate) sentence: Option<String>,
    pub(crate) file_url: Option<String>,
    pub(crate) gender: Option<Gender>,
    pub(crate) locale: Option<String>,
    pub(crate) voice: Option<String>,
    pub(crate) loop_enabled: Option<bool>,
    pub(crate) tag: Option<String>,
    pub(crate) volume: Option<i64>,
}

impl WhisperAudio {
    /// A sentence to be spoken: 1 to 1,000 characters. Source: `sentence`.
    pub fn sentence(sentence: impl Into<String>) -> Self {
        Self {
            sentence: Some(sentence.into()),
            ..Self::default()
        }
    }

    /// An audio file to be played: the http(s) URL of a WAV or MP3. Source: `fileUrl`.
    pub fn file(file_url: impl Into<String>) -> Self {
        Self {
            file_url: Some(file_url.into()),
            ..Self::default()
        }
    }

    /// The gender of the voice; only with a sentence. Source: `gender`.
    #[must_use]
    pub fn gender(mut self, gender: Gender) -> Self {
        self.gender = Some(gender);
        self
    }

    /// The language and accent, such as `en_UK`; only with a sentence. Source: `locale`.
    ///
    /// One of the documented locales: `en`, `en_US`, `en_UK`, `es`, `es_MX`, `fr`, `fr_FR`, `de`,
    /// `de_DE`, `it`, `it_IT`.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// The voice by name, in upper or lower case; only with a sentence. Source: `voice`.
    ///
    /// One of the documented voices; if a locale is given, one of its language.
    #[must_use]
    pub fn voice(mut self, voice: impl Into<String>) -> Self {
        self.voice = Some(voice.into());
        self
    }

    /// Whether the audio is repeated. Source: `loopEnabled`.
    #[must_use]
    pub fn loop_enabled(mut self, loop_enabled: bool) -> Self {
        self.loop_enabled = Some(loop_enabled);
        self
    }

    /// A text that is contained in the events of this audio. Source: `tag`.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// The volume, from -4 to 4. Source: `volume`.
    #[must_use]
    pub fn volume(mut self, volume: i64) -> Self {
        self.volume = Some(volume);
        self
    }

    pub(crate) fn check(&self) -> Result<(), InvalidArgument> {
        self.check_content()?;
        voices::check(self.locale.as_deref(), self.voice.as_deref())?;
        match self.volume {
            Some(volume) if !VOLUMES.contains(&volume) => Err(InvalidArgument::new(
                "whisper_audio.volume",
                format!("must be between -4 and 4, got {volume}"),
            )),
            _ => Ok(()),
        }
    }

    /// A sentence or a file, and no field that would be ignored with it.
    pub(crate) fn check_content(&self) -> Result<(), InvalidArgument> {
        match (&self.sentence, &self.file_url) {
            (None, None) => {
                return Err(InvalidArgument::new(
                    "whisper_audio",
                    "either sentence or file_url is required",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(InvalidArgument::new(
                    "whisper_audio",
                    "sentence and file_url cannot both be given",
                ));
            }
            (Some(sentence), None) => check_sentence(sentence)?,
            (None, Some(file_url)) => {
                url::check("whisper_audio.file_url", file_url)?;
                self.check_that_nothing_needs_a_sentence()?;
            }
        }
        Ok(())
    }

    /// A field that would be ignored is refused.
    fn check_that_nothing_needs_a_sentence(&self) -> Result<(), InvalidArgument> {
        for (field, given) in [
            ("whisper_audio.gender", self.gender.is_some()),
            ("whisper_audio.locale", self.locale.is_some()),
            ("whisper_audio.voice", self.voice.is_some()),
        ] {
            if given {
                return Err(InvalidArgument::new(
                    field,
                    "requires sentence; it has no effect on file_url",
                ));
            }
        }
        Ok(())
    }
}

/// A string is a sentence to be spoken.
impl From<&str> for WhisperAudio {
    fn from(sentence: &str) -> Self {
        Self::sentence(sentence)
    }
}

/// A string is a sentence to be spoken.
impl From<String> for WhisperAudio {
    fn from(sentence: String) -> Self {
        Self::sentence(sentence)
    }
}

fn check_sentence(sentence: &str) -> Result<(), InvalidArgument> {
    let field = "whisper_audio.sentence";
    if sentence.trim().is_empty() {
        return Err(InvalidArgument::new(field, "must not be empty"));
    }
    // Bytes are never fewer than characters, so the count is needed only for long texts.
    if sentence.len() > SENTENCE_LIMIT {
        let length = sentence.chars().count();
        if length > SENTENCE_LIMIT {
            return Err(InvalidArgument::new(
                field,
                format!("must have at most {SENTENCE_LIMIT} characters, got {length}"),
            ));
        }
    }
    Ok(())
}
