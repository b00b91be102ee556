//! A response: status, headers, body.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body_util::Full;
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Response {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn json(status: StatusCode, value: &Value) -> Self {
        let mut response = Self::empty(status);
        response
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.body = Bytes::from(value.to_string());
        response
    }

    /// Adds a header; one with an invalid value is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The ID in the Location of a 201.
    pub(crate) fn created(&self) -> Option<&str> {
        if self.status != StatusCode::CREATED {
            return None;
        }
        let location = self.headers.get(LOCATION)?.to_str().ok()?;
        location.rsplit_once('/').map(|(_, id)| id)
    }

    pub(crate) fn into_response(self) -> hyper::Response<Full<Bytes>> {
        let mut response = hyper::Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
