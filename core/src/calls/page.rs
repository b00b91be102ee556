//! One page of a list, and the link to the next: never to another server, and never to a page that
//! was read before.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};

use http::HeaderMap;
use url::Url;

use super::link;
use super::query::CallQuery;
use crate::error::{Error, ErrorKind, Outcome};
use crate::redact;
use crate::response::Call;

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

impl CallPage {
    /// The page with these calls, which is a response with these headers to a request of this URL.
    pub(crate) fn new(
        mut calls: Vec<Call>,
        headers: &HeaderMap,
        url: &Url,
        listing: Option<&Listing>,
    ) -> Self {
        let Some(listing) = listing else {
            return Self { calls, next: None };
        };
        let next = link::next(headers).map(|target| {
            let mut visited = listing.visited.clone();
            visited.push(hash(url));
            NextPage {
                url: url.join(target).ok(),
                listing: Listing {
                    query: listing.query.clone(),
                    previous: calls.iter().map(|call| call.id.clone()).collect(),
                    visited,
                },
            }
        });
        calls.retain(|call| !listing.previous.contains(&call.id) && listing.query.wants(call));
        Self { calls, next }
    }
}

impl NextPage {
    /// The URL and the state of the list, if it is a page of the list at `own` and was not read before.
    pub(crate) fn check(self, own: &Url) -> Result<(Url, Listing), Error> {
        let Self { url, listing } = self;
        let url = url.filter(|url| is_same_list(url, own));
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

/// Whether the credentials for `own` may be sent to `url`, which leads to the same list.
fn is_same_list(url: &Url, own: &Url) -> bool {
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
