//! The API: which resource, which method, who asks, and what becomes of it.

use axum::http::header::LOCATION;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::account::Account;
use crate::answer::Answer;
use crate::call::Call;
use crate::fields::Fields;
use crate::list;
use crate::outgoing::OutgoingCall;
use crate::received::Received;
use crate::refusal::Refusal;
use crate::switchboard::Switchboard;
use crate::update::Update;
use crate::view;

pub(crate) struct Route<'a> {
    user: &'a str,
    resource: Resource<'a>,
}

#[derive(Clone, Copy)]
enum Resource<'a> {
    Calls,
    Call(&'a str),
    Events(&'a str),
    /// Lists that stay empty: recordings and transcriptions.
    Empty(&'a str),
}

impl<'a> Route<'a> {
    pub(crate) fn find(request: &'a Received) -> Option<Self> {
        let (user, resource) = match request.segments()[..] {
            ["v1", "users", user, "calls"] => (user, Resource::Calls),
            ["v1", "users", user, "calls", id] => (user, Resource::Call(id)),
            ["v1", "users", user, "calls", id, "events"] => (user, Resource::Events(id)),
            [
                "v1",
                "users",
                user,
                "calls",
                id,
                "recordings" | "transcriptions",
            ] => (user, Resource::Empty(id)),
            _ => return None,
        };
        Some(Self { user, resource })
    }

    pub(crate) fn call_id(&self) -> Option<&'a str> {
        match self.resource {
            Resource::Calls => None,
            Resource::Call(id) | Resource::Events(id) | Resource::Empty(id) => Some(id),
        }
    }
}

/// Answers a request; what it changes is changed when this returns.
pub(crate) fn answer(
    request: &Received,
    route: Option<&Route<'_>>,
    authorized: bool,
    account: &Account,
    host: &str,
    switchboard: &mut Switchboard,
) -> Answer {
    let Some(route) = route else {
        return Refusal::no_such_resource(&request.path).into_answer();
    };
    let desk = Desk {
        request,
        account,
        calls: format!(
            "{}/v1/users/{}/calls",
            request.origin(host),
            account.user_id
        ),
        switchboard,
    };
    desk.serve(route, authorized)
        .unwrap_or_else(Refusal::into_answer)
}

/// What is at hand while one request is served.
struct Desk<'a> {
    request: &'a Received,
    account: &'a Account,
    /// The absolute URL of the list of calls.
    calls: String,
    switchboard: &'a mut Switchboard,
}

impl Desk<'_> {
    fn serve(self, route: &Route<'_>, authorized: bool) -> Result<Answer, Refusal> {
        if !authorized {
            return Err(Refusal::credentials());
        }
        if route.user != self.account.user_id {
            return Err(Refusal::user(route.user));
        }
        let method = &self.request.method;
        let (get, post) = (method == Method::GET, method == Method::POST);
        match route.resource {
            Resource::Calls if get => self.list(),
            Resource::Calls if post => self.create(),
            Resource::Call(id) if get => {
                let shown = view::api_call(self.find(id)?, &self.calls);
                Ok(Answer::json(StatusCode::OK, &shown))
            }
            Resource::Call(id) if post => self.update(id),
            Resource::Events(id) if get => {
                let shown = view::api_events(self.find(id)?, &self.calls);
                Ok(Answer::json(StatusCode::OK, &shown))
            }
            Resource::Empty(id) if get => {
                self.find(id)?;
                Ok(Answer::json(StatusCode::OK, &json!([])))
            }
            Resource::Calls | Resource::Call(_) => {
                Err(Refusal::method(method.as_str(), "GET, POST"))
            }
            Resource::Events(_) | Resource::Empty(_) => {
                Err(Refusal::method(method.as_str(), "GET"))
            }
        }
    }

    fn find(&self, id: &str) -> Result<&Call, Refusal> {
        self.switchboard
            .get(id)
            .ok_or_else(|| Refusal::call_not_found(id))
    }

    fn list(&self) -> Result<Answer, Refusal> {
        let query = self.request.query.as_deref().unwrap_or_default();
        let shown: Vec<Value> = list::page(self.switchboard, query)?
            .into_iter()
            .map(|call| view::api_call(call, &self.calls))
            .collect();
        Ok(Answer::json(StatusCode::OK, &Value::Array(shown)))
    }

    fn create(self) -> Result<Answer, Refusal> {
        let object = self.request.declared_json()?;
        let wanted = OutgoingCall::read(Fields::new(&object), self.account)?;
        let id = self.switchboard.create(wanted);
        Ok(created(&self.calls, &id))
    }

    fn update(self, id: &str) -> Result<Answer, Refusal> {
        let object = self.request.declared_json()?;
        self.find(id)?;
        let update = Update::read(Fields::new(&object))?;
        Ok(match self.switchboard.update(id, update, self.account)? {
            Some(leg) => created(&self.calls, &leg),
            None => Answer::empty(StatusCode::OK),
        })
    }
}

fn created(calls: &str, id: &str) -> Answer {
    Answer::empty(StatusCode::CREATED).header(LOCATION, &format!("{calls}/{id}"))
}
