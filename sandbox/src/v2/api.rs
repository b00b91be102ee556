//! The v2 API: finds the resource, checks method and credentials, and handles the request.

use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LINK};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::account::{Account, basic_credentials};
use crate::address::{is_callable, is_web_url};
use crate::calls::call_store::CallStore;
use crate::calls::commands::{CallbackPlan, NewCall, RecordingRequest};
use crate::calls::line::Refused;
use crate::calls::program::{Program, Step, Webhook};
use crate::http::received::Received;
use crate::http::response::Response;
use crate::v2::refusal::Refusal;
use crate::v2::tokens::Tokens;
use crate::v2::view;
use crate::v2::{bxml, list};

#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    Token,
    Calls(&'a str),
    Call(&'a str, &'a str),
    Bxml(&'a str, &'a str),
}

impl<'a> Route<'a> {
    pub(crate) fn find(segments: &[&'a str]) -> Option<Self> {
        Some(match *segments {
            ["api", "v1", "oauth2", "token"] => Self::Token,
            ["api", "v2", "accounts", account, "calls"] => Self::Calls(account),
            ["api", "v2", "accounts", account, "calls", id] => Self::Call(account, id),
            ["api", "v2", "accounts", account, "calls", id, "bxml"] => Self::Bxml(account, id),
            _ => return None,
        })
    }

    pub(crate) fn call_id(self) -> Option<&'a str> {
        match self {
            Self::Call(_, id) | Self::Bxml(_, id) => Some(id),
            Self::Token | Self::Calls(_) => None,
        }
    }
}

/// Whether the request has valid credentials: client ID and secret to fetch a token, else a token, or
/// user name and password.
pub(crate) fn accepts(
    route: Route<'_>,
    request: &Received,
    account: &Account,
    tokens: &Tokens,
) -> bool {
    let basic = basic_credentials(&request.headers);
    let is = |name: &str, password: &str| {
        basic
            .as_ref()
            .is_some_and(|(given, secret)| given == name && secret == password)
    };
    if matches!(route, Route::Token) {
        return is(&account.client_id, &account.client_secret);
    }
    let bearer = request
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    bearer.is_some_and(|token| tokens.is_good(token)) || is(&account.username, &account.password)
}

/// Responds to a request; what it changes is changed when this returns.
pub(crate) fn respond(
    route: Route<'_>,
    request: &Received,
    authorized: bool,
    account: &Account,
    tokens: &mut Tokens,
    call_store: &mut CallStore,
) -> Response {
    let handler = Handler {
        request,
        account,
        call_store,
    };
    let response = match route {
        Route::Token => return token(request, authorized, tokens),
        _ if !authorized => Err(Refusal::credentials()),
        Route::Calls(id) | Route::Call(id, _) | Route::Bxml(id, _) if id != account.account_id => {
            Err(Refusal::account())
        }
        Route::Calls(_) => handler.calls(),
        Route::Call(_, id) => handler.call(id),
        Route::Bxml(_, id) => handler.bxml(id),
    };
    response.unwrap_or_else(Refusal::into_response)
}

