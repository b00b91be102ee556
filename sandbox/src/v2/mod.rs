//! Voice v2 for the same calls: tokens, calls, and the BXML documents that say what a call does.

pub(crate) mod api;
mod bxml;
mod list;
mod refusal;
pub(crate) mod tokens;
mod view;

use crate::calls::call_store::CallStore;
use crate::calls::commands::CallbackPlan;
use crate::calls::program::Webhook;
use crate::calls::webhook_event::WebhookEvent;

pub(crate) use view::event;

/// Continues a call as the response of its webhook says; `None` if the webhook didn't respond.
pub(crate) fn webhook_responded(
    call_store: &mut CallStore,
    call_id: &str,
    response: Option<String>,
) {
    let how = match response {
        None => Err("callback-error"),
        Some(text) if text.trim().is_empty() => Ok(Vec::new()),
        Some(text) => bxml::read(&text).map_err(|_| "invalid-bxml"),
    };
    call_store.apply_bxml(call_id, how);
}

/// How an event is sent. The client that sends it turns user and password of a URL into a header.
pub(crate) fn plan(event: &WebhookEvent) -> CallbackPlan {
    CallbackPlan {
        url: Some(with_login(&event.webhook)),
        by_get: event.webhook.by_get,
        ..CallbackPlan::default()
    }
}

fn with_login(webhook: &Webhook) -> String {
    let (Some((name, password)), Ok(mut url)) = (&webhook.login, url::Url::parse(&webhook.url))
    else {
        return webhook.url.clone();
    };
    // Both can only fail for URLs without a host, which no webhook has.
    let _ = url.set_username(name);
    let _ = url.set_password(Some(password));
    url.into()
}
