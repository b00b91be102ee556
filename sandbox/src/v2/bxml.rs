//! Reads BXML, as far as a transfer needs it. Other verbs and attributes are refused by name.

use std::fmt;
use std::time::Duration;

use roxmltree::{Document, Node};

use crate::address::{is_phone_number, is_web_url};
use crate::calls::diversion::{REASONS, TREATMENTS, Treatment};
use crate::calls::program::{Dial, Step, Target, Webhook};

/// Targets that can ring at the same time.
const TARGETS: usize = 8;
const TAG: usize = 256;
const DISPLAY_NAME: usize = 256;
const UUI: usize = 350;
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Words that hide the number.
const HIDDEN: &[&str] = &["Private", "Restricted", "Anonymous", "Unavailable"];
/// Why a document is refused, and the line.
#[derive(Debug, PartialEq)]
pub(crate) struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The steps of a document, in their order.
pub(crate) fn read(text: &str) -> Result<Vec<Step>, Wrong> {
    let document =
        Document::parse(text).map_err(|error| Wrong(format!("not valid XML: {error}")))?;
    let root = document.root_element();
    if !matches!(root.tag_name().name(), "Bxml" | "Response") {
        return Err(wrong(root, "is not the root of BXML; expected <Bxml>"));
    }
    known(root, &[])?;
    elements(root)?.into_iter().map(verb).collect()
}

fn verb(node: Node<'_, '_>) -> Result<Step, Wrong> {
    match node.tag_name().name() {
        "Transfer" => transfer(node).map(Step::Transfer),
        "StartRecording" => start_recording(node),
        "StopRecording" => {
            known(node, &[])?;
            Ok(Step::StopRecording)
        }
        "SpeakSentence" => {
            known(node, &["voice", "gender", "locale"])?;
            let text = content(node, "sentence")?;
            Ok(Step::SpeakSentence { text })
        }
        "PlayAudio" => {
            known(node, &["username", "password"])?;
            let url = content(node, "URL")?;
            web_url(node, "its URL", &url)?;
            Ok(Step::PlayAudio { url })
        }
        "Hangup" => {
            known(node, &[])?;
            Ok(Step::Hangup)
        }
        _ => Err(wrong(
            node,
            "is not supported here; expected one of: Transfer, StartRecording, StopRecording, \
             SpeakSentence, PlayAudio and Hangup",
        )),
    }
}

fn transfer(node: Node<'_, '_>) -> Result<Dial, Wrong> {
    known(
        node,
        &[
            "transferCallerId",
            "transferCallerDisplayName",
            "privacy",
            "callTimeout",
            "transferCompleteUrl",
            "transferCompleteMethod",
            "transferCompleteFallbackUrl",
            "transferCompleteFallbackMethod",
            "username",
            "password",
            "fallbackUsername",
            "fallbackPassword",
            "tag",
            "diversionTreatment",
            "diversionReason",
        ],
    )?;
    let caller_id = node.attribute("transferCallerId").map(str::to_owned);
    if let Some(id) = &caller_id
        && !is_phone_number(id)
        && !HIDDEN.contains(&id.as_str())
    {
        let allowed = HIDDEN.join(", ");
        let why = format!("transferCallerId: {id:?} is not a phone number or one of: {allowed}");
        return Err(wrong(node, &why));
    }
    let targets: Vec<_> = elements(node)?
        .into_iter()
        .map(target)
        .collect::<Result<_, _>>()?;
    if targets.is_empty() || targets.len() > TARGETS {
        return Err(wrong(
            node,
            "must have 1 to 8 elements <PhoneNumber> or <SipUri>",
        ));
    }
    let reason = word(node, "diversionReason", &REASONS)?;
    let treatment = word(node, "diversionTreatment", &TREATMENTS)?;
    Ok(Dial {
        caller_id,
        display_name: limited(node, "transferCallerDisplayName", DISPLAY_NAME)?,
        privacy: flag(node, "privacy")?,
        call_timeout: call_timeout(node)?,
        tag: limited(node, "tag", TAG)?,
        treatment: treatment.map(|word| Treatment::of_words(word, reason)),
        complete: webhook(node, "transferCompleteUrl", "transferCompleteMethod")?,
        targets,
    })
}

fn target(node: Node<'_, '_>) -> Result<Target, Wrong> {
    let to = match node.tag_name().name() {
        "PhoneNumber" => {
            let to = content(node, "number")?;
            if !is_phone_number(&to) {
                let why = format!("{to:?} is not a phone number; expected + and 2 to 15 digits");
                return Err(wrong(node, &why));
            }
            to
        }
        "SipUri" => {
            let to = content(node, "SIP URI")?;
            if !(to.starts_with("sip:") || to.starts_with("sips:")) || !to.contains('@') {
                let why = format!("{to:?} is not a SIP URI; expected sip:user@host");
                return Err(wrong(node, &why));
            }
            to
        }
        _ => {
            return Err(wrong(
                node,
                "is not a target; expected <PhoneNumber> or <SipUri>",
            ));
        }
    };
    known(
        node,
        &[
            "transferAnswerUrl",
            "transferAnswerMethod",
            "transferAnswerFallbackUrl",
            "transferAnswerFallbackMethod",
            "transferDisconnectUrl",
            "transferDisconnectMethod",
            "username",
            "password",
            "fallbackUsername",
            "fallbackPassword",
            "tag",
            "uui",
        ],
    )?;
    Ok(Target {
        to,
        uui: limited(node, "uui", UUI)?,
        tag: limited(node, "tag", TAG)?,
        answer: webhook(node, "transferAnswerUrl", "transferAnswerMethod")?,
        disconnect: webhook(node, "transferDisconnectUrl", "transferDisconnectMethod")?,
    })
}

