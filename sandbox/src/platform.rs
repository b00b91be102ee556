//! The platform behind the server: one account, its calls, the log and the script.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::account::Account;
use crate::admin;
use crate::callbacks::Callbacks;
use crate::callbacks::armed::CallbackFaults;
use crate::calls::call_store::{CallStore, EVENTS};
use crate::calls::clock::Clock;
use crate::calls::line::Lines;
use crate::fault::{Fault, Faults};
use crate::http::received::Received;
use crate::http::response::Answer;
use crate::limits::Limits;
use crate::log::{Handled, RequestLog};
use crate::page;
use crate::scripted::Script;
use crate::v1;
use crate::v1::view;
use crate::v2;
use crate::v2::tokens::Tokens;

pub(crate) struct Platform {
    pub(crate) account: Account,
    /// The URL of the account's user, for callbacks.
    user: String,
    /// Host and port on which the server listens.
    pub(crate) host: String,
    /// Whether only this machine reaches it.
    loopback: bool,
    state: Mutex<State>,
    /// The version, for those who wait for the next.
    version: watch::Sender<u64>,
    /// Whether callbacks may go to other machines.
    pub(crate) callbacks_anywhere: bool,
    /// How long a connection may be idle, and a request take to arrive.
    pub(crate) idle_timeout: Duration,
    /// Wakes the task that delivers callbacks.
    pub(crate) outgoing: Notify,
    /// Wakes the task that watches the clock.
    clock: Notify,
}

pub(crate) struct State {
    pub(crate) call_store: CallStore,
    pub(crate) log: RequestLog,
    pub(crate) script: Script,
    pub(crate) callbacks: Callbacks,
    pub(crate) faults: Faults,
    pub(crate) callback_faults: CallbackFaults,
    pub(crate) tokens: Tokens,
    limits: Limits,
}

/// The locked state. When it is released, waiting requests are notified of changes.
pub(crate) struct Guard<'a> {
    state: MutexGuard<'a, State>,
    platform: &'a Platform,
    version: u64,
    next_due: Option<i64>,
    clock: Clock,
}

impl Deref for Guard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.hand_out_callbacks();
        let call_store = &mut self.state.call_store;
        call_store.event_log().time.release();
        let version = call_store.version();
        if version != self.version && self.platform.version.receiver_count() > 0 {
            self.platform.version.send_replace(version);
        }
        let clock = call_store.time().kind();
        if call_store.next_due() != self.next_due || clock != self.clock {
            self.platform.clock.notify_one();
        }
    }
}

impl Guard<'_> {
    fn hand_out_callbacks(&mut self) {
        let State {
            call_store,
            callbacks,
            callback_faults,
            ..
        } = &mut *self.state;
        let event_log = call_store.event_log();
        if event_log.outbox.is_empty() && event_log.webhooks.is_empty() {
            return;
        }
        let version = event_log.version;
        let outbox = std::mem::take(&mut event_log.outbox);
        let callbacks_of_v1 = outbox.into_iter().map(|callback| {
            let event = view::callback(&callback, &self.platform.user);
            (callback.call_id, callback.plan, event, false)
        });
        let account_id = &self.platform.account.account_id;
        let account = format!("http://{}/api/v2/accounts/{account_id}", self.platform.host);
        let webhooks = std::mem::take(&mut event_log.webhooks);
        let webhooks = webhooks.into_iter().map(|webhook| {
            let event = v2::event(&webhook, account_id, &account);
            let plan = v2::plan(&webhook);
            (webhook.call.id, plan, event, webhook.asks)
        });
        for (call_id, mut plan, event, asks) in callbacks_of_v1.chain(webhooks) {
            let call = call_store.get(&call_id);
            let parent = call.and_then(|call| call.transferred_from.as_deref());
            let event_type = event.get("eventType").and_then(Value::as_str);
            let event_type = event_type.unwrap_or_default();
            let effects = callback_faults.strike(&mut plan, &call_id, parent, event_type);
            let number = callbacks.add(call_id.clone(), plan, event, asks, effects, version);
            if let Some(call) = call_store.get_mut(&call_id) {
                if call.reported.len() == EVENTS {
                    call.reported.remove(0);
                }
                call.reported.push(number);
            }
        }
        if callbacks.has_ready() {
            self.platform.outgoing.notify_one();
        }
    }
}