/// RFC 6749, section 4.4.
fn token(request: &Received, authorized: bool, tokens: &mut Tokens) -> Response {
    let refuse = |status, error: &str| Response::json(status, &json!({"error": error}));
    if request.method != Method::POST {
        return Refusal::method("POST").into_response();
    }
    if !authorized {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let granted = form_urlencoded::parse(&request.body)
        .any(|(name, value)| name == "grant_type" && value == "client_credentials");
    if !granted {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let token = json!({
        "access_token": tokens.grant(),
        "token_type": "Bearer",
        "expires_in": tokens.lifetime_s,
    });
    Response::json(StatusCode::OK, &token).header(CACHE_CONTROL, "no-store")
}

struct Handler<'a> {
    request: &'a Received,
    account: &'a Account,
    call_store: &'a mut CallStore,
}

impl Handler<'_> {
    fn calls(self) -> Result<Response, Refusal> {
        match self.request.method {
            Method::GET => self.list(),
            Method::POST => self.create(),
            _ => Err(Refusal::method("GET, POST")),
        }
    }

    fn create(self) -> Result<Response, Refusal> {
        let object = self.json()?;
        let text = |name| text(&object, name);
        let needed =
            |name| text(name)?.ok_or_else(|| Refusal::validation(format!("{name}: is missing")));
        let (from, to) = (needed("from")?, needed("to")?);
        for (name, value) in [("from", from), ("to", to)] {
            if !is_callable(value) {
                let why = format!("{name}: {value:?} is not a phone number or SIP URI");
                return Err(Refusal::validation(why));
            }
        }
        if !self.account.owns(from) {
            return Err(Refusal::validation("from: is not a number of the account"));
        }
        let login = text("username")?.zip(text("password")?);
        let webhook = |url: &'static str, method: &'static str| -> Result<_, Refusal> {
            webhook(text(url)?, url, text(method)?, login)
        };
        let answer = webhook("answerUrl", "answerMethod")?
            .ok_or_else(|| Refusal::validation("answerUrl: is missing"))?;
        let disconnect = webhook("disconnectUrl", "disconnectMethod")?;
        let timeout = object.get("callTimeout").map(|given| {
            given
                .as_f64()
                .filter(|seconds| (1.0..=300.0).contains(seconds))
                .ok_or_else(|| Refusal::validation("callTimeout: must be 1 to 300 seconds"))
        });
        let application_id = needed("applicationId")?.to_owned();
        let tag = text("tag")?.map(str::to_owned);
        let program = Program::of_new_call(answer, disconnect, application_id, tag);
        let id = self
            .call_store
            .create(NewCall {
                from: from.to_owned(),
                to: to.to_owned(),
                callbacks: CallbackPlan::default(),
                recording: RecordingRequest::default(),
                recording_max_s: None,
                call_timeout_s: timeout.transpose()?.map(|seconds| seconds.ceil() as u32),
                tag: None,
                program: Some(program),
                settings: Map::new(),
            })
            .map_err(Refusal::denied)?;
        let mut shown = object;
        for (name, value) in self.account_fields(&id) {
            shown.insert(name.to_owned(), value);
        }
        shown.remove("password");
        for name in ["answerMethod", "disconnectMethod"] {
            shown.entry(name).or_insert_with(|| json!("POST"));
        }
        Ok(Response::json(StatusCode::CREATED, &Value::Object(shown)))
    }

    fn account_fields(&self, id: &str) -> [(&'static str, Value); 3] {
        let account = &self.account.account_id;
        let path = format!("/api/v2/accounts/{account}/calls/{id}");
        [
            ("accountId", json!(account)),
            ("callId", json!(id)),
            ("callUrl", json!(self.request.origin("127.0.0.1") + &path)),
        ]
    }

    fn list(&self) -> Result<Response, Refusal> {
        let account = &self.account.account_id;
        let query = self.request.query.as_deref().unwrap_or_default();
        let page = list::page(self.call_store, query)?;
        let shown = page.calls.iter().map(|call| view::call(call, account));
        let response = Response::json(StatusCode::OK, &Value::Array(shown.collect()));
        let path = format!("/api/v2/accounts/{account}/calls");
        let link = page.link(&(self.request.origin("127.0.0.1") + &path));
        Ok(match link {
            Some(link) => response.header(LINK, &link),
            None => response,
        })
    }

    fn call(self, id: &str) -> Result<Response, Refusal> {
        let call = self
            .call_store
            .get(id)
            .ok_or_else(Refusal::call_not_found)?;
        if self.request.method == Method::GET {
            let shown = view::call(call, &self.account.account_id);
            return Ok(Response::json(StatusCode::OK, &shown));
        }
        if self.request.method != Method::POST {
            return Err(Refusal::method("GET, POST"));
        }
        let object = self.json()?;
        match text(&object, "state")?.unwrap_or("active") {
            "completed" => self.call_store.interrupt(id, vec![Step::Hangup]),
            "active" => {
                let login = text(&object, "username")?.zip(text(&object, "password")?);
                let method = text(&object, "redirectMethod")?;
                let url = text(&object, "redirectUrl")?;
                let webhook = webhook(url, "redirectUrl", method, login)?
                    .ok_or_else(|| Refusal::validation("redirectUrl: is missing"))?;
                self.call_store.redirect(id, webhook)
            }
            odd => {
                let why =
                    format!("state: {odd:?} is not valid; expected one of: active, completed");
                return Err(Refusal::validation(why));
            }
        }
        .map_err(Refusal::denied)?;
        Ok(Response::empty(StatusCode::OK))
    }

    fn bxml(self, id: &str) -> Result<Response, Refusal> {
        if self.request.method != Method::PUT {
            return Err(Refusal::method("PUT"));
        }
        if !matches!(self.media_type().as_str(), "application/xml" | "text/xml") {
            return Err(Refusal::media_type("application/xml"));
        }
        self.call_store.may_interrupt(id).map_err(Refusal::denied)?;
        let text = std::str::from_utf8(&self.request.body)
            .map_err(|_| Refusal::validation("body: is not valid UTF-8"))?;
        let steps = bxml::read(text).map_err(|wrong| Refusal::validation(wrong.to_string()))?;
        let refused = targets(&steps)
            .find_map(|to| self.call_store.lines.refused(to))
            .filter(|why| is_reported_at_once(*why));
        match refused {
            Some(why) if why != Refused::TransferErrorThoughMade => {
                return Err(Refusal::line(why));
            }
            _ => {}
        }
        self.call_store
            .interrupt(id, steps)
            .map_err(Refusal::denied)?;
        match refused {
            Some(why) => Err(Refusal::line(why)),
            None => Ok(Response::empty(StatusCode::NO_CONTENT)),
        }
    }

    fn json(&self) -> Result<Map<String, Value>, Refusal> {
        if self.media_type() != "application/json" {
            return Err(Refusal::media_type("application/json"));
        }
        match serde_json::from_slice(&self.request.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Refusal::validation("body: must be a JSON object")),
        }
    }

    /// In lower case, without its parameters.
    fn media_type(&self) -> String {
        let given = self.request.headers.get(CONTENT_TYPE);
        let given = given.and_then(|value| value.to_str().ok()).unwrap_or("");
        let name = given.split(';').next().unwrap_or_default();
        name.trim().to_ascii_lowercase()
    }
}

