//! The admin interface under `/_sandbox/`: for tests and harnesses, without credentials.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::account::Account;
use crate::callbacks::armed;
use crate::calls::call::IncomingCall;
use crate::calls::clock::Clock;
use crate::calls::diversion::Diversion;
use crate::calls::diversion::REASONS;
use crate::calls::event::Cause;
use crate::calls::line::{Lines, test_number};
use crate::calls::state::CallState;
use crate::error::Error;
use crate::fault;
use crate::fault::armed::{Arm, Armed};
use crate::http::received::Received;
use crate::http::response::Response;
use crate::scripted::read_reply;
use crate::state::State;
use crate::v1::fields::{Fields, one_of};
use crate::v1::refusal::Refusal;

pub(crate) mod access;
mod list;
pub(crate) mod view;

const LONGEST_WAIT_MS: u64 = 60_000;
const LONGEST_ADVANCE_MS: i64 = 1000 * 86_400 * 365;

pub(crate) fn respond(request: &Received, account: &Account, state: &mut State) -> Response {
    serve(request, account, state).unwrap_or_else(Refusal::into_response)
}

/// The methods that a resource allows.
fn allowed(path: &[&str]) -> Option<&'static str> {
    Some(match path {
        ["health" | "account" | "calls" | "changes" | "requests.jsonl"] | ["calls", _] => "GET",
        ["clock"] => "GET, POST",
        ["incoming-calls"] | ["calls", _, "answer" | "hang-up"] => "POST",
        ["requests" | "callbacks"] => "GET, DELETE",
        ["replies" | "lines"] => "POST, DELETE",
        ["tokens"] => "DELETE",
        ["faults" | "callback-faults"] => "GET, POST, DELETE",
        _ => return None,
    })
}

fn serve(request: &Received, account: &Account, state: &mut State) -> Result<Response, Refusal> {
    let segments = request.segments();
    let path = segments.get(1..).unwrap_or_default();
    let no_such_resource = || Refusal::no_such_resource(&request.path);
    let allow = allowed(path).ok_or_else(no_such_resource)?;
    let method = request.method.as_str();
    if !allow.split(", ").any(|allowed| allowed == method) {
        return Err(Refusal::method(method, allow));
    }
    match path {
        ["health"] => Ok(health(state)),
        ["account"] => Ok(ok(&view::account(account))),
        ["tokens"] => {
            state.tokens.revoke();
            Ok(no_content())
        }
        ["calls"] => list::calls(request, state),
        ["calls", id] => one_call(id, state),
        ["calls", id, "answer"] => {
            state.call_store.other_party_answers(id)?;
            one_call(id, state)
        }
        ["calls", id, "hang-up"] => {
            let cause = hang_up_cause(request)?;
            state.call_store.other_party_hangs_up(id, cause)?;
            one_call(id, state)
        }
        ["incoming-calls"] => place(Fields::new(&request.json()?), state),
        ["changes"] => Ok(ok(&view::changes(state, since(request)?.0))),
        ["clock"] => clock(request, state),
        ["lines"] => lines(request, state),
        ["callbacks"] => callbacks(request, state),
        ["requests"] => requests(request, state),
        ["requests.jsonl"] => json_lines(list::last(request, &state.log.entries())?),
        ["replies"] => replies(request, state),
        ["faults"] => faults(request, &mut state.faults, fault::read),
        ["callback-faults"] => faults(request, &mut state.callback_faults, armed::read),
        _ => Err(no_such_resource()),
    }
}

fn health(state: &State) -> Response {
    ok(&match state.log.record_error() {
        None => json!({"status": "ok"}),
        Some(error) => json!({"status": "ok", "record_error": error}),
    })
}

fn clock(request: &Received, state: &mut State) -> Result<Response, Refusal> {
    if request.method == Method::POST {
        set_clock(Fields::new(&request.json()?), state)?;
    }
    Ok(ok(&view::clock(state)))
}

fn callbacks(request: &Received, state: &mut State) -> Result<Response, Refusal> {
    if request.method == Method::DELETE {
        state.callbacks.forget();
        return Ok(no_content());
    }
    let entries = state.callbacks.entries();
    let shown = list::last(request, &entries)?;
    Ok(ok(&json!({"callbacks": shown})))
}