/// A resource of either API; what is none of both is v1's to refuse.
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
            user: view::user_url(&format!("http://{host}"), &account.user_id),
            account,
            host,
            loopback: address.ip().is_loopback(),
            callbacks_anywhere,
            idle_timeout,
            outgoing: Notify::new(),
            state: Mutex::new(State {
                call_store: CallStore::new(clock, lines),
                log: RequestLog::recording(record),
                script: Script::default(),
                callbacks: Callbacks::default(),
                faults: Faults::default(),
                callback_faults: CallbackFaults::default(),
                tokens: Tokens::default(),
                limits: Limits::default(),
            }),
            version: watch::Sender::new(0),
            clock: Notify::new(),
        }
    }

    pub(crate) fn state(&self) -> Guard<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Each reader sees what has become due meanwhile.
        let (version, next_due) = (state.call_store.version(), state.call_store.next_due());
        let clock = state.call_store.time().kind();
        state.call_store.event_log().time.hold();
        state.call_store.run_due_events();
        Guard {
            state,
            platform: self,
            version,
            next_due,
            clock,
        }
    }

    /// Answers one request, and says what goes wrong with the answer. The lock is held throughout:
    /// requests are handled one at a time.
    pub(crate) fn answer(&self, request: Received) -> (Answer, Option<Fault>) {
        // With a non-loopback --bind, the user has been warned.
        if self.loopback
            && let Err(refusal) = admin::access::check(&request.headers)
        {
            return (refusal.into_answer(), None);
        }
        if let Some(page) = page::answer(&request) {
            return (page, None);
        }
        let mut guard = self.state();
        let state = &mut *guard;
        if request.is_admin() {
            return (admin::answer(&request, &self.account, state), None);
        }
        let route = Route::find(&request);
        let (authorized, call_id) = match &route {
            Route::V1(route) => (
                self.account.accepts(&request.headers),
                route.as_ref().and_then(v1::api::Route::call_id),
            ),
            Route::V2(route) => (
                v2::api::accepts(*route, &request, &self.account, &state.tokens),
                route.call_id(),
            ),
        };
        let call_id = call_id.map(str::to_owned);
        let scripted = state.script.next(&self.host);
        let fault = match scripted {
            Some(_) => None,
            None => state.faults.next(call_id.as_deref()),
        };
        let is_scripted = scripted.is_some() || fault.is_some();
        let number = state.log.next_number();
        // A scripted Location names a call that no one made.
        let mut new_call_id = None;
        let mut own = || {
            let (account, host) = (&self.account, &self.host);
            let call_store = &mut state.call_store;
            call_store.event_log().request = Some(number);
            let answer = match &route {
                Route::V1(route) => v1::api::answer(
                    &request,
                    route.as_ref(),
                    authorized,
                    account,
                    host,
                    call_store,
                    &mut state.limits,
                ),
                Route::V2(route) => {
                    let tokens = &mut state.tokens;
                    v2::api::answer(*route, &request, authorized, account, tokens, call_store)
                }
            };
            call_store.event_log().request = None;
            new_call_id = answer.created().map(str::to_owned);
            answer
        };
        let answer = match (scripted, &fault) {
            (Some(scripted), _) => scripted,
            (None, Some(fault)) => fault.answer(&self.host, own),
            (None, None) => own(),
        };
        let is_answered = fault.as_ref().is_none_or(Fault::is_answered);
        let event_log = state.call_store.event_log();
        event_log.version += 1;
        let handled = Handled {
            authorized,
            scripted: is_scripted,
            status: if is_answered {
                answer.status.as_u16()
            } else {
                0
            },
            call_id,
            new_call_id,
            version: event_log.version,
        };
        state.log.add(request, handled);
        (answer, fault)
    }

    /// A connection ended with so many bytes that made no whole head of a request.
    pub(crate) fn note_fragment(&self, connection: u64, bytes: u64, status: u16) {
        let mut guard = self.state();
        let event_log = guard.call_store.event_log();
        event_log.version += 1;
        let handled = Handled {
            status,
            version: event_log.version,
            ..Handled::default()
        };
        guard.log.add_fragment(connection, bytes, handled);
    }

    /// Waits until there is a version after this one, but no longer than that.
    pub(crate) async fn changed_since(&self, version: u64, timeout: Duration) {
        let mut versions = self.version.subscribe();
        let mut now = self.state().call_store.version();
        let wait = async {
            while now <= version && versions.changed().await.is_ok() {
                now = *versions.borrow_and_update();
            }
        };
        let _ = tokio::time::timeout(timeout, wait).await;
    }

    /// Runs what becomes due while time passes by itself.
    pub(crate) async fn keep_time(&self) {
        loop {
            let pause = {
                let state = self.state();
                let next = state.call_store.next_due();
                next.and_then(|ms| state.call_store.time().until(ms))
            };
            match pause {
                // A timer may be early by less than a millisecond: no spinning then.
                Some(pause) => {
                    let pause = pause.max(Duration::from_millis(1));
                    let _ = tokio::time::timeout(pause, self.clock.notified()).await;
                }
                None => self.clock.notified().await,
            }
        }
    }
}
