//! A request without an answer: how far it had come, and what that proves.

use std::error::Error as StdError;
use std::io;

use super::resolver::Unresolved;
use super::trace::Trace;
use crate::outcome::{Error, ErrorKind, Outcome, Repeat, Stage};

/// Reads reqwest's error. Only the body proves anything; the error's own words don't.
pub(super) fn read(error: reqwest::Error, trace: &Trace) -> Error {
    // The URL holds the user's and the call's id.
    let error = error.without_url();
    if trace.is_body_pulled() {
        let stage = if io_kind(&error) == Some(io::ErrorKind::BrokenPipe) {
            Stage::Write
        } else {
            Stage::Read
        };
        return unknown(
            "the connection failed after the request was sent; the transfer may have been made",
            stage,
        )
        .caused_by(error);
    }
    let not_sent = |kind, stage, repeat, message: &str| {
        Error::new(kind, Outcome::NotSent, message)
            .at(stage)
            .repeatable(repeat)
    };
    if has::<Unresolved>(&error) {
        let message = "the request was not sent";
        return not_sent(
            ErrorKind::Connection,
            Stage::Resolve,
            Repeat::Backoff,
            message,
        )
        .caused_by(error);
    }
    if let Some(tls) = find::<rustls::Error>(&error) {
        // A certificate that is wrong now is wrong in a second, too.
        let repeat = match tls {
            rustls::Error::InvalidCertificate(_) => Repeat::Never,
            _ => Repeat::Backoff,
        };
        let message = "no trusted connection; the request was not sent";
        return not_sent(ErrorKind::Tls, Stage::Tls, repeat, message).caused_by(error);
    }
    let stage = if error.is_connect() {
        Stage::Connect
    } else {
        Stage::Write
    };
    not_sent(
        ErrorKind::Connection,
        stage,
        Repeat::Backoff,
        "the request was not sent",
    )
    .caused_by(error)
}

/// The time ran out.
pub(super) fn timed_out(trace: &Trace) -> Error {
    if trace.is_body_pulled() {
        return unknown(
            "no answer in time; the transfer may have been made",
            Stage::Read,
        );
    }
    let message = "the time ran out before the request was sent";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message).at(Stage::Connect)
}

/// The caller gave up.
pub(crate) fn cancelled(trace: &Trace) -> Error {
    if trace.is_body_pulled() {
        return unknown(
            "stopped while waiting for the answer; the transfer may have been made",
            Stage::Read,
        );
    }
    let message = "stopped before the request was sent";
    Error::new(ErrorKind::Cancelled, Outcome::NotSent, message)
}

fn unknown(message: &str, stage: Stage) -> Error {
    Error::new(ErrorKind::OutcomeUnknown, Outcome::Unknown, message).at(stage)
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    find::<io::Error>(error).map(io::Error::kind)
}

fn has<T: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    find::<T>(error).is_some()
}

/// The first cause of this type, also inside an `io::Error`, which hides it from `source`.
fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    let mut current = Some(error);
    while let Some(cause) = current {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| find::<T>(inner)) {
            return Some(found);
        }
        current = cause.source();
    }
    None
}
