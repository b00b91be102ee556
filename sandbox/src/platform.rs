//! The platform behind the server: one account, its calls, the log, the script and the faults.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::Account;
use crate::admin;
use crate::answer::Answer;
use crate::api::{self, Route};
use crate::fault::{Fault, Faults};
use crate::log::{Handled, RequestLog};
use crate::received::Received;
use crate::script::Script;
use crate::switchboard::Switchboard;

pub(crate) struct Platform {
    pub(crate) account: Account,
    /// Host and port on which the server listens.
    pub(crate) host: String,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) switchboard: Switchboard,
    pub(crate) log: RequestLog,
    pub(crate) script: Script,
    pub(crate) faults: Faults,
}

impl Platform {
    pub(crate) fn new(account: Account, host: String) -> Self {
        Self {
            account,
            host,
            state: Mutex::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request, and says what goes wrong with the answer. The lock is held throughout:
    /// requests happen one after the other.
    pub(crate) fn answer(&self, request: &Received) -> (Answer, Option<Fault>) {
        let mut state = self.state();
        if request.is_admin() {
            return (admin::answer(request, &self.account, &mut state), None);
        }
        let route = Route::find(request);
        let authorized = self.account.accepts(&request.headers);
        let call_id = route.as_ref().and_then(Route::call_id).map(str::to_owned);
        let scripted = state.script.next(&self.host);
        let fault = match scripted {
            Some(_) => None,
            None => state.faults.next(call_id.as_deref()),
        };
        let is_scripted = scripted.is_some() || fault.is_some();
        // A scripted Location names a call that nobody made.
        let mut new_call_id = None;
        let mut own = || {
            let (account, host) = (&self.account, &self.host);
            let switchboard = &mut state.switchboard;
            let answer = api::answer(
                request,
                route.as_ref(),
                authorized,
                account,
                host,
                switchboard,
            );
            new_call_id = answer.created().map(str::to_owned);
            answer
        };
        let answer = match (scripted, &fault) {
            (Some(scripted), _) => scripted,
            (None, Some(fault)) => fault.answer(&self.host, own),
            (None, None) => own(),
        };
        let is_answered = fault.as_ref().is_none_or(Fault::is_answered);
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
        };
        state.log.add(request, handled);
        (answer, fault)
    }
}
