//! A transfer as a BXML document.

use std::io;

use quick_xml::events::BytesText;
use quick_xml::writer::ElementWriter;

use super::document::{self, Bxml};
use super::target::{self, Hook};
use super::uui;
use crate::error::Error;
use crate::error::InvalidArgument;
use crate::transfer::{Transfer, number};

const TARGETS: usize = 8;
const CALL_TIMEOUTS: std::ops::RangeInclusive<f64> = 1.0..=300.0;
/// The display names that hide the caller's name; only these are allowed with privacy.
const HIDDEN_NAMES: [&str; 4] = ["Restricted", "Anonymous", "Private", "Unavailable"];
/// The longest tag and display name, in characters.
const LONGEST: usize = 256;

impl Transfer {
    /// The BXML document as it would be sent to v2. Nothing is sent.
    ///
    /// ```
    /// # use calltransfer::Transfer;
    /// let transfer = Transfer::new("c-call123", "+18382947878").call_timeout(20);
    /// assert_eq!(
    ///     transfer.to_bxml()?,
    ///     r#"<?xml version="1.0" encoding="UTF-8"?><Bxml><Transfer callTimeout="20"><PhoneNumber>+18382947878</PhoneNumber></Transfer></Bxml>"#,
    /// );
    /// # Ok::<(), calltransfer::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first invalid argument: the same error as when the transfer is sent.
    pub fn to_bxml(&self) -> Result<String, Error> {
        bxml(self)
    }
}

/// The document of a transfer, once it is checked.
pub(crate) fn bxml(transfer: &Transfer) -> Result<String, Error> {
    transfer.check(target::check_caller_id)?;
    check_that_v2_has_it(transfer)?;
    check_texts(transfer)?;
    let targets = targets(transfer)?;
    let complete = Hook::checked("callback_url", transfer.callback_url.as_deref())?;
    let response = Hook::checked(
        "transfer_answer_url",
        transfer.transfer_answer_url.as_deref(),
    )?;
    let user = user_of_both(complete.as_ref(), response.as_ref())?;
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
                    .with("transferAnswerUrl", url(response.as_ref()))
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

/// Attributes; one without a value is left out.
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

/// An option that only v1 has, or that would be ignored, is refused by name.
fn check_that_v2_has_it(transfer: &Transfer) -> Result<(), InvalidArgument> {
    if transfer.whisper_audio.is_some() {
        let reason = "the v2 API has no whisper in the request; serve whisper_bxml(...) at a URL of your own and pass that URL as transfer_answer_url";
        return Err(InvalidArgument::new("whisper_audio", reason));
    }
    if !transfer.extra.is_empty() {
        let reason = "is not supported by the v2 API, which has no JSON body";
        return Err(InvalidArgument::new("extra", reason));
    }
    if transfer.recording_file_format.is_some() && transfer.recording_enabled != Some(true) {
        let reason = "requires recording_enabled true in the v2 API";
        return Err(InvalidArgument::new("recording_file_format", reason));
    }
    let caller_id = transfer.caller_id.as_deref();
    let is_number = caller_id.is_none_or(|caller_id| number::read(caller_id).is_some());
    if transfer.privacy.is_some() && !is_number {
        let reason = "requires a phone number as caller_id; a word there already hides the number";
        return Err(InvalidArgument::new("privacy", reason));
    }
    match transfer.call_timeout {
        Some(seconds) if !CALL_TIMEOUTS.contains(&seconds) => Err(InvalidArgument::new(
            "call_timeout",
            format!("must be 1 to 300 seconds, got {seconds}"),
        )),
        _ => Ok(()),
    }
}

fn check_texts(transfer: &Transfer) -> Result<(), InvalidArgument> {
    for (field, value) in [
        ("caller_display_name", &transfer.caller_display_name),
        ("tag", &transfer.tag),
    ] {
        let Some(text) = value else { continue };
        document::check(field, text)?;
        // An empty tag clears an earlier one.
        if text.trim().is_empty() && field != "tag" {
            return Err(InvalidArgument::new(field, "must not be empty"));
        }
        let length = text.chars().count();
        if length > LONGEST {
            let reason = format!("must have at most {LONGEST} characters, got {length}");
            return Err(InvalidArgument::new(field, reason));
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
        return Err(InvalidArgument::new("caller_display_name", reason));
    }
    if name.chars().any(char::is_control) {
        let reason = "must not contain control characters such as a line break";
        return Err(InvalidArgument::new("caller_display_name", reason));
    }
    Ok(())
}

/// Each target's element and text.
fn targets(
    transfer: &Transfer,
) -> Result<Vec<(&'static str, std::borrow::Cow<'_, str>)>, InvalidArgument> {
    let all = std::iter::once(&transfer.to).chain(&transfer.also_to);
    let targets = all
        .map(|to| target::element(to))
        .collect::<Result<Vec<_>, _>>()?;
    if targets.len() > TARGETS {
        let reason = format!("must have at most {TARGETS} targets, got {}", targets.len());
        return Err(InvalidArgument::new("to", reason));
    }
    if transfer.uui.is_some() && targets.iter().all(|(name, _)| *name != "SipUri") {
        let reason = "requires a SIP address as a target";
        return Err(InvalidArgument::new("uui", reason));
    }
    Ok(targets)
}

/// A target has one user and password for both of its URLs; they must not be sent to a host for
/// which they were not given.
fn user_of_both<'h>(
    complete: Option<&'h Hook<'_>>,
    response: Option<&'h Hook<'_>>,
) -> Result<Option<&'h (String, String)>, InvalidArgument> {
    match (complete, response) {
        (Some(complete), Some(response)) if complete.user != response.user => {
            Err(InvalidArgument::new(
                "transfer_answer_url",
                "must have the same user and password as callback_url, or neither: the v2 API has one pair for both",
            ))
        }
        (complete, response) => Ok(complete.or(response).and_then(|hook| hook.user.as_ref())),
    }
}
