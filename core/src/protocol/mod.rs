//! The platform's two APIs: each builds requests and reads responses. No I/O.

mod call;
mod next_page;
mod request;
pub(crate) mod steps;
pub(crate) mod v1;
pub(crate) mod v2;

use http::{HeaderMap, Method};

use crate::api::Api;
use crate::calls::{CallQuery, Listing};
use crate::config::Config;
use crate::error::Error;
use crate::http_request::{Action, HttpRequest, url_of};
use crate::redact_response;
use crate::response::{CallState, Response, Transferred, Wording};
use crate::transfer::{Transfer, id};
pub(crate) use next_page::NextRequest;
pub use request::Request;

/// One API. What it does not support is rejected here, before anything is sent.
pub(crate) trait Protocol: Wording + Sync {
    fn transfer(&self, config: &Config, transfer: &Transfer) -> Result<HttpRequest, Error>;
    fn answer(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error>;
    fn hang_up(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error>;

    /// The path of the account's calls. Its ID is checked, so nothing needs encoding.
    fn calls_path(&self, config: &Config) -> String;

    /// The path of a call; both IDs are checked, so nothing needs encoding.
    fn call_path(&self, config: &Config, call_id: &str) -> String {
        let calls = self.calls_path(config);
        format!("{calls}/{call_id}")
    }

    /// The states that a call can have, and what the size of a page is called in a query.
    fn list_words(&self) -> (&'static [CallState], &'static str);

    /// The first page of a list.
    fn list_calls(&self, config: &Config, query: &CallQuery) -> Result<HttpRequest, Error> {
        let (states, size) = self.list_words();
        query.check(config.api(), states)?;
        let mut url = url_of(config.base_url(), &self.calls_path(config));
        url.query_pairs_mut().extend_pairs(query.parameters(size));
        let mut request = HttpRequest::without_call(Action::ListCalls, Method::GET, url);
        request.listing = Some(Box::new(Listing::new(query.clone())));
        Ok(request)
    }

    fn get_call(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error> {
        id::check("call_id", call_id)?;
        let path = self.call_path(config, call_id);
        let base_url = config.base_url();
        Ok(HttpRequest::new(
            Action::GetCall,
            Method::GET,
            base_url,
            &path,
            call_id,
        ))
    }

    /// The list of a call's events.
    fn get_call_events(&self, config: &Config, call_id: &str) -> Result<HttpRequest, Error>;

    /// Reads the response to a transfer of `call_id`.
    fn read_transfer(
        &self,
        response: &Response,
        account: &str,
        call_id: &str,
    ) -> Result<Transferred, Error>;

    /// The new call that these headers of a transfer's response name.
    fn new_call_id(&self, _: &HeaderMap, _: &Config) -> Option<String> {
        None
    }

    /// Whether these headers name the new call, which proves the transfer by more than its status.
    fn names_new_call(&self, headers: &HeaderMap, config: &Config) -> bool {
        self.new_call_id(headers, config).is_some()
    }
}

/// The protocol of this configuration.
pub(crate) fn of(config: &Config) -> &'static dyn Protocol {
    of_api(config.api())
}

/// The protocol of this API.
pub(crate) fn of_api(api: Api) -> &'static dyn Protocol {
    match api {
        Api::V1 => &v1::V1,
        Api::V2 => &v2::V2,
    }
}

/// Whether this ID, which may be redacted, is the one of the call that was requested.
pub(crate) fn is_requested(id: &str, config: &Config, http_request: &HttpRequest) -> bool {
    let call_id = &http_request.call_id;
    id == call_id || redact_response::is_shown_as(call_id, id, config)
}
