//! The whisper: what the new party hears before being connected.

use crate::address::is_web_url;
use crate::calls::commands::{FILE_MS, Whisper, speech_ms};
use crate::v1::fields::{Fields, one_of};
use crate::v1::refusal::Refusal;

const FIELDS: [&str; 8] = [
    "fileUrl",
    "sentence",
    "gender",
    "locale",
    "voice",
    "loopEnabled",
    "tag",
    "volume",
];
const GENDERS: [&str; 2] = ["female", "male"];
/// `en` is not in the lists of the reference, but in its working samples.
const LOCALES: [&str; 11] = [
    "en", "en_US", "en_UK", "es", "es_MX", "fr", "fr_FR", "de", "de_DE", "it", "it_IT",
];
const VOICES: [&str; 15] = [
    "Kate",
    "Susan",
    "Julie",
    "Dave",
    "Paul",
    "Bridget",
    "Esperanza",
    "Violeta",
    "Jorge",
    "Jolie",
    "Bernard",
    "Katrin",
    "Stefan",
    "Paola",
    "Luca",
];
const SENTENCE_CHARACTERS: usize = 1000;
const TAG_CHARACTERS: usize = 256;

impl Whisper {
    pub(crate) fn read(fields: Fields<'_>) -> Result<Option<Self>, Refusal> {
        let Some(object) = fields.object("whisperAudio")? else {
            return Ok(None);
        };
        let audio = Fields::within(object, "whisperAudio.");
        let sentence = audio.text("sentence")?.filter(|text| !text.is_empty());
        let file = audio.text("fileUrl")?;
        if sentence.is_some_and(|text| text.chars().count() > SENTENCE_CHARACTERS) {
            return Err(audio.refuse("sentence", "must be at most 1,000 characters"));
        }
        if file.is_some_and(|url| !is_web_url(url)) {
            return Err(audio.refuse("fileUrl", "is not an absolute http or https URL"));
        }
        audio.word("gender", &GENDERS)?;
        audio.word("locale", &LOCALES)?;
        if let Some(voice) = audio.text("voice")?
            && !VOICES.iter().any(|known| known.eq_ignore_ascii_case(voice))
        {
            return Err(audio.refuse("voice", &one_of(&VOICES)));
        }
        audio.flag("loopEnabled")?;
        audio.integer("volume", -4..=4)?;
        let tag = audio.text("tag")?;
        if tag.is_some_and(|tag| tag.chars().count() > TAG_CHARACTERS) {
            return Err(audio.refuse("tag", "must be at most 256 characters"));
        }
        match (sentence, file) {
            (None, None) => {
                return Err(fields.refuse("whisperAudio", "must have sentence or fileUrl"));
            }
            (Some(_), Some(_)) => {
                return Err(
                    fields.refuse("whisperAudio", "must not have both sentence and fileUrl")
                );
            }
            _ => {}
        }
        let mut given = object.clone();
        given.retain(|name, value| FIELDS.contains(&name.as_str()) && !value.is_null());
        Ok(Some(Self {
            given,
            speaks: sentence.is_some(),
            tag: tag.map(str::to_owned),
            duration_ms: sentence.map_or(FILE_MS, speech_ms),
        }))
    }
}
