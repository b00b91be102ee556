//! Delivers callbacks: those of one call in order, those of different calls at the same time.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Client;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::{Notify, Semaphore};
use url::Url;

use crate::address::is_loopback;
use crate::callbacks::Callback;
use crate::state::State;
use crate::v2;

const USER_AGENT: &str = concat!(
    "BandwidthAPI/v1 (calltransfer-sandbox/",
    env!("CARGO_PKG_VERSION"),
    ")"
);
/// Calls that can have a delivery in progress at the same time.
const CONCURRENT_CALLS: usize = 64;
/// How long to wait for a response, unless the call has a `callbackTimeout`.
const TIMEOUT_MS: u64 = 10_000;
/// Bytes that are read of a response.
const RESPONSE: usize = 64 * 1024;
/// Pauses before the second and third attempt; then the fallback URL is tried once.
const PAUSES_MS: [u64; 2] = [100, 300];
/// How long an event waits for the next one of its call, if a fault delays it until then.
const HELD: Duration = Duration::from_millis(500);

/// What the delivery of callbacks needs from the platform.
pub(crate) trait Outbox: Send + Sync + 'static {
    /// Reads or changes the state, with the lock held.
    fn with_state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T;

    /// Notified when a callback is ready.
    fn ready(&self) -> &Notify;

    /// Whether callbacks may be sent to other machines.
    fn callbacks_anywhere(&self) -> bool;
}

