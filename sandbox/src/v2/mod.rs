//! Voice v2 on the same calls: tokens, calls, and documents of BXML that say what a call does.

pub(crate) mod api;
mod bxml;
mod refusal;
pub(crate) mod tokens;
mod view;

use crate::calls::orders::CallbackPlan;
use crate::calls::program::{Letter, Webhook};
use crate::calls::switchboard::Switchboard;

pub(crate) use view::event;

/// What a webhook said when it was asked how a call goes on; `None` if it didn't answer.
pub(crate) fn answered(switchboard: &mut Switchboard, call_id: &str, answer: Option<String>) {
    let how = match answer {
        None => Err("callback-error"),
        Some(text) if text.trim().is_empty() => Ok(Vec::new()),
        Some(text) => bxml::read(&text).map_err(|_| "invalid-bxml"),
    };
    switchboard.told_how(call_id, how);
}

/// How a letter goes out. The client that sends it turns user and password of a URL into a header.
pub(crate) fn plan(letter: &Letter) -> CallbackPlan {
    CallbackPlan {
        url: Some(with_login(&letter.webhook)),
        by_get: letter.webhook.by_get,
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
