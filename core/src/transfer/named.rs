//! Reading options by name: the counterpart of [`Transfer::option`].

use serde_json::{Map, Value};

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
        let text = |text: &Option<String>| text.clone().map(Value::from);
        match name {
            "call_id" => Some(self.call_id.clone().into()),
            "to" => Some(self.to.clone().into()),
            "caller_id" => text(&self.caller_id),
            "callback_url" => text(&self.callback_url),
            "recording_enabled" => self.recording_enabled.map(Value::from),
            "recording_file_format" => self.recording_file_format.map(|word| word.as_str().into()),
            "whisper_audio" => {
                let fields = self.whisper_audio.as_ref().map(WhisperAudio::fields);
                fields.map(Value::Object)
            }
            "diversion_treatment" => self.diversion_treatment.map(|word| word.as_str().into()),
            "diversion_reason" => self.diversion_reason.map(|word| word.as_str().into()),
            "caller_display_name" => text(&self.caller_display_name),
            "privacy" => self.privacy.map(Value::from),
            "call_timeout" => self.call_timeout.map(Value::from),
            "tag" => text(&self.tag),
            "uui" => text(&self.uui),
            "transfer_answer_url" => text(&self.transfer_answer_url),
            "extra" if !self.extra.is_empty() => Some(Value::Object(self.extra.clone())),
            _ => {
                let field = name.strip_prefix("whisper_audio.")?;
                self.whisper_audio.as_ref()?.fields().remove(field)
            }
        }
    }
}

impl WhisperAudio {
    /// What is set of it, by name.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let fields = [
            ("sentence", text(&self.sentence)),
            ("file_url", text(&self.file_url)),
            ("gender", self.gender.map(|word| word.as_str().into())),
            ("locale", text(&self.locale)),
            ("voice", text(&self.voice)),
            ("loop_enabled", self.loop_enabled.map(Value::from)),
            ("tag", text(&self.tag)),
            ("volume", self.volume.map(Value::from)),
        ];
        let named = fields.into_iter();
        named
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_option_is_read_as_it_was_set() {
        let values = [
            ("caller_id", json!("private")),
            ("callback_url", json!("https://example.com/events")),
            ("recording_enabled", json!(false)),
            ("recording_file_format", json!("wav")),
            (
                "whisper_audio",
                json!({"sentence": "Hello", "gender": "female", "locale": "en_US", "voice": "Julie",
                       "loop_enabled": true, "tag": "t", "volume": -4}),
            ),
            ("diversion_treatment", json!("stack")),
            ("diversion_reason", json!("unavailable")),
            ("caller_display_name", json!("Ada")),
            ("privacy", json!(true)),
            ("call_timeout", json!(1.5)),
            ("tag", json!("t")),
            ("uui", json!("00;encoding=hex")),
            ("transfer_answer_url", json!("https://example.com/answer")),
            ("extra", json!({"new": [1]})),
        ];
        assert_eq!(values.len(), Transfer::OPTIONS.len());
        for (name, value) in values {
            let transfer = Transfer::new("c-1", "+18382947878");
            assert_eq!(transfer.get(name), None, "{name}");
            let transfer = transfer.option(name, value.clone());
            assert_eq!(transfer.get(name), Some(value), "{name}");
        }
    }

    #[test]
    fn field_of_the_whisper_is_read_by_its_name() {
        let transfer = Transfer::new("c-1", "+18382947878").whisper_audio("Hello");
        assert_eq!(transfer.get("whisper_audio.sentence"), Some("Hello".into()));
        assert_eq!(transfer.get("whisper_audio.voice"), None);
        assert_eq!(transfer.get("to"), Some("+18382947878".into()));
        assert_eq!(transfer.get("transferTo"), None);
    }
}