/// Delivers the callbacks that are ready, for as long as it is polled.
pub(crate) async fn run(outbox: Arc<impl Outbox>) {
    let places = Arc::new(Semaphore::new(CONCURRENT_CALLS));
    let clients = Arc::new(Clients::default());
    loop {
        let Some(call_id) = outbox.with_state(|state| state.callbacks.take_ready()) else {
            outbox.ready().notified().await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let (outbox, clients) = (Arc::clone(&outbox), Arc::clone(&clients));
        tokio::spawn(async move {
            loop {
                let next = outbox.with_state(|state| state.callbacks.next(&call_id));
                let Some(callback) = next else { break };
                let delay = callback.effects.delay;
                if delay.is_zero() {
                    complete(&outbox, &clients, &callback).await;
                } else {
                    let (outbox, clients) = (Arc::clone(&outbox), Arc::clone(&clients));
                    tokio::spawn(async move {
                        tokio::time::sleep(delay).await;
                        complete(&outbox, &clients, &callback).await;
                    });
                }
            }
            drop(place);
            if outbox.with_state(|state| state.callbacks.is_held(&call_id)) {
                tokio::time::sleep(HELD).await;
                outbox.with_state(|state| state.callbacks.release(&call_id));
                outbox.ready().notify_one();
            }
        });
    }
}

/// Delivers a callback with the effects of faults, and records the result.
async fn complete(outbox: &Arc<impl Outbox>, clients: &Arc<Clients>, callback: &Callback) {
    let effects = &callback.effects;
    let (state, response) = match effects.lost {
        // The platform gets an empty response, as from a gateway that drops the request.
        true => ("lost", Some(String::new())),
        false => deliver(&**outbox, clients, callback).await,
    };
    outbox.with_state(|known| {
        let event_log = known.call_store.event_log();
        event_log.version += 1;
        let version = event_log.version;
        known.callbacks.finish(callback.number, state, version);
        if callback.expects_response {
            v2::webhook_responded(&mut known.call_store, &callback.call_id, response);
        }
    });
    if state != "delivered" {
        return;
    }
    for _ in 0..effects.copies {
        if effects.copy_delay.is_zero() {
            copy(&**outbox, clients, callback).await;
        } else {
            let (outbox, clients) = (Arc::clone(outbox), Arc::clone(clients));
            let callback = callback.clone();
            tokio::spawn(async move {
                tokio::time::sleep(callback.effects.copy_delay).await;
                copy(&*outbox, &clients, &callback).await;
            });
        }
    }
}

/// Sends a callback again. Its response is ignored: the first one was used.
async fn copy(outbox: &impl Outbox, clients: &Clients, callback: &Callback) {
    let Some(url) = &callback.plan.url else {
        return;
    };
    let result = clients.send(callback, url).await.map(|(status, _)| status);
    outbox.with_state(|state| {
        state.call_store.event_log().version += 1;
        state.callbacks.note(callback.number, url, result);
    });
}

/// The state in which it ended, and the body of the response if it was delivered.
async fn deliver(
    outbox: &impl Outbox,
    clients: &Clients,
    callback: &Callback,
) -> (&'static str, Option<String>) {
    let plan = &callback.plan;
    let urls = [&plan.url, &plan.fallback_url];
    let mut withheld = 0;
    let mut tried = 0;
    for (place, url) in urls.into_iter().enumerate() {
        let Some(url) = url else { continue };
        tried += 1;
        if !outbox.callbacks_anywhere() && !is_loopback(url) {
            withheld += 1;
            let why = "withheld: the URL is not on this machine".to_owned();
            outbox.with_state(|state| state.callbacks.note(callback.number, url, Err(why)));
            continue;
        }
        let pauses: &[u64] = if place == 0 { &PAUSES_MS } else { &[] };
        let mut pauses = pauses.iter();
        loop {
            let result = match callback.effects.unreachable && place == 0 {
                true => Err("not reachable (injected fault)".to_owned()),
                false => clients.send(callback, url).await,
            };
            let status = result.as_ref().map(|(status, _)| *status);
            outbox.with_state(|state| {
                state
                    .callbacks
                    .note(callback.number, url, status.map_err(Clone::clone))
            });
            match result {
                Ok((200..=299, response)) => return ("delivered", Some(response)),
                // Other statuses of 4xx are final: only failures that may pass are tried again.
                Ok((status, _)) if status != 429 && status < 500 => break,
                _ => {}
            }
            let Some(pause) = pauses.next() else { break };
            tokio::time::sleep(Duration::from_millis(*pause)).await;
        }
    }
    if withheld == tried {
        ("withheld", None)
    } else {
        ("failed", None)
    }
}

/// HTTP clients, created when first needed: one for http, one for https with the system's certificates.
#[derive(Default)]
struct Clients {
    plain: OnceLock<Result<Client, String>>,
    secure: OnceLock<Result<Client, String>>,
}

impl Clients {
    /// Returns the status of the response, and the beginning of its body.
    async fn send(&self, callback: &Callback, url: &str) -> Result<(u16, String), String> {
        let mut url = Url::parse(url).map_err(|error| error.to_string())?;
        let client = match url.scheme() {
            "https" => self.secure.get_or_init(secure),
            _ => self.plain.get_or_init(plain),
        };
        let client = client.as_ref().map_err(Clone::clone)?;
        // The client turns user and password of a URL into an Authorization header.
        let request = if callback.plan.by_get {
            for (name, value) in &callback.event {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                url.query_pairs_mut().append_pair(name, &text);
            }
            client.get(url)
        } else {
            let body = serde_json::to_vec(&callback.event).map_err(|error| error.to_string())?;
            client
                .post(url)
                .header("content-type", "application/json")
                .body(body)
        };
        // Zero would leave no time at all: it means the default.
        let timeout_ms = callback.plan.timeout_ms.filter(|ms| *ms > 0);
        let timeout = Duration::from_millis(timeout_ms.unwrap_or(TIMEOUT_MS));
        let response = request.timeout(timeout).send().await.map_err(reported)?;
        let status = response.status().as_u16();
        // The body is always read, so that the connection can be used again.
        let mut response = response;
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = RESPONSE - body.len();
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if body.len() == RESPONSE {
                break;
            }
        }
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

fn reported(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no response in time".to_owned();
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn plain() -> Result<Client, String> {
    let config = config()?.with_root_certificates(RootCertStore::empty());
    client(config.with_no_client_auth())
}

fn secure() -> Result<Client, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new(provider)
        .map_err(|error| format!("cannot load the system's certificates: {error}"))?;
    let config = config()?
        .dangerous() // rustls' word for any verifier of one's own; this one is the system's
        .with_custom_certificate_verifier(Arc::new(verifier));
    client(config.with_no_client_auth())
}

fn config() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())
}

fn client(tls: ClientConfig) -> Result<Client, String> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .http1_only()
        .build()
        .map_err(reported)
}
