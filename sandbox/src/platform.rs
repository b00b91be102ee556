//! The platform behind the server: one account, its calls, the log and the script.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::Account;
use crate::admin;
use crate::answer::Answer;
use crate::api::{self, Route};
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

    /// Answers one request. The lock is held throughout: requests happen one after the other.
    pub(crate) fn answer(&self, request: &Received) -> Answer {
        let mut state = self.state();
        if request.is_admin() {
            return admin::answer(request, &self.account, &mut state);
        }
        let route = Route::find(request);
        let authorized = self.account.accepts(&request.headers);
        let scripted = state.script.next(&self.host);
        let handled = Handled {
            authorized,
            scripted: scripted.is_some(),
            call_id: route.as_ref().and_then(Route::call_id).map(str::to_owned),
            status: 0,
            new_call_id: None,
        };
        let answer = scripted.unwrap_or_else(|| {
            api::answer(
                request,
                route.as_ref(),
                authorized,
                &self.account,
                &self.host,
                &mut state.switchboard,
            )
        });
        let status = answer.status.as_u16();
        // A scripted Location names a call that nobody made.
        let new_call_id = answer.created().filter(|_| !handled.scripted);
        state.log.add(
            request,
            Handled {
                status,
                new_call_id: new_call_id.map(str::to_owned),
                ..handled
            },
        );
        answer
    }
}
