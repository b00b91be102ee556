//! The platform behind the server: one account, its calls, the log and the script.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::sync::{Notify, watch};

use crate::account::Account;
use crate::admin;
use crate::callbacks::deliver::{self, Outbox};
use crate::calls::call_store::CallStore;
use crate::calls::clock::Clock;
use crate::calls::line::Lines;
use crate::fault::Fault;
use crate::http::handler::Handler;
use crate::http::received::Received;
use crate::http::response::Response;
use crate::http::wire::Plan;
use crate::log::{Handled, RequestLog};
use crate::page;
use crate::state::{AccountUrls, State};
use crate::v1;
use crate::v1::view;
use crate::v2;

pub(crate) struct Platform {
    pub(crate) account: Account,
    /// The account's URLs, for callbacks.
    urls: AccountUrls,
    /// Host and port on which the server listens.
    pub(crate) host: String,
    /// Whether only this machine can connect to it.
    loopback: bool,
    state: Mutex<State>,
    /// The version, for requests that wait for the next.
    version: watch::Sender<u64>,
    /// Whether callbacks may go to other machines.
    callbacks_anywhere: bool,
    /// How long a connection may be idle, and how long a request may take to arrive.
    idle_timeout: Duration,
    /// Wakes the task that delivers callbacks.
    callback_ready: Notify,
    /// Wakes the task that watches the clock.
    clock: Notify,
}

/// A resource of either API. A path that neither API has is refused by v1.
enum Route<'a> {
    V1(Option<v1::api::Route<'a>>),
    V2(v2::api::Route<'a>),
}

impl<'a> Route<'a> {
    fn find(request: &'a Received) -> Self {
        let segments = request.segments();
        match v2::api::Route::find(&segments) {
            Some(route) => Self::V2(route),
            None => Self::V1(v1::api::Route::find(&segments)),
        }
    }

    /// Whether the request has the account's credentials.
    fn accepts(&self, request: &Received, account: &Account, state: &State) -> bool {
        match self {
            Self::V1(_) => account.accepts(&request.headers),
            Self::V2(route) => v2::api::accepts(*route, request, account, &state.tokens),
        }
    }

    fn call_id(&self) -> Option<&'a str> {
        match self {
            Self::V1(route) => route.as_ref()?.call_id(),
            Self::V2(route) => route.call_id(),
        }
    }
}

impl Platform {
    pub(crate) fn new(
        account: Account,
        address: SocketAddr,
        clock: Clock,
        lines: Lines,
        callbacks_anywhere: bool,
        record: Option<std::fs::File>,
        idle_timeout: Duration,
    ) -> Self {
        let host = address.to_string();
        Self {
            urls: AccountUrls {
                user: view::user_url(&format!("http://{host}"), &account.user_id),
                account: format!("http://{host}/api/v2/accounts/{}", account.account_id),
                account_id: account.account_id.clone(),
            },
            account,
            host,
            loopback: address.ip().is_loopback(),
            callbacks_anywhere,
            idle_timeout,
            callback_ready: Notify::new(),
            state: Mutex::new(State::new(
                CallStore::new(clock, lines),
                RequestLog::recording(record),
            )),
            version: watch::Sender::new(0),
            clock: Notify::new(),
        }
    }