fn start_recording(node: Node<'_, '_>) -> Result<Step, Wrong> {
    known(
        node,
        &[
            "recordingAvailableUrl",
            "recordingAvailableMethod",
            "transcribe",
            "transcriptionAvailableUrl",
            "transcriptionAvailableMethod",
            "username",
            "password",
            "tag",
            "fileFormat",
            "multiChannel",
        ],
    )?;
    let file_format = word(node, "fileFormat", &["wav", "mp3"])?.unwrap_or("wav");
    Ok(Step::StartRecording { file_format })
}

fn webhook(
    node: Node<'_, '_>,
    url: &'static str,
    method: &'static str,
) -> Result<Option<Webhook>, Wrong> {
    let by_get = word(node, method, &["POST", "GET"])? == Some("GET");
    let Some(given) = node.attribute(url) else {
        return Ok(None);
    };
    web_url(node, url, given)?;
    let login = match (node.attribute("username"), node.attribute("password")) {
        (Some(name), Some(password)) => Some((name.to_owned(), password.to_owned())),
        _ => None,
    };
    Ok(Some(Webhook {
        url: given.to_owned(),
        by_get,
        login,
    }))
}

fn web_url(node: Node<'_, '_>, name: &str, url: &str) -> Result<(), Wrong> {
    if is_web_url(url) {
        return Ok(());
    }
    let why = format!("{name}: {url:?} is not an absolute http or https URL");
    Err(wrong(node, &why))
}

fn call_timeout(node: Node<'_, '_>) -> Result<Duration, Wrong> {
    let Some(given) = node.attribute("callTimeout") else {
        return Ok(CALL_TIMEOUT);
    };
    let seconds: f64 = given.parse().unwrap_or(f64::NAN);
    if !(1.0..=300.0).contains(&seconds) {
        let why = format!("callTimeout: must be 1 to 300 seconds, got {given:?}");
        return Err(wrong(node, &why));
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn flag(node: Node<'_, '_>, name: &'static str) -> Result<bool, Wrong> {
    // Some XML writers capitalize it.
    let lower = node.attribute(name).map(str::to_ascii_lowercase);
    match lower.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(odd) => {
            let why = format!("{name}: must be true or false, got {odd:?}");
            Err(wrong(node, &why))
        }
    }
}

fn word(
    node: Node<'_, '_>,
    name: &str,
    allowed: &'static [&'static str],
) -> Result<Option<&'static str>, Wrong> {
    let Some(given) = node.attribute(name) else {
        return Ok(None);
    };
    match allowed.iter().find(|word| **word == given) {
        Some(word) => Ok(Some(word)),
        None => {
            let why = format!(
                "{name}: {given:?} is not valid; expected one of: {}",
                allowed.join(", ")
            );
            Err(wrong(node, &why))
        }
    }
}

fn limited(node: Node<'_, '_>, name: &str, most: usize) -> Result<Option<String>, Wrong> {
    match node.attribute(name) {
        Some(given) if given.chars().count() > most => {
            let why = format!("{name}: must be at most {most} characters");
            Err(wrong(node, &why))
        }
        given => Ok(given.map(str::to_owned)),
    }
}

/// The text of an element, including the text of elements in it.
fn content(node: Node<'_, '_>, what: &str) -> Result<String, Wrong> {
    let text: String = node
        .descendants()
        .filter(|one| one.is_text())
        .filter_map(|one| one.text())
        .collect();
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong(node, &format!("is empty; expected a {what}")));
    }
    Ok(text.to_owned())
}

/// The elements in an element, which must not contain text.
fn elements<'a, 'input>(node: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, Wrong> {
    let stray = |one: &Node<'_, '_>| {
        one.is_text() && one.text().is_some_and(|text| !text.trim().is_empty())
    };
    if node.children().any(|one| stray(&one)) {
        return Err(wrong(node, "must not contain text between its elements"));
    }
    Ok(node.children().filter(Node::is_element).collect())
}

fn known(node: Node<'_, '_>, names: &[&str]) -> Result<(), Wrong> {
    match node.attributes().find(|one| !names.contains(&one.name())) {
        Some(odd) => {
            let why = format!("does not support the attribute {}", odd.name());
            Err(wrong(node, &why))
        }
        None => Ok(()),
    }
}

fn wrong(node: Node<'_, '_>, why: &str) -> Wrong {
    let place = node.document().text_pos_at(node.range().start);
    let name = node.tag_name().name();
    Wrong(format!("line {}: <{name}> {why}", place.row))
}
