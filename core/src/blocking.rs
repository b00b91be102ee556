//! The blocking client: the twin of [`Client`](crate::Client) for threads without a runtime.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::config::Config;
use crate::delivery::{Delivered, Delivery};
use crate::dialect::Order;
use crate::outcome::{Call, Error, Finding, Transferred};
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
/// # let call_id = sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap();
/// # let base_url = sandbox.url();
/// let config = Config::builder()
///     .user_id("u-abc123")
///     .token("t-token")
///     .secret("s-secret")
///     .base_url(base_url)
///     .build()?;
/// let client = blocking::Client::new(config);
/// let done = client.transfer(Transfer::new(call_id, "+18382947878"))?;
/// println!("the new call is {:?}", done.new_call_id);
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
        let order = self.delivery.transfer(transfer.as_ref())?; // local faults end here: nothing was sent
        self.send(&order, None)
    }

    /// Reads a call. Changes nothing, so it is tried again whenever that may help.
    ///
    /// # Errors
    /// What went wrong; the outcome is `not_sent` or `not_applied`.
    pub fn get_call(&self, call_id: &str) -> Result<Call, Error> {
        let order = self.delivery.get_call(call_id)?;
        self.send(&order, None)
    }

    /// Answers an incoming call, so that it can be transferred.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn answer(&self, call_id: &str) -> Result<(), Error> {
        let order = self.delivery.answer(call_id)?;
        self.send(&order, None)
    }

    /// Ends a call.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub fn hang_up(&self, call_id: &str) -> Result<(), Error> {
        let order = self.delivery.hang_up(call_id)?;
        self.send(&order, None)
    }

    /// Looks at a call after an outcome that was unknown, and says what is now known of its
    /// transfer. Reads once, and never sends the transfer again.
    ///
    /// # Errors
    /// What kept the call from being read.
    pub fn check(&self, call_id: &str) -> Result<Finding, Error> {
        Finding::of(self.get_call(call_id))
    }

    /// This client with a `watch` that each of its calls asks, every `interval`, whether to go
    /// on waiting.
    ///
    /// For hosts that must look after something while they wait, as a Python interpreter after
    /// its signals, or that let another thread stop the call. `watch` runs on the waiting thread.
    /// After a break the call ends with [`Cancelled`](crate::ErrorKind::Cancelled) if the request
    /// was not sent, else with [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    pub fn watched<'a>(&'a self, interval: Duration, watch: &'a mut Watch<'a>) -> Watched<'a> {
        Watched {
            client: self,
            interval,
            watch,
        }
    }

    fn send<T: Delivered + Send>(
        &self,
        order: &Order<T>,
        watch: Option<(Duration, &mut Watch<'_>)>,
    ) -> Result<T, Error> {
        let trace = Arc::new(Trace::default());
        let begin = Instant::now();
        let delivered = self.engines.run(&self.delivery.config, async |http| {
            let delivering = pin!(self.delivery.deliver(&http, order, &trace));
            match watch {
                None => delivering.await,
                Some((interval, watch)) => match until(delivering, interval, watch).await {
                    Some(result) => result,
                    None => Err(self.delivery.cancelled(order, begin, &trace)),
                },
            }
        })?;
        delivered.unwrap_or_else(|| Err(self.delivery.closed(order, begin, &trace)))
    }
}

/// Asked at intervals whether to go on waiting.
pub type Watch<'a> = dyn FnMut() -> ControlFlow<()> + Send + 'a;

/// A client that asks a watch while it waits; made by [`Client::watched`].
pub struct Watched<'a> {
    client: &'a Client,
    interval: Duration,
    watch: &'a mut Watch<'a>,
}

impl Watched<'_> {
    /// As [`Client::transfer`].
    ///
    /// # Errors
    /// As `Client::transfer`, and what a break leaves behind.
    pub fn transfer(&mut self, transfer: impl AsRef<Transfer>) -> Result<Transferred, Error> {
        let order = self.client.delivery.transfer(transfer.as_ref())?;
        self.send(&order)
    }

    /// As [`Client::get_call`].
    ///
    /// # Errors
    /// As `Client::get_call`, and `Cancelled` after a break.
    pub fn get_call(&mut self, call_id: &str) -> Result<Call, Error> {
        let order = self.client.delivery.get_call(call_id)?;
        self.send(&order)
    }

    /// As [`Client::answer`].
    ///
    /// # Errors
    /// As `Client::answer`, and what a break leaves behind.
    pub fn answer(&mut self, call_id: &str) -> Result<(), Error> {
        let order = self.client.delivery.answer(call_id)?;
        self.send(&order)
    }

    /// As [`Client::hang_up`].
    ///
    /// # Errors
    /// As `Client::hang_up`, and what a break leaves behind.
    pub fn hang_up(&mut self, call_id: &str) -> Result<(), Error> {
        let order = self.client.delivery.hang_up(call_id)?;
        self.send(&order)
    }

    /// As [`Client::check`].
    ///
    /// # Errors
    /// As `Client::check`, and `Cancelled` after a break.
    pub fn check(&mut self, call_id: &str) -> Result<Finding, Error> {
        Finding::of(self.get_call(call_id))
    }

    fn send<T: Delivered + Send>(&mut self, order: &Order<T>) -> Result<T, Error> {
        self.client.send(order, Some((self.interval, self.watch)))
    }
}

/// The future's value, or `None` once the watch breaks.
async fn until<T>(
    mut future: Pin<&mut impl Future<Output = T>>,
    interval: Duration,
    watch: &mut Watch<'_>,
) -> Option<T> {
    let mut ticks = interval_at(Instant::now() + interval, interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        while ticks.poll_tick(context).is_ready() {
            if watch().is_break() {
                return Poll::Ready(None);
            }
        }
        Poll::Pending
    })
    .await
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.delivery.config)
            .finish_non_exhaustive()
    }
}
