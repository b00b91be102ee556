//! What the new party hears before being connected, as a BXML document to serve.

use quick_xml::events::BytesText;

use super::document;
use super::target::Hook;
use crate::error::Error;
use crate::error::InvalidArgument;
use crate::redact;
use crate::transfer::WhisperAudio;

impl WhisperAudio {
    /// The BXML document for this whisper in v2. Your web server returns it, as `application/xml`,
    /// in the response to the platform's request to
    /// [`transfer_answer_url`](crate::Transfer::transfer_answer_url).
    ///
    /// v2 has locales and voices of its own, so they are not checked; `loop_enabled`, `tag` and
    /// `volume` exist only in v1, and are refused.
    ///
    /// ```
    /// # use calltransfer::WhisperAudio;
    /// assert_eq!(
    ///     WhisperAudio::sentence("A call from Smith & Sons").to_bxml()?,
    ///     r#"<?xml version="1.0" encoding="UTF-8"?><Bxml><SpeakSentence>A call from Smith &amp; Sons</SpeakSentence></Bxml>"#,
    /// );
    /// # Ok::<(), calltransfer::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first field that is not valid.
    pub fn to_bxml(&self) -> Result<String, Error> {
        whisper(self)
    }
}

/// The document of a whisper, once it is checked.
pub(crate) fn whisper(audio: &WhisperAudio) -> Result<String, Error> {
    audio.check_content()?;
    check_that_v2_has_it(audio)?;
    check_word("whisper_audio.locale", audio.locale.as_deref())?;
    check_word("whisper_audio.voice", audio.voice.as_deref())?;
    let file = Hook::checked("whisper_audio.file_url", audio.file_url.as_deref())?;
    let (name, text) = match (&audio.sentence, &file) {
        (Some(sentence), _) => ("SpeakSentence", sentence.as_str()),
        (None, Some(file)) => ("PlayAudio", file.url.as_ref()),
        (None, None) => return Err(Error::internal("no whisper", &"it was checked")),
    };
    document::check("whisper_audio.sentence", text)?;
    let user = file.as_ref().and_then(|file| file.user.as_ref());
    document::write(|bxml| {
        let mut element = bxml.create_element(name);
        for (name, value) in [
            ("voice", audio.voice.as_deref()),
            ("gender", audio.gender.map(|gender| gender.as_str())),
            ("locale", audio.locale.as_deref()),
            ("username", user.map(|(name, _)| name.as_str())),
            ("password", user.map(|(_, password)| password.as_str())),
        ] {
            if let Some(value) = value {
                element = element.with_attribute((name, value));
            }
        }
        element.write_text_content(BytesText::new(text))?;
        Ok(())
    })
}

fn check_that_v2_has_it(audio: &WhisperAudio) -> Result<(), InvalidArgument> {
    for (field, given) in [
        ("whisper_audio.loop_enabled", audio.loop_enabled.is_some()),
        ("whisper_audio.tag", audio.tag.is_some()),
        ("whisper_audio.volume", audio.volume.is_some()),
    ] {
        if given {
            let reason = "is an option of the v1 API only; this is v2";
            return Err(InvalidArgument::new(field, reason));
        }
    }
    Ok(())
}

/// v2's locales and voices may grow, so only the form is checked.
fn check_word(field: &'static str, value: Option<&str>) -> Result<(), InvalidArgument> {
    let Some(word) = value else { return Ok(()) };
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    if !word.trim().is_empty() && word.chars().all(good) {
        return Ok(());
    }
    let shown = redact::text_with_numbers(word);
    Err(InvalidArgument::new(
        field,
        format!("\"{shown}\" is not a valid voice name"),
    ))
}