fn requests(request: &Received, state: &mut State) -> Result<Response, Refusal> {
    if request.method == Method::DELETE {
        state.log.forget();
        return Ok(no_content());
    }
    let entries = state.log.entries();
    let shown = list::last(request, &entries)?;
    Ok(ok(&json!({"requests": shown})))
}

fn lines(request: &Received, state: &mut State) -> Result<Response, Refusal> {
    if request.method == Method::DELETE {
        state.call_store.lines = Lines::new();
        return Ok(no_content());
    }
    set_line(Fields::new(&request.json()?), state)
}

fn replies(request: &Received, state: &mut State) -> Result<Response, Refusal> {
    if request.method == Method::DELETE {
        state.script.clear();
        return Ok(no_content());
    }
    let read =
        |reply: &Map<String, Value>| read_reply(Fields::within(reply, "replies."), 200..=599);
    let replies = read_each(&request.json()?, "replies", read)?;
    state.script.add(replies)?;
    Ok(ok(&json!({"waiting": state.script.len()})))
}

fn faults<F: Arm>(
    request: &Received,
    armed: &mut Armed<F>,
    read: impl Fn(&Map<String, Value>) -> Result<F, Refusal>,
) -> Result<Response, Refusal> {
    if request.method == Method::DELETE {
        armed.clear();
        return Ok(no_content());
    }
    if request.method == Method::GET {
        return Ok(ok(&json!({"faults": armed.view()})));
    }
    armed.add(read_each(&request.json()?, "faults", read)?)?;
    Ok(ok(&json!({"waiting": armed.len()})))
}

fn place(fields: Fields<'_>, state: &mut State) -> Result<Response, Refusal> {
    let text = |name| fields.text(name)?.ok_or_else(|| Refusal::missing(name));
    let mut call = IncomingCall::new(text("from")?, text("to")?);
    if let Some(id) = fields.text("id")? {
        call = call.id(id);
    }
    if let Some(word) = fields.text("state")? {
        let state = CallState::from_word(word).ok_or_else(|| {
            let known = CallState::ALL.map(CallState::as_str);
            fields.refuse("state", &one_of(&known))
        })?;
        call = call.state(state);
    }
    if let Some(url) = fields.text("callback_url")? {
        call = call.callback_url(url);
    }
    if let Some(object) = fields.object("diversion")? {
        call = call.diversion(read_diversion(Fields::within(object, "diversion."))?);
    }
    let id = state.call_store.place_incoming(call)?;
    Ok(Response::json(StatusCode::CREATED, &json!({"id": id})))
}

fn read_diversion(fields: Fields<'_>) -> Result<Diversion, Refusal> {
    let to = fields.callable("origTo")?;
    let reason = fields.word("reason", &REASONS)?.unwrap_or("unknown");
    let number = |name| -> Result<Option<u32>, Refusal> {
        let number = fields.integer(name, 0..=999)?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    };
    let mut diversion = Diversion::new(to, reason);
    diversion.counter = number("counter")?;
    diversion.limit = number("limit")?;
    diversion.privacy = fields.word("privacy", &["off", "full"])?;
    diversion.screen = fields.word("screen", &["yes", "no"])?;
    Ok(diversion)
}

/// The version after which changes are requested, and how long to wait for one.
pub(crate) fn since(request: &Received) -> Result<(u64, Duration), Refusal> {
    let (mut version, mut wait_ms) = (0, 0);
    let query = request.query.as_deref().unwrap_or_default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let refuse = |_| {
            let given = Value::from(value.as_ref());
            Refusal::field(name.as_ref(), &given, "must be a whole number from 0")
        };
        match name.as_ref() {
            "since" => version = value.parse().map_err(refuse)?,
            "wait_ms" => wait_ms = value.parse::<u64>().map_err(refuse)?.min(LONGEST_WAIT_MS),
            _ => {}
        }
    }
    Ok((version, Duration::from_millis(wait_ms)))
}

