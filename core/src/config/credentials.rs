//! Credentials for both APIs, and which of them are used.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use super::environment::{self, variable_of};
use super::wrapped;
use crate::api::Api;
use crate::auth::Tokens;
use crate::error::Error;
use crate::redact::Secrets;
use crate::transfer::id;

const V1: &[&str] = &["user_id", "token", "secret"];
const CLIENT: &[&str] = &["account_id", "client_id", "client_secret"];
const USER: &[&str] = &["account_id", "username", "password"];
const V2: &[&str] = &[
    "account_id",
    "client_id",
    "client_secret",
    "username",
    "password",
];

/// The credentials that requests are sent with. Wiped from memory with the last copy of the
/// configuration.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// Basic authentication: the value of the header (RFC 7617).
    Basic(Arc<Zeroizing<String>>),
    /// Tokens of the platform's OAuth2 endpoint, shared by all clients with this configuration.
    Tokens(Arc<Tokens>),
}

/// Adds a proxy's password, as in the URL and decoded.
pub(super) fn add_proxy(secrets: &mut Secrets, proxy: &Url) {
    let (user, password) = (proxy.username(), proxy.password().unwrap_or_default());
    secrets.add_pair(user, password, false);
    let plain = |part| Zeroizing::new(percent_decode_str(part).decode_utf8_lossy().into_owned());
    secrets.add_pair(&plain(user), &plain(password), false);
}

/// The credentials that were given, by the names of their settings.
#[derive(Clone, Default)]
pub(super) struct Given {
    values: Vec<(&'static str, Zeroizing<String>)>,
    /// The names of those that the environment filled.
    from_env: Vec<&'static str>,
}

impl Given {
    pub(super) fn set(&mut self, field: &'static str, value: String) {
        self.from_env.retain(|known| *known != field);
        self.values.retain(|(known, _)| *known != field);
        self.values.push((field, Zeroizing::new(value)));
    }

    fn get(&self, field: &str) -> Option<&Zeroizing<String>> {
        let mut given = self.values.iter();
        given
            .find(|(known, _)| *known == field)
            .map(|(_, value)| value)
    }

    /// The account, if one was given; not a secret.
    pub(super) fn account(&self) -> Option<&str> {
        let account = self.get("user_id").or_else(|| self.get("account_id"));
        account.map(|value| value.as_str())
    }

