//! A transfer as a BXML document.

use std::io;

use quick_xml::events::BytesText;
use quick_xml::writer::ElementWriter;

use super::document::{self, Bxml};
use super::target::{self, Hook};
use super::uui;
use crate::outcome::Error;
use crate::request::{Fault, Transfer, number};

const TARGETS: usize = 8;
const CALL_TIMEOUTS: std::ops::RangeInclusive<f64> = 1.0..=300.0;
/// The display names that hide the caller's, which alone go with privacy.
const HIDDEN_NAMES: [&str; 4] = ["Restricted", "Anonymous", "Private", "Unavailable"];
/// The longest tag and display name, in characters.
const LONGEST: usize = 256;

/// The document of a transfer, once it is checked.
pub(crate) fn bxml(transfer: &Transfer) -> Result<String, Error> {
    transfer.check(target::check_caller_id)?;
    check_that_v2_has_it(transfer)?;
    check_texts(transfer)?;
    let targets = targets(transfer)?;
    let complete = Hook::checked("callback_url", transfer.callback_url.as_deref())?;
    let answer = Hook::checked(
        "transfer_answer_url",
        transfer.transfer_answer_url.as_deref(),
    )?;
    let user = user_of_both(complete.as_ref(), answer.as_ref())?;
    document::write(|bxml| {
        write_recording(bxml, transfer)?;
        let element = Attributes(bxml.create_element("Transfer"))
            .with(
                "transferCallerId",
                transfer
                    .caller_id
                    .as_deref()
                    .map(target::caller_id)
                    .as_deref(),
            )
            .with("privacy", transfer.privacy.map(word))
            .with(
                "transferCallerDisplayName",
                transfer.caller_display_name.as_deref(),
            )
            .with(
                "callTimeout",
                transfer.call_timeout.map(|s| s.to_string()).as_deref(),
            )
            .with("transferCompleteUrl", url(complete.as_ref()))
            .user(complete.as_ref().and_then(|hook| hook.user.as_ref()))
            .with("tag", transfer.tag.as_deref())
            .with(
                "diversionTreatment",
                transfer.diversion_treatment.map(|t| t.as_str()),
            )
            .with(
                "diversionReason",
                transfer.diversion_reason.map(|r| r.as_str()),
            );
        element.0.write_inner_content(|bxml| {
            for (name, target) in &targets {
                let uui = transfer.uui.as_deref().filter(|_| *name == "SipUri");
                let element = Attributes(bxml.create_element(*name))
                    .with("uui", uui)
                    .with("transferAnswerUrl", url(answer.as_ref()))
                    .with("transferDisconnectUrl", url(complete.as_ref()))
                    .user(user);
                element.0.write_text_content(BytesText::new(target))?;
            }
            Ok(())
        })?;
        Ok(())
    })
}

/// `true` and a format start a recording, `false` stops one.
fn write_recording(bxml: &mut Bxml, transfer: &Transfer) -> io::Result<()> {
    match transfer.recording_enabled {
        None => {}
        Some(true) => {
            let format = transfer.recording_file_format.map(|f| f.as_str());
            let element = Attributes(bxml.create_element("StartRecording"));
            element.with("fileFormat", format).0.write_empty()?;
        }
        Some(false) => {
            bxml.create_element("StopRecording").write_empty()?;
        }
    }
    Ok(())
}

/// Attributes that are left out where there is no value.
struct Attributes<'w>(ElementWriter<'w, Vec<u8>>);

impl Attributes<'_> {
    fn with(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => Self(self.0.with_attribute((name, value))),
            None => self,
        }
    }

    fn user(self, user: Option<&(String, String)>) -> Self {
        let (name, password) = user.map(|(n, p)| (n.as_str(), p.as_str())).unzip();
        self.with("username", name).with("password", password)
    }
}