fn set_clock(fields: Fields<'_>, state: &mut State) -> Result<(), Refusal> {
    let mode = fields.word("mode", &["instant", "running", "stepped"])?;
    let factor = match fields.value("factor") {
        None => None,
        Some(value) => Some(
            value
                .as_f64()
                .ok_or_else(|| fields.refuse("factor", "must be a number"))?,
        ),
    };
    let advance_ms = fields.integer("advance_ms", 0..=LONGEST_ADVANCE_MS)?;
    let clock = match (mode, factor) {
        (Some("instant"), None) => Some(Clock::Instant),
        (Some("stepped"), None) => Some(Clock::Stepped),
        (Some("running"), factor) => Some(Clock::Running(factor.unwrap_or(1.0))),
        (None, None) => None,
        _ => return Err(fields.refuse("factor", "requires mode running")),
    };
    if let Some(clock) = clock {
        if !clock.is_allowed() {
            return Err(fields.refuse("factor", "must be greater than 0 and at most 100,000"));
        }
        state.call_store.change_clock(clock);
    }
    if let Some(ms) = advance_ms {
        state.call_store.advance(ms);
    }
    Ok(())
}

/// Makes a number behave like a test number from now on.
fn set_line(fields: Fields<'_>, state: &mut State) -> Result<Response, Refusal> {
    let number = fields.callable("number")?;
    let like = fields.text("like")?;
    let line = test_number(like.ok_or_else(|| Refusal::missing("like"))?)
        .ok_or_else(|| fields.refuse("like", "is not a test number"))?;
    state.call_store.lines.set(number.to_owned(), line)?;
    Ok(no_content())
}

fn hang_up_cause(request: &Received) -> Result<Option<Cause>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let object = request.json()?;
    let fields = Fields::new(&object);
    let Some(word) = fields.text("cause")? else {
        return Ok(None);
    };
    let known = Cause::ALL.into_iter().find(|cause| cause.as_str() == word);
    known.map(Some).ok_or_else(|| {
        let known = Cause::ALL.map(Cause::as_str);
        fields.refuse("cause", &one_of(&known))
    })
}

/// The objects in the list of this name, each read by `read`.
fn read_each<T>(
    object: &Map<String, Value>,
    name: &'static str,
    read: impl Fn(&Map<String, Value>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let list = object
        .get(name)
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::body(&format!("must have a list named {name}")))?;
    let each = list.iter().map(|value| match value.as_object() {
        Some(object) => read(object),
        None => Err(Refusal::field(name, value, "must be a list of objects")),
    });
    each.collect()
}

/// A list as JSON lines.
fn json_lines<T: serde::Serialize>(list: &[T]) -> Result<Response, Refusal> {
    let mut body = Vec::new();
    for entry in list {
        serde_json::to_writer(&mut body, entry)
            .map_err(|error| Refusal::validation(error.to_string()))?;
        body.push(b'\n');
    }
    let mut response = Response::empty(StatusCode::OK).header(CONTENT_TYPE, "application/x-ndjson");
    response.body = body.into();
    Ok(response)
}

fn ok(value: &Value) -> Response {
    Response::json(StatusCode::OK, value)
}

fn no_content() -> Response {
    Response::empty(StatusCode::NO_CONTENT)
}

fn one_call(id: &str, state: &State) -> Result<Response, Refusal> {
    match state.call_store.get(id) {
        Some(call) => Ok(ok(&view::call(call))),
        None => Err(Refusal::call_not_found(id)),
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let why = error.to_string();
        match error {
            Error::NoSuchCall(id) => Self::call_not_found(&id),
            Error::InvalidState { id, state } => {
                Self::call_state(&id, state, "the other party cannot do this now")
                    .with_status(StatusCode::CONFLICT)
            }
            Error::InvalidUrl(ref url) => Self::validation(why).detail("callback_url", url),
            Error::TooManyLines => Self::validation(why).detail("number", ""),
            Error::InvalidClock => Self::validation(why).detail("factor", ""),
            Error::TooManyCalls => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "too-many-calls",
                why,
            ),
            Error::IdTaken(id) => {
                Self::new(StatusCode::CONFLICT, "conflict", "id-taken", why).detail("id", &id)
            }
            Error::InvalidId(id) => Self::validation(why).detail("id", &id),
            Error::InvalidAddress { field, value } => Self::validation(why).detail(field, &value),
            Error::InvalidReply { .. } | Error::TooManyReplies => {
                Self::validation(why).detail("replies", "")
            }
            Error::InvalidFault { .. } | Error::TooManyFaults => {
                Self::validation(why).detail("faults", "")
            }
        }
    }
}
