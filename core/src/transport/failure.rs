//! A request without a response: how far it came, and what that proves.

use std::error::Error as StdError;
use std::io;

use super::host_of;
use super::progress::RequestProgress;
use super::resolver::Unresolved;
use super::tls;
use crate::error::{Error, ErrorKind, Outcome, Repeat, Stage};
use crate::protocol::http_request::Action;

/// How hyper-util's tunnel to a proxy begins every error of its; the type isn't public.
const TUNNEL: &str = "tunnel error: ";

const NO_DESCRIPTORS: &str = "the request was not sent: the process has no file descriptors left";

/// Reads reqwest's error. Only the body proves anything; the error's own words don't. A request
/// without a body is one that only reads.
///
/// `unused_proxy` is a proxy variable of the environment that is set and not read.
pub(super) fn read(
    error: reqwest::Error,
    action: Action,
    progress: &RequestProgress,
    unused_proxy: Option<&str>,
) -> Error {
    let host = error.url().map(host_of).unwrap_or_default();
    // The rest of the URL contains the user's and the call's ID.
    let error = error.without_url();
    if progress.has_body_started() && !action.is_read() {
        let broken =
            find::<io::Error>(&error).is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe);
        let stage = if broken { Stage::Write } else { Stage::Read };
        let message =
            "the connection failed after the request was sent; it may have been carried out";
        return unknown(message, stage).caused_by(error);
    }
    if progress.has_started(action) {
        let message = "the connection failed before the response; nothing was changed";
        return Error::new(ErrorKind::Connection, Outcome::NotApplied, message)
            .with_stage(Stage::Read)
            .repeatable(Repeat::Backoff)
            .caused_by(error);
    }
    unsent(error, &host, unused_proxy)
}

/// Nothing of the body left; the error says only where it ended.
fn unsent(error: reqwest::Error, host: &str, unused_proxy: Option<&str>) -> Error {
    let (kind, stage, repeat) = if let Some(tunnel) = find_text(&error, TUNNEL) {
        // Wrong credentials for the proxy stay wrong.
        let refused = tunnel.contains("authorization required");
        let repeat = if refused {
            Repeat::Never
        } else {
            Repeat::Backoff
        };
        (ErrorKind::Proxy, Stage::Proxy, repeat)
    } else if find::<Unresolved>(&error).is_some() {
        (ErrorKind::Connection, Stage::Resolve, Repeat::Backoff)
    } else if let Some(refused) = find::<rustls::Error>(&error) {
        if let Some(error) = tls::without_roots(refused) {
            return error;
        }
        // A certificate that is wrong now is wrong in a second, too.
        let repeat = match refused {
            rustls::Error::InvalidCertificate(_) => Repeat::Never,
            _ => Repeat::Backoff,
        };
        (ErrorKind::Tls, Stage::Tls, repeat)
    } else if find_text(&error, "tls handshake eof").is_some() {
        (ErrorKind::Tls, Stage::Tls, Repeat::Backoff)
    } else if error.is_connect() {
        (ErrorKind::Connection, Stage::Connect, Repeat::Backoff)
    } else {
        (ErrorKind::Connection, Stage::Write, Repeat::Backoff)
    };
    let no_descriptors = find::<io::Error>(&error).is_some_and(are_descriptors_gone);
    let mut message = if no_descriptors {
        NO_DESCRIPTORS.to_owned()
    } else {
        let what = match stage {
            Stage::Resolve => "could not resolve",
            Stage::Connect => "could not connect to",
            Stage::Tls => "could not agree on TLS with",
            Stage::Proxy => "the proxy could not connect to",
            _ => "lost the connection to",
        };
        format!("the request was not sent: {what} {host}")
    };
    if let (false, Some(variable), Stage::Resolve | Stage::Connect) =
        (no_descriptors, unused_proxy, stage)
    {
        message.push_str(&format!(
            " ({variable} is set, but is not read; set proxy or CALLTRANSFER_PROXY)"
        ));
    }
    Error::new(kind, Outcome::NotSent, message)
        .with_stage(stage)
        .repeatable(repeat)
        .caused_by(error)
}