    /// Reads or changes the state, with the lock held. Events that are due run before it; afterwards
    /// callbacks are made of the new events, and requests that wait for a change are
    /// notified.
    pub(crate) fn with_state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let (version, next_due) = (state.call_store.version(), state.call_store.next_due());
        let clock = state.call_store.time().kind();
        state.call_store.event_log().time.hold();
        state.call_store.run_due_events();
        let seen = look(state);
        if state.file_callbacks(&self.urls) {
            self.callback_ready.notify_one();
        }
        state.call_store.event_log().time.release();
        let now = state.call_store.version();
        if now != version && self.version.receiver_count() > 0 {
            self.version.send_replace(now);
        }
        if state.call_store.next_due() != next_due || state.call_store.time().kind() != clock {
            self.clock.notify_one();
        }
        seen
    }

    /// Handles one request, and decides what is done to the response. The lock is held throughout:
    /// requests are handled one at a time.
    pub(crate) fn handle(&self, request: Received) -> (Response, Option<Plan>) {
        // With a non-loopback --bind, the user has been warned.
        if self.loopback
            && let Err(refusal) = admin::access::check(&request.headers)
        {
            return (refusal.into_response(), None);
        }
        if let Some(page) = page::respond(&request) {
            return (page, None);
        }
        self.with_state(|state| self.handle_with(state, request))
    }

    fn handle_with(&self, state: &mut State, request: Received) -> (Response, Option<Plan>) {
        if request.is_admin() {
            return (admin::respond(&request, &self.account, state), None);
        }
        let route = Route::find(&request);
        let authorized = route.accepts(&request, &self.account, state);
        let call_id = route.call_id().map(str::to_owned);
        let scripted = state.script.next(&self.host);
        let fault = match scripted {
            Some(_) => None,
            None => state.faults.next(call_id.as_deref()),
        };
        let mut handled = Handled {
            authorized,
            scripted: scripted.is_some() || fault.is_some(),
            call_id,
            ..Handled::default()
        };
        let mut own = || {
            let response = self.own_response(&route, &request, authorized, state);
            // Only the platform's own response names a call that was created.
            handled.new_call_id = response.created().map(str::to_owned);
            response
        };
        let response = match (scripted, &fault) {
            (Some(scripted), _) => scripted,
            (None, Some(fault)) => fault.response(&self.host, own),
            (None, None) => own(),
        };
        let response = dated(response, state.call_store.time().now());
        if fault.as_ref().is_none_or(Fault::has_status) {
            handled.status = response.status.as_u16();
        }
        let event_log = state.call_store.event_log();
        event_log.version += 1;
        handled.version = event_log.version;
        state.log.add(request, handled);
        let plan = fault.map(|fault| fault.plan(response.body.len()));
        (response, plan)
    }

    /// The platform's own response. Events that the request causes carry its number.
    fn own_response(
        &self,
        route: &Route<'_>,
        request: &Received,
        authorized: bool,
        state: &mut State,
    ) -> Response {
        let (account, host) = (&self.account, &self.host);
        let call_store = &mut state.call_store;
        call_store.event_log().request = Some(state.log.next_number());
        let response = match route {
            Route::V1(route) => v1::api::respond(
                request,
                route.as_ref(),
                authorized,
                account,
                host,
                call_store,
                &mut state.limits,
            ),
            Route::V2(route) => {
                let tokens = &mut state.tokens;
                v2::api::respond(*route, request, authorized, account, tokens, call_store)
            }
        };
        call_store.event_log().request = None;
        response
    }

    /// Waits for a version after this one, for `timeout` at most.
    async fn changed_since(&self, version: u64, timeout: Duration) {
        let mut versions = self.version.subscribe();
        let mut now = self.with_state(|state| state.call_store.version());
        let wait = async {
            while now <= version && versions.changed().await.is_ok() {
                now = *versions.borrow_and_update();
            }
        };
        let _ = tokio::time::timeout(timeout, wait).await;
    }

    /// Runs events when they become due, while time passes by itself.
    async fn keep_time(&self) {
        loop {
            let pause = self.with_state(|state| {
                let next = state.call_store.next_due();
                next.and_then(|ms| state.call_store.time().until(ms))
            });
            match pause {
                // A timer may be early by less than a millisecond: the minimum avoids a busy loop.
                Some(pause) => {
                    let pause = pause.max(Duration::from_millis(1));
                    let _ = tokio::time::timeout(pause, self.clock.notified()).await;
                }
                None => self.clock.notified().await,
            }
        }
    }
}

/// Adds the time of the calls as `Date`, as from a platform with one clock. The time when a limit clears
/// is by the wall clock; so is the `Date` of that response, which the server adds.
fn dated(response: Response, now: Timestamp) -> Response {
    if response.headers.contains_key(DATE) || response.headers.contains_key("x-ratelimit-reset") {
        return response;
    }
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    match date {
        Ok(date) => response.header(DATE, &date),
        Err(_) => response,
    }
}

impl Outbox for Platform {
    fn with_state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        self.with_state(look)
    }

    fn ready(&self) -> &Notify {
        &self.callback_ready
    }

    fn callbacks_anywhere(&self) -> bool {
        self.callbacks_anywhere
    }
}

impl Handler for Platform {
    fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    async fn respond(self: Arc<Self>, request: Received) -> (Response, Option<Plan>) {
        if request.path == "/_sandbox/changes"
            && let Ok((version, timeout)) = admin::since(&request)
        {
            self.changed_since(version, timeout).await;
        }
        self.handle(request)
    }

    fn note_fragment(&self, connection: u64, bytes: u64, status: u16) {
        self.with_state(|state| {
            let event_log = state.call_store.event_log();
            event_log.version += 1;
            let handled = Handled {
                status,
                version: event_log.version,
                ..Handled::default()
            };
            state.log.add_fragment(connection, bytes, handled);
        });
    }

    async fn run(self: Arc<Self>) {
        tokio::select! {
            () = deliver::run(Arc::clone(&self)) => {}
            () = self.keep_time() => {}
        }
    }
}
