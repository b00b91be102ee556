//! Reading options by name: the counterpart of [`Transfer::option`].

use serde_json::{Map, Value};

use super::options::WHISPER_FIELDS;
use super::{Transfer, WhisperAudio};

impl Transfer {
    /// The value of an option, under the name that [`option`](Self::option) takes, or of a field of
    /// the whisper, such as `whisper_audio.voice`; also `call_id` and `to`. `None` if it isn't set,
    /// or if there is no option of that name.
    ///
    /// The value as it was given, including whole phone numbers.
    ///
    /// ```
    /// use calltransfer::Transfer;
    ///
    /// let transfer = Transfer::new("c-1", "+18382947878").option("caller_id", "private");
    /// assert_eq!(transfer.get("caller_id"), Some("private".into()));
    /// assert_eq!(transfer.get("tag"), None);
    /// ```
    pub fn get(&self, name: &str) -> Option<Value> {
        match name {
            "call_id" => Some(self.call_id.clone().into()),
            "to" => Some(self.to.clone().into()),
            _ => match name.strip_prefix("whisper_audio.") {
                Some(field) => self.whisper_audio.as_ref()?.named(field),
                None => self.named(name),
            },
        }
    }
}

impl WhisperAudio {
    /// What is set of it, by name.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let names = WHISPER_FIELDS.iter();
        names
            .filter_map(|name| Some(((*name).to_owned(), self.named(name)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_of_the_whisper_is_read_by_its_name() {
        let transfer = Transfer::new("c-1", "+18382947878").whisper_audio("Hello");
        assert_eq!(transfer.get("whisper_audio.sentence"), Some("Hello".into()));
        assert_eq!(transfer.get("whisper_audio.voice"), None);
        assert_eq!(transfer.get("to"), Some("+18382947878".into()));
        assert_eq!(transfer.get("transferTo"), None);
    }
}
