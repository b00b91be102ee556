//! The conditions of a list of calls.

use std::fmt;

use super::time;
use crate::api::Api;
use crate::error::InvalidArgument;
use crate::redact;
use crate::response::{Call, CallState};
use crate::transfer::{number, phone};

/// The default number of calls on a page: the highest that both APIs allow.
const PAGE_SIZE: u32 = 1000;

/// The conditions of a list of calls. Without any condition, it contains all calls that the
/// platform lists.
///
/// Setters never fail: an invalid value is refused by `list_calls` of a client, with an
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) that names the field. `Debug`
/// redacts numbers.
///
/// ```
/// use calltransfer::CallQuery;
///
/// let query = CallQuery::new().state("active").to("+18385550199");
/// assert_eq!(format!("{query:?}").matches("8385550199").count(), 0);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallQuery {
    pub(crate) state: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) min_start_time: Option<String>,
    pub(crate) max_start_time: Option<String>,
    pub(crate) page_size: Option<u32>,
}

impl CallQuery {
    /// All calls.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only calls in this state: in v1 `started`, `rejected`, `active`, `completed` or
    /// `transferring`, in v2 `queued`, `initiated`, `answered` or `disconnected`.
    ///
    /// Neither API can filter by it: the library reads the other calls too, and leaves them out.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Only calls from this E.164 number or SIP address. Source: `from`.
    pub fn from(mut self, from: impl Into<String>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Only calls to this E.164 number or SIP address. Source: `to`.
    pub fn to(mut self, to: impl Into<String>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Only calls that began at this time or later, as `2026-01-31` or `2026-01-31T08:00:00Z` (ISO
    /// 8601). v2 only. Source: `minStartTime`.
    ///
    /// v2 also lists calls that ended long ago: without this condition, all of them are read to
    /// find the live ones.
    pub fn min_start_time(mut self, time: impl Into<String>) -> Self {
        self.min_start_time = Some(time.into());
        self
    }

    /// Only calls that began at this time or before. v2 only. Source: `maxStartTime`.
    pub fn max_start_time(mut self, time: impl Into<String>) -> Self {
        self.max_start_time = Some(time.into());
        self
    }

    /// How many calls are requested at once: 1 to 1,000, by default 1,000. Source: `size`, in v2
    /// `pageSize`.
    ///
    /// Each page is one request, with the client's timeout.
    pub fn page_size(mut self, page_size: u32) -> Self {
        self.page_size = Some(page_size);
        self
    }

    /// Refuses what can't be sent; `states` are those of the API.
    pub(crate) fn check(&self, api: Api, states: &[CallState]) -> Result<(), InvalidArgument> {
        if let Some(state) = &self.state
            && !states.iter().any(|known| known.as_str() == state)
        {
            let shown = redact::text_with_numbers(state);
            let words: Vec<_> = states.iter().map(CallState::as_str).collect();
            let allowed = words.join(", ");
            let reason = format!(
                "\"{shown}\" is not a state of a call in {api}; expected one of: {allowed}"
            );
            return Err(InvalidArgument::new("state", reason));
        }
        for (field, given) in [("from", &self.from), ("to", &self.to)] {
            if let Some(given) = given {
                phone::check_address(field, given)?;
            }
        }
        for (field, given) in [
            ("min_start_time", &self.min_start_time),
            ("max_start_time", &self.max_start_time),
        ] {
            match given {
                Some(_) if api == Api::V1 => {
                    let reason = "is a condition of the v2 API only; this is v1";
                    return Err(InvalidArgument::new(field, reason));
                }
                Some(given) => time::check(field, given)?,
                None => {}
            }
        }
        match self.page_size {
            Some(size) if !(1..=PAGE_SIZE).contains(&size) => {
                let reason = format!("must be 1 to {PAGE_SIZE}, got {size}");
                Err(InvalidArgument::new("page_size", reason))
            }
            _ => Ok(()),
        }
    }

    /// The parameters of the request; `size` is what the API calls the size of a page.
    pub(crate) fn parameters(&self, size: &'static str) -> Vec<(&'static str, String)> {
        let address = |given: &Option<String>| Some(phone::wire(given.as_deref()?).into_owned());
        let page_size = self.page_size.unwrap_or(PAGE_SIZE).to_string();
        [
            ("from", address(&self.from)),
            ("to", address(&self.to)),
            ("minStartTime", self.min_start_time.clone()),
            ("maxStartTime", self.max_start_time.clone()),
            (size, Some(page_size)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Whether a call matches the query, even if the server ignored its parameters: otherwise other
    /// people's calls might be transferred.
    pub(crate) fn wants(&self, call: &Call) -> bool {
        let is_wanted_state = |state: &String| call.state.as_str() == state;
        self.state.as_ref().is_none_or(is_wanted_state)
            && may_be(self.from.as_deref(), call.from.as_deref())
            && may_be(self.to.as_deref(), call.to.as_deref())
    }
}

/// Only two numbers can be compared: a SIP address has more than one form, and a caller may be
/// shown as `Private`.
fn may_be(wanted: Option<&str>, shown: Option<&str>) -> bool {
    let (Some(wanted), Some(shown)) = (wanted.map(phone::wire), shown) else {
        return true;
    };
    !(number::is_e164(&wanted) && number::is_e164(shown)) || wanted == shown
}

impl AsRef<Self> for CallQuery {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for CallQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |given: &Option<String>| given.as_deref().map(redact::text_with_numbers);
        f.debug_struct("CallQuery")
            .field("state", &text(&self.state))
            .field("from", &self.from.as_deref().map(redact::number))
            .field("to", &self.to.as_deref().map(redact::number))
            .field("min_start_time", &text(&self.min_start_time))
            .field("max_start_time", &text(&self.max_start_time))
            .field("page_size", &self.page_size)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_number_is_another_caller() {
        for (wanted, shown, may) in [
            (None, Some("+12"), true),
            (Some("+12"), None, true),
            (Some("+1 2"), Some("+12"), true),
            (Some("+12"), Some("+13"), false),
            (Some("+12"), Some("Private"), true),
            (Some("sip:a@b"), Some("a@b"), true),
            (Some("sip:a@b"), Some("+13"), true),
        ] {
            assert_eq!(may_be(wanted, shown), may, "{wanted:?} {shown:?}");
        }
    }
}
