//! One page of a list, and the link to the next: never to another server, and never to a page that
//! was read before.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::vec;

use url::Url;

use super::link;
use super::query::CallQuery;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Outcome};
use crate::protocol::http_request::HttpRequest;
use crate::protocol::{self, Protocol, Request};
use crate::redact;
use crate::response::{Call, Response};

/// The highest number of pages; a longer list ends with an error.
const PAGES: usize = 10_000;

/// A page of a list of calls.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CallPage {
    /// The calls of this page that match the query. May be empty although a further page follows.
    pub calls: Vec<Call>,
    /// The next page, for [`Request::next_page`](crate::Request::next_page); `None` on the last.
    pub next: Option<NextPage>,
}

impl CallPage {
    /// The calls, and the request for the next page.
    pub(crate) fn split(self, config: &Config) -> (vec::IntoIter<Call>, Option<NextRequest>) {
        let next = self.next.map(|next| Request::next_page(config, next));
        (self.calls.into_iter(), next)
    }
}

/// The request for a page, or why the link to it is not followed.
pub(crate) type NextRequest = Result<Request<CallPage>, Error>;

/// The next page of a list. `Debug` hides its query, which may contain phone numbers.
#[derive(Clone)]
pub struct NextPage {
    /// The target of the platform's link, not checked yet; `None` if it is not a URL.
    url: Option<Url>,
    listing: Listing,
}

/// The state of a list at one of its pages.
#[derive(Clone, Default)]
pub(crate) struct Listing {
    pub(crate) query: CallQuery,
    /// The IDs on the previous page. If calls begin while a list is read, the last calls of a page
    /// are also the first of the next one, because the newest calls come first.
    previous: HashSet<String>,
    /// The URLs of all pages before, hashed.
    visited: Vec<u64>,
}

impl Listing {
    pub(crate) fn new(query: CallQuery) -> Self {
        Self {
            query,
            ..Self::default()
        }
    }
}

/// Reads the response to a request for a page.
pub(crate) fn read(
    protocol: &dyn Protocol,
    response: &Response,
    _: &Config,
    http_request: &HttpRequest,
) -> Result<CallPage, Error> {
    let mut calls = response.read_calls(protocol)?;
    let Some(listing) = http_request.listing.as_deref() else {
        return Ok(CallPage { calls, next: None });
    };
    let next = link::next(&response.headers).map(|target| {
        let mut visited = listing.visited.clone();
        visited.push(hash(&http_request.url));
        NextPage {
            url: http_request.url.join(target).ok(),
            listing: Listing {
                query: listing.query.clone(),
                previous: calls.iter().map(|call| call.id.clone()).collect(),
                visited,
            },
        }
    });
    calls.retain(|call| !listing.previous.contains(&call.id) && listing.query.wants(call));
    Ok(CallPage { calls, next })
}

impl NextPage {
    /// The URL and the state of the list, if credentials may be sent to it and it was not read
    /// before.
    pub(crate) fn check(
        self,
        config: &Config,
        protocol: &dyn Protocol,
    ) -> Result<(Url, Listing), Error> {
        let Self { url, listing } = self;
        let url = url.filter(|url| is_own(url, config, protocol));
        let url = url
            .ok_or_else(|| unusable("is not followed: it does not lead to this account's calls"))?;
        if listing.visited.contains(&hash(&url)) {
            return Err(unusable("leads back to a page that was read before"));
        }
        if listing.visited.len() >= PAGES {
            let reason = format!("is not followed: {PAGES} pages are read at most");
            return Err(unusable(&reason));
        }
        Ok((url, listing))
    }
}

fn hash(url: &Url) -> u64 {
    let mut hasher = DefaultHasher::new();
    url.as_str().hash(&mut hasher);
    hasher.finish()
}

/// Whether the credentials of this configuration may be sent there.
fn is_own(url: &Url, config: &Config, protocol: &dyn Protocol) -> bool {
    let own = protocol::url_of(config.base_url(), &protocol.calls_path(config));
    url.scheme() == own.scheme()
        && url.host() == own.host()
        && url.port_or_known_default() == own.port_or_known_default()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == own.path()
}

fn unusable(reason: &str) -> Error {
    let message = format!("the link to the next page of the list {reason}");
    Error::new(ErrorKind::Unavailable, Outcome::NotApplied, message)
}

impl fmt::Debug for NextPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextPage")
            .field(
                "url",
                &self.url.as_ref().map(|url| redact::url(url.as_str())),
            )
            .finish_non_exhaustive()
    }
}