    fn any(&self, fields: &[&'static str]) -> Option<&'static str> {
        fields
            .iter()
            .copied()
            .find(|field| self.get(field).is_some())
    }

    /// The API that these credentials are for, if they are for only one.
    pub(super) fn api(&self) -> Option<Api> {
        match (self.any(V1), self.any(V2)) {
            (Some(_), None) => Some(Api::V1),
            (None, Some(_)) => Some(Api::V2),
            _ => None,
        }
    }

    /// One setting of each API, if there are settings of both.
    pub(super) fn both(&self) -> Option<(&'static str, &'static str)> {
        self.any(V1).zip(self.any(V2))
    }

    /// Reads what is absent from the environment, for this API or for both, without mixing the two
    /// pairs of v2.
    pub(super) fn fill(&mut self, api: Option<Api>, find: fn(&'static str) -> Option<String>) {
        let v2 = match (self.any(&CLIENT[1..]), self.any(&USER[1..])) {
            (Some(_), None) => CLIENT,
            (None, Some(_)) => USER,
            _ => V2,
        };
        let fields = match api {
            Some(Api::V1) => [V1, &[]],
            Some(Api::V2) => [&[], v2],
            None => [V1, v2],
        };
        for field in fields.into_iter().flatten() {
            if self.get(field).is_none()
                && let Some(value) = find(field)
            {
                self.set(field, value);
                self.from_env.push(field);
            }
        }
    }

    /// The account and the credentials for this API, whose base URL may have been set.
    pub(super) fn build(
        &self,
        api: Api,
        own_base: Option<&Url>,
    ) -> Result<(String, Credentials), Error> {
        let fields = self.wanted(api)?;
        let [account, name, secret] = fields else {
            return Err(Error::internal("no credentials", &"there are three"));
        };
        let values = (self.get(account), self.get(name), self.get(secret));
        let (Some(id), Some(user), Some(password)) = values else {
            return Err(self.missing(fields));
        };
        for (field, value) in [(account, id), (name, user), (secret, password)] {
            if let Some(reason) = wrapped::problem(value) {
                return Err(Error::misconfigured(
                    field,
                    format!("{}: {reason}", self.source_of(field)),
                ));
            }
        }
        id::check(account, id).map_err(Error::of_setting)?;
        let basic = basic((name, user), (secret, password))?;
        let credentials = if fields == CLIENT {
            Credentials::Tokens(Arc::new(Tokens::new(basic, own_base)?))
        } else {
            Credentials::Basic(Arc::new(basic))
        };
        Ok((id.to_string(), credentials))
    }

    /// Account, name and secret, as this API calls them.
    fn wanted(&self, api: Api) -> Result<&'static [&'static str], Error> {
        if api == Api::V1 {
            return Ok(V1);
        }
        match (self.any(&CLIENT[1..]), self.any(&USER[1..])) {
            (Some(client), Some(user)) => {
                let reason = format!(
                    "{user} is also set; give either client_id and client_secret, or username and password"
                );
                Err(Error::configuration(client, reason))
            }
            (None, Some(_)) => Ok(USER),
            _ => Ok(CLIENT),
        }
    }

    /// The setting, or the variable that it came from.
    fn source_of(&self, field: &'static str) -> &'static str {
        if self.from_env.contains(&field) {
            variable_of(field)
        } else {
            field
        }
    }

    fn missing(&self, wanted: &[&'static str]) -> Error {
        let absent = wanted.iter().filter(|field| self.get(field).is_none());
        let fields: Vec<_> = absent.copied().collect();
        let variables: Vec<_> = fields.iter().map(|field| variable_of(field)).collect();
        let mut message = format!(
            "{}: missing; pass to the client or set {}",
            fields.join(", "),
            variables.join(", ")
        );
        if environment::is_untrusted() {
            let fields = fields.join(", ");
            let ignored = environment::IGNORED;
            message = format!("{fields}: missing; pass to the client ({ignored})");
        }
        if self.values.is_empty() && wanted == V1 {
            message.push_str("; an account of the v2 API has account_id, client_id, client_secret");
        }
        Error::misconfigured(fields.first().copied().unwrap_or("api"), message)
    }
}

/// Basic authentication (RFC 7617).
fn basic(user: (&str, &str), password: (&str, &str)) -> Result<Zeroizing<String>, Error> {
    for (field, value) in [user, password] {
        if value.is_empty() || value.chars().any(char::is_control) {
            return Err(Error::configuration(
                field,
                "must not be empty or contain control characters",
            ));
        }
    }
    if user.1.contains(':') {
        return Err(Error::configuration(
            user.0,
            "must not contain \":\" (HTTP Basic authentication)",
        ));
    }
    let pair = Zeroizing::new(format!("{}:{}", user.1, password.1));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Ok(Zeroizing::new(format!("Basic {}", *encoded)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::config::ConfigBuilder;

    fn given(fields: &[&'static str]) -> Given {
        let mut given = Given::default();
        for field in fields {
            given.set(field, format!("given-{field}"));
        }
        given
    }

    /// Every variable of the environment is there.
    fn all(field: &'static str) -> Option<String> {
        Some(format!("environment-{field}"))
    }

    fn v1() -> ConfigBuilder {
        Config::builder().user_id("u-1").token("t").secret("s")
    }

    fn client() -> ConfigBuilder {
        let builder = Config::builder().account_id("55").client_id("c");
        builder.client_secret("cs")
    }

    fn refused(builder: ConfigBuilder, field: &str) -> String {
        let error = builder.build().err();
        let error = error.unwrap_or_else(|| panic!("{field} should be refused"));
        assert_eq!(error.field(), Some(field), "{error}");
        error.to_string()
    }

    #[test]
    fn credentials_choose_the_api() {
        assert_eq!(v1().build().unwrap().api(), Api::V1);
        let config = client().build().unwrap();
        assert_eq!((config.api(), config.account()), (Api::V2, "55"));
        assert_eq!(config.base_url().as_str(), "https://voice.bandwidth.com/");
        let user = Config::builder()
            .account_id("55")
            .username("u")
            .password("p");
        let config = user.build().unwrap();
        assert!(matches!(config.credentials(), Credentials::Basic(_)));
    }

    #[test]
    fn credentials_of_both_need_a_word() {
        let both = || client().user_id("u-1").token("t").secret("s");
        let text = refused(both(), "api");
        assert!(
            text.contains("(user_id) and v2 (account_id)") && text.contains("CALLTRANSFER_API"),
            "{text}"
        );
        assert_eq!(both().api("v1").build().unwrap().account(), "u-1");
        assert_eq!(both().api("v2").build().unwrap().account(), "55");
        refused(both().api("v3"), "api");
        refused(v1().client_id("c"), "api");
    }

    #[test]
    fn what_is_missing_of_v2_is_named_with_its_variable() {
        let text = refused(Config::builder().account_id("55"), "client_id");
        assert_eq!(
            text,
            "client_id, client_secret: missing; pass to the client or set BW_CLIENT_ID, BW_CLIENT_SECRET"
        );
        let text = refused(Config::builder().username("u"), "account_id");
        assert!(
            text.starts_with("account_id, password: missing; "),
            "{text}"
        );
        let text = refused(Config::builder(), "user_id");
        assert!(
            text.ends_with("an account of the v2 API has account_id, client_id, client_secret"),
            "{text}"
        );
        refused(v1().api("v2"), "account_id");
    }

    #[test]
    fn two_pairs_are_one_too_many() {
        refused(client().username("u").password("p"), "client_id");
        refused(client().account_id("a/b"), "account_id");
        refused(client().client_id("a:b"), "client_id");
        refused(client().client_secret(""), "client_secret");
    }

    #[test]
    fn environment_fills_the_api_and_the_pair_that_were_begun() {
        for (begun, api, account) in [
            (&["token"][..], Some(Api::V1), "environment-user_id"),
            (&["client_secret"], Some(Api::V2), "environment-account_id"),
            (&["password"], Some(Api::V2), "environment-account_id"),
        ] {
            let mut given = given(begun);
            given.fill(given.api(), all);
            assert_eq!(given.api(), api);
            assert_eq!(given.account(), Some(account));
            assert!(given.build(api.unwrap(), None).is_ok(), "{begun:?}");
        }
        let mut given = Given::default();
        given.fill(None, all);
        assert!(given.both().is_some());
    }

    #[test]
    fn token_endpoint_follows_from_the_base() {
        let url = |base: Option<&str>| {
            let base = base.map(|base| Url::parse(base).unwrap());
            let tokens = Tokens::new(Zeroizing::default(), base.as_ref()).unwrap();
            tokens.url().to_string()
        };
        assert_eq!(url(None), "https://api.bandwidth.com/api/v1/oauth2/token");
        assert_eq!(
            url(Some("http://127.0.0.1:8787/")),
            "http://127.0.0.1:8787/api/v1/oauth2/token"
        );
        assert_eq!(
            url(Some("https://gateway.example/bw")),
            "https://gateway.example/bw/api/v1/oauth2/token"
        );
    }
}