fn targets(steps: &[Step]) -> impl Iterator<Item = &str> {
    let dials = steps.iter().filter_map(|step| match step {
        Step::Transfer(dial) => Some(&dial.targets),
        _ => None,
    });
    dials.flatten().map(|target| target.to.as_str())
}

/// Whether the response to the request has this refusal; the others are reported to `transferCompleteUrl`.
fn is_reported_at_once(why: Refused) -> bool {
    matches!(
        why,
        Refused::RateLimit
            | Refused::Conflict
            | Refused::Unavailable
            | Refused::TransferError
            | Refused::TransferErrorThoughMade
    )
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::validation(format!("{name}: must be a string"))),
    }
}

fn webhook(
    url: Option<&str>,
    name: &str,
    method: Option<&str>,
    login: Option<(&str, &str)>,
) -> Result<Option<Webhook>, Refusal> {
    let Some(url) = url else { return Ok(None) };
    if !is_web_url(url) {
        let why = format!("{name}: {url:?} is not an absolute http or https URL");
        return Err(Refusal::validation(why));
    }
    let by_get = match method {
        None | Some("POST") => false,
        Some("GET") => true,
        Some(odd) => {
            let why =
                format!("{name}: its method {odd:?} is not valid; expected one of: POST, GET");
            return Err(Refusal::validation(why));
        }
    };
    Ok(Some(Webhook {
        url: url.to_owned(),
        by_get,
        login: login.map(|(name, password)| (name.to_owned(), password.to_owned())),
    }))
}
