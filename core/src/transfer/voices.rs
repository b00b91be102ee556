//! The documented locales and voices of whisper audio, and which goes with which.

use crate::error::InvalidArgument;
use crate::redact;

/// A language as the reference groups its voices.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tongue {
    EnglishUs,
    EnglishUk,
    Spanish,
    French,
    German,
    Italian,
}

use Tongue::{EnglishUk, EnglishUs, French, German, Italian, Spanish};

/// `en` is in no list of the reference but in its working samples; it covers both Englishes.
const LOCALES: &[(&str, &[Tongue])] = &[
    ("en", &[EnglishUs, EnglishUk]),
    ("en_US", &[EnglishUs]),
    ("en_UK", &[EnglishUk]),
    ("es", &[Spanish]),
    ("es_MX", &[Spanish]),
    ("fr", &[French]),
    ("fr_FR", &[French]),
    ("de", &[German]),
    ("de_DE", &[German]),
    ("it", &[Italian]),
    ("it_IT", &[Italian]),
];

const VOICES: &[(&str, Tongue)] = &[
    ("Kate", EnglishUs),
    ("Susan", EnglishUs),
    ("Julie", EnglishUs),
    ("Dave", EnglishUs),
    ("Paul", EnglishUs),
    ("Bridget", EnglishUk),
    ("Esperanza", Spanish),
    ("Violeta", Spanish),
    ("Jorge", Spanish),
    ("Jolie", French),
    ("Bernard", French),
    ("Katrin", German),
    ("Stefan", German),
    ("Paola", Italian),
    ("Luca", Italian),
];

const WAY_AROUND: &str = "a newer one can be sent through extra";

/// Refuses an unknown locale, an unknown voice, and a voice of another language than the locale's.
///
/// A voice without a locale is only looked up: the reference doesn't say that it needs one.
pub(super) fn check(locale: Option<&str>, voice: Option<&str>) -> Result<(), InvalidArgument> {
    let tongues = match locale {
        None => None,
        Some(locale) => match LOCALES.iter().find(|(known, _)| *known == locale) {
            Some((_, tongues)) => Some((locale, *tongues)),
            None => return Err(unknown_locale(locale)),
        },
    };
    let Some(voice) = voice else { return Ok(()) };
    // The reference's samples write voices in lower case.
    let known = VOICES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(voice));
    match (known, tongues) {
        (None, None) => Err(unknown_voice(voice, "", |_| true)),
        (None, Some((locale, tongues))) => {
            Err(unknown_voice(voice, &format!(" of {locale}"), |t| {
                tongues.contains(&t)
            }))
        }
        (Some((_, tongue)), Some((locale, tongues))) if !tongues.contains(tongue) => {
            Err(unknown_voice(voice, &format!(" of {locale}"), |t| {
                tongues.contains(&t)
            }))
        }
        _ => Ok(()),
    }
}

/// The documented locales.
pub(super) fn locales() -> impl Iterator<Item = &'static str> {
    LOCALES.iter().map(|(name, _)| *name)
}

/// The documented voices.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    VOICES.iter().map(|(name, _)| *name)
}

fn unknown_locale(locale: &str) -> InvalidArgument {
    let known: Vec<_> = locales().collect();
    InvalidArgument::new(
        "whisper_audio.locale",
        format!(
            "\"{}\" is not a known locale; expected one of: {}; {WAY_AROUND}",
            redact::text_with_numbers(locale),
            known.join(", ")
        ),
    )
}

fn unknown_voice(voice: &str, of: &str, among: impl Fn(Tongue) -> bool) -> InvalidArgument {
    let known: Vec<_> = VOICES
        .iter()
        .filter(|(_, tongue)| among(*tongue))
        .map(|(name, _)| *name)
        .collect();
    InvalidArgument::new(
        "whisper_audio.voice",
        format!(
            "\"{}\" is not a voice{of}; expected one of: {}; {WAY_AROUND}",
            redact::text_with_numbers(voice),
            known.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_voice_goes_with_a_locale_of_its_language_only() {
        for (voice, tongue) in VOICES {
            for (locale, tongues) in LOCALES {
                let result = check(Some(locale), Some(voice));
                assert_eq!(
                    result.is_ok(),
                    tongues.contains(tongue),
                    "{voice} in {locale}"
                );
            }
            assert_eq!(check(None, Some(&voice.to_uppercase())), Ok(()));
        }
    }

    #[test]
    fn invalid_voice_lists_the_valid_voices() {
        let message = check(Some("en_UK"), Some("Karen")).err().map(|f| f.message);
        assert_eq!(
            message.as_deref(),
            Some(
                "whisper_audio.voice: \"Karen\" is not a voice of en_UK; expected one of: Bridget; a newer one can be sent through extra"
            )
        );
    }
}
