//! The admin interface under `/_sandbox/`: for tests and harnesses, without credentials.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::answer::Answer;
use crate::call::{CallState, IncomingCall};
use crate::error::Error;
use crate::fault;
use crate::fields::Fields;
use crate::platform::State;
use crate::received::Received;
use crate::refusal::Refusal;
use crate::script::read_reply;
use crate::view;

pub(crate) fn answer(request: &Received, account: &Account, state: &mut State) -> Answer {
    serve(request, account, state).unwrap_or_else(Refusal::into_answer)
}

fn serve(request: &Received, account: &Account, state: &mut State) -> Result<Answer, Refusal> {
    let segments = request.segments();
    let path = segments.get(1..).unwrap_or_default();
    let allow = match path {
        ["health" | "account" | "calls"] | ["calls", _] => "GET",
        ["incoming-calls"] | ["calls", _, "answer" | "hang-up"] => "POST",
        ["requests"] => "GET, DELETE",
        ["replies"] => "POST, DELETE",
        ["faults"] => "GET, POST, DELETE",
        _ => return Err(Refusal::no_such_resource(&request.path)),
    };
    let method = request.method.as_str();
    if !allow.split(", ").any(|allowed| allowed == method) {
        return Err(Refusal::method(method, allow));
    }
    let delete = request.method == Method::DELETE;
    match path {
        ["health"] => Ok(ok(&json!({"status": "ok"}))),
        ["account"] => Ok(ok(&json!({
            "user_id": account.user_id,
            "token": account.token,
            "secret": account.secret,
            "owned_numbers": account.owned_numbers,
        }))),
        ["calls"] => {
            let calls = state.switchboard.all();
            let calls: Vec<Value> = last(request, &calls)?
                .iter()
                .map(|call| view::admin_call(call))
                .collect();
            Ok(ok(&json!({"calls": calls})))
        }
        ["calls", id] => match state.switchboard.get(id) {
            Some(call) => Ok(ok(&view::admin_call(call))),
            None => Err(Refusal::call_not_found(id)),
        },
        ["incoming-calls"] => place(Fields::new(&request.json()?), state),
        ["calls", id, "answer"] => {
            state.switchboard.other_party_answers(id)?;
            Ok(one_call(id, state))
        }
        ["calls", id, "hang-up"] => {
            state.switchboard.other_party_hangs_up(id)?;
            Ok(one_call(id, state))
        }
        ["requests"] if delete => {
            state.log.forget();
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        ["requests"] => {
            let entries = state.log.entries();
            Ok(ok(&json!({"requests": last(request, &entries)?})))
        }
        ["replies"] if delete => {
            state.script.clear();
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        ["replies"] => {
            let read = |reply: &Map<String, Value>| {
                read_reply(Fields::within(reply, "replies."), 200..=599)
            };
            state
                .script
                .add(read_each(&request.json()?, "replies", read)?)?;
            Ok(ok(&json!({"waiting": state.script.len()})))
        }
        _ if delete => {
            state.faults.clear();
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        _ if request.method == Method::GET => Ok(ok(&json!({"faults": state.faults.view()}))),
        _ => {
            state
                .faults
                .add(read_each(&request.json()?, "faults", fault::read)?)?;
            Ok(ok(&json!({"waiting": state.faults.len()})))
        }
    }
}

/// The end of a list, where the query asks for no more: `last=100`.
fn last<'a, T>(request: &Received, list: &'a [T]) -> Result<&'a [T], Refusal> {
    let query = request.query.as_deref().unwrap_or_default();
    let mut wanted = list.len();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name == "last" {
            wanted = value.parse().map_err(|_| {
                let value = Value::from(value.as_ref());
                Refusal::field("last", &value, "has to be a whole number")
            })?;
        }
    }
    let skipped = list.len().saturating_sub(wanted);
    Ok(list.get(skipped..).unwrap_or_default())
}

fn place(fields: Fields<'_>, state: &mut State) -> Result<Answer, Refusal> {
    let text = |name| fields.text(name)?.ok_or_else(|| Refusal::missing(name));
    let mut call = IncomingCall::new(text("from")?, text("to")?);
    if let Some(id) = fields.text("id")? {
        call = call.id(id);
    }
    if let Some(word) = fields.text("state")? {
        let state = CallState::from_word(word)
            .ok_or_else(|| fields.refuse("state", "is no state of a call"))?;
        call = call.state(state);
    }
    let id = state.switchboard.place_incoming(call)?;
    Ok(Answer::json(StatusCode::CREATED, &json!({"id": id})))
}

/// What the objects in the list of this name say, each read by `read`.
fn read_each<T>(
    object: &Map<String, Value>,
    name: &'static str,
    read: impl Fn(&Map<String, Value>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let list = object
        .get(name)
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::body(&format!("needs a list named {name}")))?;
    let each = list.iter().map(|value| match value.as_object() {
        Some(object) => read(object),
        None => Err(Refusal::field(name, value, "has to hold objects only")),
    });
    each.collect()
}

fn ok(value: &Value) -> Answer {
    Answer::json(StatusCode::OK, value)
}

fn one_call(id: &str, state: &State) -> Answer {
    ok(&state
        .switchboard
        .get(id)
        .map_or(Value::Null, view::admin_call))
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let why = error.to_string();
        match error {
            Error::NoSuchCall(id) => Self::call_not_found(&id),
            Error::InvalidState { id, state } => {
                Self::call_state(&id, state, "the other party can't do that now")
                    .with_status(StatusCode::CONFLICT)
            }
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
