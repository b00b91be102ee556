//! The API: finds the resource, checks method and credentials, and handles the request.

use http::header::{CONTENT_TYPE, LINK, LOCATION};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::account::{Account, Standing};
use crate::calls::call::Call;
use crate::calls::call_store::CallStore;
use crate::calls::commands::NewCall;
use crate::calls::recording::Recording;
use crate::http::received::Received;
use crate::http::response::Response;
use crate::limits::Limits;
use crate::timestamp::wall_ms;
use crate::v1::fields::Fields;
use crate::v1::list;
use crate::v1::refusal::Refusal;
use crate::v1::update::{Step, Update};
use crate::v1::view;

pub(crate) struct Route<'a> {
    user: &'a str,
    resource: Resource<'a>,
}

#[derive(Clone, Copy)]
enum Resource<'a> {
    Calls,
    Call(&'a str),
    Events(&'a str),
    Event(&'a str, &'a str),
    Recordings(&'a str),
    /// Nothing is transcribed.
    Transcriptions(&'a str),
    AllRecordings,
    Recording(&'a str),
    Media(&'a str),
}

impl<'a> Route<'a> {
    pub(crate) fn find(segments: &[&'a str]) -> Option<Self> {
        let (user, resource) = match *segments {
            ["v1", "users", user, "calls"] => (user, Resource::Calls),
            ["v1", "users", user, "calls", id] => (user, Resource::Call(id)),
            ["v1", "users", user, "calls", id, "events"] => (user, Resource::Events(id)),
            ["v1", "users", user, "calls", id, "events", event] => {
                (user, Resource::Event(id, event))
            }
            ["v1", "users", user, "calls", id, "recordings"] => (user, Resource::Recordings(id)),
            ["v1", "users", user, "calls", id, "transcriptions"] => {
                (user, Resource::Transcriptions(id))
            }
            ["v1", "users", user, "recordings"] => (user, Resource::AllRecordings),
            ["v1", "users", user, "recordings", id] => (user, Resource::Recording(id)),
            ["v1", "users", user, "media", name] => (user, Resource::Media(name)),
            _ => return None,
        };
        Some(Self { user, resource })
    }

    pub(crate) fn call_id(&self) -> Option<&'a str> {
        match self.resource {
            Resource::Call(id)
            | Resource::Events(id)
            | Resource::Event(id, _)
            | Resource::Recordings(id)
            | Resource::Transcriptions(id) => Some(id),
            Resource::Calls
            | Resource::AllRecordings
            | Resource::Recording(_)
            | Resource::Media(_) => None,
        }
    }
}

/// Responds to a request; what it changes is changed when this returns.
pub(crate) fn respond(
    request: &Received,
    route: Option<&Route<'_>>,
    authorized: bool,
    account: &Account,
    host: &str,
    call_store: &mut CallStore,
    limits: &mut Limits,
) -> Response {
    let Some(route) = route else {
        return Refusal::no_such_resource(&request.path).into_response();
    };
    let handler = Handler {
        request,
        account,
        user: view::user_url(&request.origin(host), route.user),
        call_store,
        limits,
    };
    handler
        .serve(route, authorized)
        .unwrap_or_else(Refusal::into_response)
}

/// What the handling of one request uses.
struct Handler<'a> {
    request: &'a Received,
    account: &'a Account,
    /// The absolute URL of the user.
    user: String,
    call_store: &'a mut CallStore,
    limits: &'a mut Limits,
}

impl Handler<'_> {
    fn serve(self, route: &Route<'_>, authorized: bool) -> Result<Response, Refusal> {
        if !authorized || self.account.refuses_everyone(route.user) {
            return Err(Refusal::credentials());
        }
        let standing = self.account.standing(route.user);
        let standing = standing.ok_or_else(|| Refusal::user(route.user))?;
        if let Some(limit) = standing.requests_a_second {
            let taken = self.limits.request(route.user, limit, wall_ms());
            taken.map_err(Refusal::rate_limit)?;
        }
        let method = &self.request.method;
        let (get, post) = (method == Method::GET, method == Method::POST);
        match route.resource {
            Resource::Calls if get => self.list(),
            Resource::Calls if post => self.create(route.user, standing),
            Resource::Call(id) if get => {
                let shown = view::api_call(self.find(id)?, &self.user);
                Ok(Response::json(StatusCode::OK, &shown))
            }
            Resource::Call(id) if post => self.update(id, route.user, standing),
            Resource::Events(id) if get => {
                let shown = view::api_events(self.find(id)?, &self.user);
                Ok(Response::json(StatusCode::OK, &shown))
            }
            Resource::Event(id, event) if get => {
                let events = view::api_events(self.find(id)?, &self.user);
                let found = events
                    .as_array()
                    .and_then(|events| events.iter().find(|it| it["id"] == event));
                match found {
                    Some(event) => Ok(Response::json(StatusCode::OK, event)),
                    None => Err(Refusal::event_not_found(event)),
                }
            }
            Resource::Recordings(id) if get => {
                let shown = view::recordings([self.find(id)?], &self.user);
                Ok(Response::json(StatusCode::OK, &shown))
            }
            Resource::Transcriptions(id) if get => {
                self.find(id)?;
                Ok(Response::json(StatusCode::OK, &json!([])))
            }
            Resource::AllRecordings if get => {
                let shown = view::recordings(self.call_store.all(), &self.user);
                Ok(Response::json(StatusCode::OK, &shown))
            }
            Resource::Recording(id) if get => {
                let (call, recording) = self.recording(id)?;
                let shown = view::recording(call, recording, &self.user);
                Ok(Response::json(StatusCode::OK, &shown))
            }
            Resource::Media(name) if get => self.media(name),
            Resource::Calls | Resource::Call(_) => {
                Err(Refusal::method(method.as_str(), "GET, POST"))
            }
            _ => Err(Refusal::method(method.as_str(), "GET")),
        }
    }

    fn find(&self, id: &str) -> Result<&Call, Refusal> {
        self.call_store
            .get(id)
            .ok_or_else(|| Refusal::call_not_found(id))
    }

    fn recording(&self, id: &str) -> Result<(&Call, &Recording), Refusal> {
        self.call_store
            .recorded(id)
            .and_then(|call| Some((call, call.recordings.iter().find(|it| it.id == id)?)))
            .ok_or_else(|| Refusal::no_such_resource(&self.request.path))
    }

    fn media(&self, name: &str) -> Result<Response, Refusal> {
        let (id, _) = name.split_once('.').unwrap_or((name, ""));
        let (_, recording) = self.recording(id)?;
        let media = recording
            .media()
            .filter(|_| recording.file_name() == name)
            .ok_or_else(|| Refusal::no_such_resource(&self.request.path))?;
        let kind = match recording.file_format {
            "mp3" => "audio/mpeg",
            _ => "audio/wav",
        };
        let mut response = Response::empty(StatusCode::OK).header(CONTENT_TYPE, kind);
        response.body = media.into();
        Ok(response)
    }

    fn list(&self) -> Result<Response, Refusal> {
        let query = self.request.query.as_deref().unwrap_or_default();
        let page = list::page(self.call_store, query)?;
        let shown = page
            .calls
            .iter()
            .map(|call| view::api_call(call, &self.user));
        let response = Response::json(StatusCode::OK, &Value::Array(shown.collect()));
        let links = page.links(&format!("{}/calls", self.user));
        Ok(response.header(LINK, &links))
    }

    /// Whether the account may have one more outbound call.
    fn may_call(&mut self, user: &str, standing: Standing) -> Result<(), Refusal> {
        if standing.no_credit {
            return Err(Refusal::credit());
        }
        match standing.calls_a_second {
            Some(limit) => {
                let taken = self.limits.call(user, limit, wall_ms());
                taken.map_err(|_| Refusal::call_rate_limit())
            }
            None => Ok(()),
        }
    }

    fn create(mut self, user: &str, standing: Standing) -> Result<Response, Refusal> {
        let object = self.request.declared_json()?;
        let wanted = NewCall::read(Fields::new(&object), self.account)?;
        self.may_call(user, standing)?;
        let id = self
            .call_store
            .create(wanted)
            .map_err(|denied| Refusal::denied("", denied))?;
        Ok(created(&self.user, &id))
    }

    fn update(mut self, id: &str, user: &str, standing: Standing) -> Result<Response, Refusal> {
        let object = self.request.declared_json()?;
        self.find(id)?;
        let Update { step, recording } = Update::read(Fields::new(&object))?;
        let denied = |denied| Refusal::denied(id, denied);
        let call = self.call_store.may(id, step.act()).map_err(denied)?;
        match step {
            Step::Transfer(transfer) => {
                let shown = transfer.shown_caller(call, self.account)?;
                let leg = transfer.leg(shown);
                self.may_call(user, standing)?;
                let made = self.call_store.transfer(id, leg, recording);
                return Ok(created(&self.user, &made.map_err(denied)?));
            }
            Step::Answer => self.call_store.answer(id, recording),
            Step::HangUp => self.call_store.hang_up(id, recording),
            Step::Reject => self.call_store.reject(id, recording),
            Step::Stay => self.call_store.switch_recording(id, recording),
        }
        .map_err(denied)?;
        Ok(Response::empty(StatusCode::OK))
    }
}

fn created(user: &str, id: &str) -> Response {
    Response::empty(StatusCode::CREATED).header(LOCATION, &[user, "/calls/", id].concat())
}
