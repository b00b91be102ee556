//! What a server needs from the program behind it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::http::received::Received;
use crate::http::response::Response;
use crate::http::wire::Plan;

pub(crate) trait Handler: Send + Sync + 'static {
    /// How long a connection may be idle, and how long a request may take to arrive.
    fn idle_timeout(&self) -> Duration;

    /// The response to a request, and what is done to it on its way.
    fn respond(
        self: Arc<Self>,
        request: Received,
    ) -> impl Future<Output = (Response, Option<Plan>)> + Send;

    /// A connection ended after this many bytes, which were not the complete head of a request.
    fn note_fragment(&self, connection: u64, bytes: u64, status: u16);

    /// Background work, for as long as the server runs.
    fn run(self: Arc<Self>) -> impl Future<Output = ()> + Send;
}
