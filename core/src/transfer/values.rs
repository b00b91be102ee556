//! The values that an option may have, where the reference closes the set or lists them.

use super::{DiversionReason, DiversionTreatment, Gender, RecordingFileFormat, Transfer, voices};

impl Transfer {
    /// The options, and the fields of `whisper_audio`, whose values are listed in the reference, each
    /// with its values: for the completion of command lines and for the types of other languages.
    ///
    /// ```
    /// use calltransfer::Transfer;
    ///
    /// let known = Transfer::known_values();
    /// assert!(known.contains(&("recording_file_format", vec!["wav", "mp3"])));
    /// ```
    pub fn known_values() -> Vec<(&'static str, Vec<&'static str>)> {
        vec![
            (
                "recording_file_format",
                words(RecordingFileFormat::ALL, |it| it.as_str()),
            ),
            (
                "diversion_treatment",
                words(DiversionTreatment::ALL, |it| it.as_str()),
            ),
            (
                "diversion_reason",
                words(DiversionReason::ALL, |it| it.as_str()),
            ),
            ("whisper_audio.gender", words(Gender::ALL, |it| it.as_str())),
            ("whisper_audio.locale", voices::locales().collect()),
            ("whisper_audio.voice", voices::names().collect()),
        ]
    }
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|it| word(*it)).collect()
}
