//! The kinds of errors: one list for every language.

use crate::words::words;

words! {
    /// The kind of the error. Whether the call was transferred is the error's
    /// [`outcome`](crate::Error::outcome).
    ErrorKind
    /// An argument can't be sent; [`field`](crate::Error::field) names it.
    InvalidArgument = 1 "invalid_argument",
    /// A setting is missing or wrong; [`field`](crate::Error::field) names it.
    Configuration = 2 "configuration",
    /// The host's name could not be resolved, no connection could be made, or the process has no
    /// file descriptors or threads left for one.
    Connection = 3 "connection",
    /// The time ran out before the request was sent.
    Timeout = 4 "timeout",
    /// The TLS handshake failed: the certificate or host name is not trusted, or the connection was
    /// lost.
    Tls = 5 "tls",
    /// The proxy refused or failed.
    Proxy = 6 "proxy",
    /// The caller stopped the transfer before it was sent.
    Cancelled = 7 "cancelled",
    /// A bug in this library; please report it.
    Internal = 8 "internal",
    /// The request may have arrived, and nothing shows whether it was carried out.
    OutcomeUnknown = 9 "outcome_unknown",
    /// The platform responded with a redirect, which is never followed.
    RedirectRefused = 10 "redirect_refused",
    /// The platform rejected the request as invalid.
    BadRequest = 11 "bad_request",
    /// The platform rejected the credentials.
    Authentication = 12 "authentication",
    /// The account may not do this, or not with this number.
    Authorization = 13 "authorization",
    /// The account has no credit left.
    InsufficientCredit = 14 "insufficient_credit",
    /// The platform forbids this transfer.
    Forbidden = 15 "forbidden",
    /// The platform has no such call.
    CallNotFound = 16 "call_not_found",
    /// The call isn't active: not answered yet, already transferred, or ended.
    CallNotActive = 17 "call_not_active",
    /// Another update of this call is in progress.
    Conflict = 18 "conflict",
    /// Too many requests; [`retry_after`](crate::Error::retry_after) says when the limit clears.
    RateLimited = 19 "rate_limited",
    /// The call is still being set up.
    Unavailable = 20 "unavailable",
    /// The platform refused for a reason that has no kind of its own, or another server responded
    /// with 404.
    Rejected = 21 "rejected",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        let mut numbers: Vec<_> = ErrorKind::ALL.iter().map(|k| k.number()).collect();
        let mut names: Vec<_> = ErrorKind::ALL.iter().map(|k| k.as_str()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!(numbers.len(), ErrorKind::ALL.len());
        assert_eq!(names.len(), ErrorKind::ALL.len());
    }
}
