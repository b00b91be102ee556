//! Keeps a connection open ahead of the next request, and renews it.

use std::sync::Weak;
use std::time::Duration;

use crate::request_runner::RequestRunner;
use crate::transport::Http;

/// How often it is checked whether a connection has to be renewed.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);
/// How long no connection is tried after one that failed.
pub(crate) const PAUSE: Duration = Duration::from_secs(5);

/// Keeps a connection of `http` ready for as long as its owner lives.
pub(crate) async fn keep_ready<T>(owner: Weak<T>, runner: fn(&T) -> &RequestRunner, http: Http) {
    while let Some(owner) = owner.upgrade() {
        let runner = runner(&owner);
        let mut pause = INTERVAL;
        if !runner.is_ready(&http) && runner.prepare(&http).await.is_err() {
            pause = PAUSE;
        }
        drop(owner);
        tokio::time::sleep(pause).await;
    }
}
