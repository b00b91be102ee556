//! The one account of a sandbox: the credentials for both APIs, the numbers that it owns, and the names
//! of test users, whose requests fail.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) user_id: String,
    pub(crate) token: String,
    pub(crate) secret: String,
    pub(crate) owned_numbers: BTreeSet<String>,
    /// Its ID in v2.
    pub(crate) account_id: String,
    /// The client that may fetch tokens of v2.
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// The user that v2 accepts without a token.
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) limits: Standing,
    /// The valid value of the Authorization header, once it was needed.
    pub(crate) basic: OnceLock<String>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            user_id: "u-sandbox".to_owned(),
            token: "t-sandbox".to_owned(),
            secret: "s-sandbox".to_owned(),
            owned_numbers: BTreeSet::new(),
            account_id: "9900000".to_owned(),
            client_id: "client-sandbox".to_owned(),
            client_secret: "client-secret-sandbox".to_owned(),
            username: "user-sandbox".to_owned(),
            password: "password-sandbox".to_owned(),
            limits: Standing::default(),
            basic: OnceLock::new(),
        }
    }
}

/// The limits of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) no_credit: bool,
    pub(crate) requests_a_second: Option<u32>,
    pub(crate) calls_a_second: Option<u32>,
}

impl Account {
    pub(crate) fn owns(&self, number: &str) -> bool {
        self.owned_numbers.contains(number)
    }

    /// Whether the request carries this account's token and secret.
    pub(crate) fn accepts(&self, headers: &HeaderMap) -> bool {
        let right = self.basic.get_or_init(|| {
            let encoded = STANDARD.encode(format!("{}:{}", self.token, self.secret));
            format!("Basic {encoded}")
        });
        // The form that nearly every client sends.
        if headers
            .get(AUTHORIZATION)
            .is_some_and(|given| given == right)
        {
            return true;
        }
        basic_credentials(headers)
            .is_some_and(|(token, secret)| token == self.token && secret == self.secret)
    }

    /// Whether every request with this user ID is refused.
    pub(crate) fn refuses_everyone(&self, user: &str) -> bool {
        user == "u-wrong-credentials" && user != self.user_id
    }

    /// The behaviour of the account under a user ID: its own, or one of the test IDs. `None` for another user.
    pub(crate) fn standing(&self, user: &str) -> Option<Standing> {
        if user == self.user_id {
            return Some(self.limits);
        }
        let usual = Standing::default();
        if user == "u-no-credit" {
            return Some(Standing {
                no_credit: true,
                ..usual
            });
        }
        let number = |prefix: &str| {
            let digits = user.strip_prefix(prefix)?;
            let number: u32 = digits.parse().ok()?;
            // Only one form of each number, which limits how many users there are.
            ((1..=1000).contains(&number) && number.to_string() == digits).then_some(number)
        };
        if let Some(limit) = number("u-rate-limited-") {
            return Some(Standing {
                requests_a_second: Some(limit),
                ..usual
            });
        }
        number("u-call-limited-").map(|limit| Standing {
            calls_a_second: Some(limit),
            ..usual
        })
    }
}

/// The Authorization header for a log: with the token, without the secret.
pub(crate) fn redacted_authorization(value: &str) -> String {
    match credentials_in(value) {
        Some((token, _)) => format!("Basic {token}:****"),
        None => "****".to_owned(),
    }
}

pub(crate) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    credentials_in(headers.get(AUTHORIZATION)?.to_str().ok()?)
}

fn credentials_in(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (token, secret) = decoded.split_once(':')?;
    Some((token.to_owned(), secret.to_owned()))
}