/// The time ran out.
pub(super) fn timed_out(action: Action, progress: &RequestProgress) -> Error {
    if progress.has_body_started() && !action.is_read() {
        return unknown(
            "no response in time; the request may have been carried out",
            Stage::Read,
        );
    }
    if progress.has_started(action) {
        let message = "no response in time; nothing was changed";
        return Error::new(ErrorKind::Timeout, Outcome::NotApplied, message)
            .with_stage(Stage::Read);
    }
    let message = "the time ran out before the request was sent";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message).with_stage(Stage::Connect)
}

/// What the system refused before anything could be sent: it has no more of it, as a rule.
pub(crate) fn no_resources(what: &str, cause: io::Error) -> Error {
    let message = match are_descriptors_gone(&cause) {
        true => NO_DESCRIPTORS.to_owned(),
        false => format!("the request was not sent: the system has no {what} for it"),
    };
    Error::new(ErrorKind::Connection, Outcome::NotSent, message)
        .with_stage(Stage::Connect)
        .repeatable(Repeat::Backoff)
        .caused_by(cause)
}

#[cfg(unix)]
fn are_descriptors_gone(cause: &io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

#[cfg(not(unix))]
fn are_descriptors_gone(_: &io::Error) -> bool {
    false
}

/// The host closed the descriptors of a request that was under way.
pub(crate) fn descriptors_closed(action: Action, progress: &RequestProgress) -> Error {
    if progress.has_started(action) && action.is_read() {
        let message =
            "the host program closed the connection's file descriptor; nothing was changed";
        return Error::new(ErrorKind::Connection, Outcome::NotApplied, message)
            .with_stage(Stage::Read);
    }
    if progress.has_body_started() {
        let message = "the host program closed the connection's file descriptor after the request \
                       was sent; it may have been carried out";
        return unknown(message, Stage::Read);
    }
    let message = "the request was not sent: the host program closed its file descriptors";
    Error::new(ErrorKind::Connection, Outcome::NotSent, message).with_stage(Stage::Connect)
}

/// The caller gave up.
pub(crate) fn cancelled(action: Action, progress: &RequestProgress) -> Error {
    if progress.has_started(action) && action.is_read() {
        let message = "stopped while waiting for the response; nothing was changed";
        return Error::new(ErrorKind::Cancelled, Outcome::NotApplied, message)
            .with_stage(Stage::Read);
    }
    if progress.has_body_started() {
        let message =
            "stopped while waiting for the response; the request may have been carried out";
        return unknown(message, Stage::Read);
    }
    let message = "stopped before the request was sent";
    Error::new(ErrorKind::Cancelled, Outcome::NotSent, message)
}

/// The caller's permit was refused when the body was to be handed out.
pub(crate) fn not_permitted() -> Error {
    let message = "the request was not sent: its permit was refused";
    Error::new(ErrorKind::Cancelled, Outcome::NotSent, message).with_stage(Stage::Write)
}

fn unknown(message: &str, stage: Stage) -> Error {
    Error::new(ErrorKind::OutcomeUnknown, Outcome::Unknown, message).with_stage(stage)
}

/// The first cause of this type.
fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    walk(error, &mut |cause| cause.downcast_ref::<T>())
}

/// The words of the first cause that begins so.
fn find_text(error: &(dyn StdError + 'static), beginning: &str) -> Option<String> {
    walk(error, &mut |cause| {
        Some(cause.to_string()).filter(|text| text.starts_with(beginning))
    })
}

/// Walks the causes, also those inside an `io::Error`, which hides them from `source`.
fn walk<'e, T>(
    error: &'e (dyn StdError + 'static),
    look: &mut dyn FnMut(&'e (dyn StdError + 'static)) -> Option<T>,
) -> Option<T> {
    let mut current = Some(error);
    while let Some(cause) = current {
        if let Some(found) = look(cause) {
            return Some(found);
        }
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| walk(inner, look)) {
            return Some(found);
        }
        current = cause.source();
    }
    None
}
