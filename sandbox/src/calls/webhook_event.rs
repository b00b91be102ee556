//! An event for a webhook.

use crate::calls::call::Call;
use crate::calls::program::Webhook;

/// An event for a webhook, with a copy of the call at that time.
#[derive(Debug)]
pub(crate) struct WebhookEvent {
    pub(crate) call: Box<Call>,
    /// Such as `transferAnswer`.
    pub(crate) event: &'static str,
    pub(crate) webhook: Webhook,
    /// Whether the response says how the call continues.
    pub(crate) expects_response: bool,
    /// The leg that the event is about, if it is reported for the call that was transferred.
    pub(crate) leg: Option<(String, String)>,
    pub(crate) cause: Option<&'static str>,
}
