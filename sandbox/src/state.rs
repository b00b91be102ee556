//! The state of the platform: calls, the log, replies, faults, and callbacks to deliver.

use serde_json::Value;

use crate::callbacks::Callbacks;
use crate::callbacks::armed::CallbackFaults;
use crate::calls::call_store::{CallStore, EVENTS};
use crate::fault::Faults;
use crate::limits::Limits;
use crate::log::RequestLog;
use crate::scripted::Script;
use crate::v1::view;
use crate::v2;
use crate::v2::tokens::Tokens;

pub(crate) struct State {
    pub(crate) call_store: CallStore,
    pub(crate) log: RequestLog,
    pub(crate) script: Script,
    pub(crate) callbacks: Callbacks,
    pub(crate) faults: Faults,
    pub(crate) callback_faults: CallbackFaults,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
}

/// The account's URLs in each API, for callbacks.
pub(crate) struct AccountUrls {
    /// v1: of the user.
    pub(crate) user: String,
    /// v2: of the account.
    pub(crate) account: String,
    pub(crate) account_id: String,
}

impl State {
    pub(crate) fn new(call_store: CallStore, log: RequestLog) -> Self {
        Self {
            call_store,
            log,
            script: Script::default(),
            callbacks: Callbacks::default(),
            faults: Faults::default(),
            callback_faults: CallbackFaults::default(),
            tokens: Tokens::default(),
            limits: Limits::default(),
        }
    }

    /// Makes a callback of each new event. Returns whether any is ready to be delivered.
    pub(crate) fn file_callbacks(&mut self, urls: &AccountUrls) -> bool {
        let event_log = self.call_store.event_log();
        if event_log.outbox.is_empty() && event_log.webhooks.is_empty() {
            return false;
        }
        let version = event_log.version;
        let outbox = std::mem::take(&mut event_log.outbox);
        let callbacks_of_v1 = outbox.into_iter().map(|callback| {
            let event = view::callback(&callback, &urls.user);
            (callback.call_id, callback.plan, event, false)
        });
        let webhooks = std::mem::take(&mut event_log.webhooks);
        let webhooks = webhooks.into_iter().map(|webhook| {
            let event = v2::event(&webhook, &urls.account_id, &urls.account);
            let plan = v2::plan(&webhook);
            (webhook.call.id, plan, event, webhook.expects_response)
        });
        for (call_id, mut plan, event, expects_response) in callbacks_of_v1.chain(webhooks) {
            let call = self.call_store.get(&call_id);
            let parent = call.and_then(|call| call.transferred_from.as_deref());
            let event_type = event.get("eventType").and_then(Value::as_str);
            let event_type = event_type.unwrap_or_default();
            let faults = &mut self.callback_faults;
            let effects = faults.strike(&mut plan, &call_id, parent, event_type);
            let callbacks = &mut self.callbacks;
            let number = callbacks.add(
                call_id.clone(),
                plan,
                event,
                expects_response,
                effects,
                version,
            );
            if let Some(call) = self.call_store.get_mut(&call_id) {
                if call.reported.len() == EVENTS {
                    call.reported.remove(0);
                }
                call.reported.push(number);
            }
        }
        self.callbacks.has_ready()
    }
}