fn word(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn url<'h>(hook: Option<&'h Hook<'_>>) -> Option<&'h str> {
    hook.map(|hook| hook.url.as_ref())
}

/// What only v1 has, and what would be ignored, is refused by name.
fn check_that_v2_has_it(transfer: &Transfer) -> Result<(), Fault> {
    if transfer.whisper_audio.is_some() {
        let reason = "the v2 API has no whisper in the request; serve whisper_bxml(...) at a URL of your own and pass that URL as transfer_answer_url";
        return Err(Fault::new("whisper_audio", reason));
    }
    if !transfer.extra.is_empty() {
        let reason = "is not supported by the v2 API, which has no JSON body";
        return Err(Fault::new("extra", reason));
    }
    if transfer.recording_file_format.is_some() && transfer.recording_enabled != Some(true) {
        let reason = "requires recording_enabled true in the v2 API";
        return Err(Fault::new("recording_file_format", reason));
    }
    let caller_id = transfer.caller_id.as_deref();
    let is_number = caller_id.is_none_or(|caller_id| number::read(caller_id).is_some());
    if transfer.privacy.is_some() && !is_number {
        let reason = "requires a phone number as caller_id; a word there already hides the number";
        return Err(Fault::new("privacy", reason));
    }
    match transfer.call_timeout {
        Some(seconds) if !CALL_TIMEOUTS.contains(&seconds) => Err(Fault::new(
            "call_timeout",
            format!("must be 1 to 300 seconds, got {seconds}"),
        )),
        _ => Ok(()),
    }
}

fn check_texts(transfer: &Transfer) -> Result<(), Fault> {
    for (field, value) in [
        ("caller_display_name", &transfer.caller_display_name),
        ("tag", &transfer.tag),
    ] {
        let Some(text) = value else { continue };
        document::check(field, text)?;
        // An empty tag clears an earlier one.
        if text.trim().is_empty() && field != "tag" {
            return Err(Fault::new(field, "must not be empty"));
        }
        let length = text.chars().count();
        if length > LONGEST {
            let reason = format!("must have at most {LONGEST} characters, got {length}");
            return Err(Fault::new(field, reason));
        }
    }
    transfer.uui.as_deref().map_or(Ok(()), uui::check)?;
    let Some(name) = &transfer.caller_display_name else {
        return Ok(());
    };
    if transfer.privacy == Some(true) && !HIDDEN_NAMES.contains(&name.as_str()) {
        let reason = format!(
            "with privacy true, expected one of: {}",
            HIDDEN_NAMES.join(", ")
        );
        return Err(Fault::new("caller_display_name", reason));
    }
    if name.chars().any(char::is_control) {
        let reason = "must not contain control characters such as a line break";
        return Err(Fault::new("caller_display_name", reason));
    }
    Ok(())
}

/// Each target's element and text.
fn targets(transfer: &Transfer) -> Result<Vec<(&'static str, std::borrow::Cow<'_, str>)>, Fault> {
    let all = std::iter::once(&transfer.to).chain(&transfer.also_to);
    let targets = all
        .map(|to| target::element(to))
        .collect::<Result<Vec<_>, _>>()?;
    if targets.len() > TARGETS {
        let reason = format!("must have at most {TARGETS} targets, got {}", targets.len());
        return Err(Fault::new("to", reason));
    }
    if transfer.uui.is_some() && targets.iter().all(|(name, _)| *name != "SipUri") {
        let reason = "requires a SIP address as a target";
        return Err(Fault::new("uui", reason));
    }
    Ok(targets)
}

/// A target has one user and password for both of its URLs: they go to no host that wasn't given
/// them.
fn user_of_both<'h>(
    complete: Option<&'h Hook<'_>>,
    answer: Option<&'h Hook<'_>>,
) -> Result<Option<&'h (String, String)>, Fault> {
    match (complete, answer) {
        (Some(complete), Some(answer)) if complete.user != answer.user => Err(Fault::new(
            "transfer_answer_url",
            "must have the same user and password as callback_url, or neither: the v2 API has one pair for both",
        )),
        (complete, answer) => Ok(complete.or(answer).and_then(|hook| hook.user.as_ref())),
    }
}
