//! The blocking client: the twin of [`Client`](crate::Client) for threads without a runtime.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::config::Config;
use crate::delivery::Delivery;
use crate::outcome::{Error, Transferred};
use crate::request::Transfer;
use crate::transport::{Engines, Trace};

/// Transfers calls from ordinary threads.
///
/// May be used by many threads at once; each call runs on the thread that makes it. Inside async
/// code it works too, at the price of a thread per call. A forked child may go on using it: it
/// opens connections of its own.
///
/// ```
/// # use calltransfer_sandbox::{IncomingCall, Sandbox};
/// use calltransfer::{Config, Transfer, blocking};
///
/// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start()?;
/// # let call_id = sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199"));
/// # let base_url = sandbox.url();
/// let config = Config::builder()
///     .user_id("u-abc123")
///     .token("t-token")
///     .secret("s-secret")
///     .base_url(base_url)
///     .build()?;
/// let client = blocking::Client::new(config);
/// let done = client.transfer(Transfer::new(call_id, "+18382947878"))?;
/// println!("the new call is {:?}", done.call_id);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Client {
    delivery: Delivery,
    engines: Engines,
}

impl Client {
    /// A client for this configuration. Nothing is opened or loaded before the first transfer.
    pub fn new(config: Config) -> Self {
        let delivery = Delivery::new(config);
        let engines = Engines::new();
        Self { delivery, engines }
    }

    /// Asks the platform to connect a live call to someone else, and waits for the outcome.
    ///
    /// Sent at most once, but where the platform is known to have done nothing: it can't tell a
    /// repeat from a second wish.
    ///
    /// # Errors
    /// What went wrong, and what became of the call: see [`Error::outcome`].
    pub fn transfer(&self, transfer: impl AsRef<Transfer>) -> Result<Transferred, Error> {
        let post = self.delivery.prepare(transfer.as_ref())?; // local faults end here: nothing was sent
        let trace = Arc::new(Trace::default());
        self.engines.run(&self.delivery.config, async |http| {
            self.delivery.deliver(&http, &post, &trace).await
        })?
    }

    /// As [`transfer`](Self::transfer), asking `go_on` each `interval` whether to go on waiting.
    ///
    /// For hosts that must look after something while they wait, as a Python interpreter after
    /// its signals. `go_on` runs on the waiting thread.
    ///
    /// # Errors
    /// As `transfer`; after a break [`Cancelled`](crate::ErrorKind::Cancelled) if the request was
    /// not sent, else [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    pub fn transfer_while(
        &self,
        transfer: impl AsRef<Transfer>,
        interval: Duration,
        go_on: &mut (dyn FnMut() -> ControlFlow<()> + Send),
    ) -> Result<Transferred, Error> {
        let post = self.delivery.prepare(transfer.as_ref())?; // local faults end here: nothing was sent
        let trace = Arc::new(Trace::default());
        self.engines.run(&self.delivery.config, async |http| {
            let begin = Instant::now();
            let mut delivering = pin!(self.delivery.deliver(&http, &post, &trace));
            let mut ticks = interval_at(begin + interval, interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            poll_fn(|context| {
                if let Poll::Ready(outcome) = delivering.as_mut().poll(context) {
                    return Poll::Ready(outcome);
                }
                while ticks.poll_tick(context).is_ready() {
                    if go_on().is_break() {
                        return Poll::Ready(Err(self.delivery.cancelled(begin, &trace)));
                    }
                }
                Poll::Pending
            })
            .await
        })?
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.delivery.config)
            .finish_non_exhaustive()
    }
}
