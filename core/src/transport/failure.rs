//! A request without a response: how far it came, and what that proves.

use std::error::Error as StdError;
use std::io;

use super::connector::ConnectError;
use super::progress::RequestProgress;
use super::{SendError, host_of, tls};
use crate::error::{Error, ErrorKind, Outcome, Repeat, Stage};
use crate::http_request::{Action, HttpRequest};

/// What hyper-util's tunnel says of wrong credentials; the type of its errors isn't public.
const UNAUTHORIZED: &str = "authorization required";

const NO_DESCRIPTORS: &str = "the request was not sent: the process has no file descriptors left";

/// What an exchange without a response proves. Only the body proves anything; the error's own words
/// don't. A request without a body is one that only reads.
///
/// `unused_proxy` is a proxy variable of the environment that is set and not read.
pub(super) fn read(
    error: SendError,
    http_request: &HttpRequest,
    progress: &RequestProgress,
    unused_proxy: Option<&str>,
) -> Error {
    let (host, action) = (host_of(&http_request.url), http_request.action);
    let error = match error {
        SendError::Connect(error) => return unsent(error, action, &host, unused_proxy),
        SendError::Unreceived => {
            let message = format!(
                "the request was not sent: {host} had closed the idle connection before it received anything"
            );
            return Error::new(ErrorKind::Connection, Outcome::NotSent, message)
                .with_stage(Stage::Write)
                .repeatable(Repeat::Backoff);
        }
        SendError::Lost(error) => error,
    };
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
    let message = format!("the request was not sent: lost the connection to {host}");
    Error::new(ErrorKind::Connection, Outcome::NotSent, message)
        .with_stage(Stage::Write)
        .repeatable(Repeat::Backoff)
        .caused_by(error)
}

/// There was no connection.
fn unsent(error: ConnectError, action: Action, host: &str, unused_proxy: Option<&str>) -> Error {
    let (kind, stage, repeat) = match &error {
        ConnectError::Resolve(_) => (ErrorKind::Connection, Stage::Resolve, Repeat::Backoff),
        ConnectError::Tcp(_) | ConnectError::TimedOut => {
            (ErrorKind::Connection, Stage::Connect, Repeat::Backoff)
        }
        ConnectError::Proxy(cause) => {
            // Wrong credentials for the proxy stay wrong.
            let repeat = match cause.to_string().contains(UNAUTHORIZED) {
                true => Repeat::Never,
                false => Repeat::Backoff,
            };
            (ErrorKind::Proxy, Stage::Proxy, repeat)
        }
        ConnectError::Tls(cause) => {
            let refused = find::<rustls::Error>(cause);
            let is_agreement = refused.is_some() || cause.kind() == io::ErrorKind::UnexpectedEof;
            if let Some(error) = refused.and_then(tls::without_roots) {
                return error;
            }
            // A certificate that is wrong now is wrong in a second, too.
            let repeat = match refused {
                Some(rustls::Error::InvalidCertificate(_)) => Repeat::Never,
                _ => Repeat::Backoff,
            };
            match is_agreement {
                true => (ErrorKind::Tls, Stage::Tls, repeat),
                false => (ErrorKind::Connection, Stage::Connect, repeat),
            }
        }
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
        match action {
            Action::Prepare => format!("{what} {host}"),
            _ => format!("the request was not sent: {what} {host}"),
        }
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

/// Other requests had all connections until the time had nearly run out.
pub(super) fn no_turn(action: Action, most: usize) -> Error {
    let what = match action {
        Action::Prepare => "there was no connection in time",
        _ => "the request was not sent in time",
    };
    let connections = match most {
        1 => "the one connection of the client was".to_owned(),
        _ => format!("all {most} connections of the client were"),
    };
    let message = format!("{what}: {connections} in use (max_connections)");
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message).with_stage(Stage::Connect)
}

/// No worker may start now.
pub(super) fn shutting_down() -> Error {
    let message = "the request was not sent: the library is being shut down";
    Error::new(ErrorKind::Cancelled, Outcome::NotSent, message)
}

/// The rate leaves no place for the request before its time runs out.
pub(crate) fn rate_exceeded() -> Error {
    let message = "the request was not sent: rate: no transfer may start before the time runs out";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message).with_stage(Stage::Connect)
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
    let message = match action {
        Action::Prepare => "the time ran out before there was a connection",
        _ => "the time ran out before the request was sent",
    };
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

/// The host closed the descriptors of a request that was in progress.
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

/// The caller's permit was refused when the body was to be sent.
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
