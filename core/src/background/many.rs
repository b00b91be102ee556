//! Many transfers as an iterator over their outcomes.

use std::fmt;
use std::iter::Fuse;
use std::sync::mpsc::{Receiver, channel};

use super::{Batch, Client, Limits};
use crate::error::Error;
use crate::response::Transferred;
use crate::transfer::Transfer;

impl Client {
    /// Makes many transfers, and returns the outcome of each when it has ended, with the number of
    /// its item, from 0.
    ///
    /// A failed transfer does not end the iterator. If the platform reports a rate limit, the whole
    /// batch waits until the limit clears, and then continues more slowly. An item is taken only
    /// when its transfer can begin soon, so `items` may be endless. The iterator blocks; dropping
    /// it stops all transfers that have not ended.
    ///
    /// ```
    /// # use calltransfer_sandbox::{IncomingCall, Sandbox};
    /// use calltransfer::background::{Client, Limits};
    /// use calltransfer::{Config, Transfer};
    ///
    /// # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start()?;
    /// # let ids: Vec<_> = (0..3).map(|_| sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199")).unwrap()).collect();
    /// # let base_url = sandbox.url();
    /// let config = Config::builder()
    ///     .user_id("u-abc123")
    ///     .token("t-token")
    ///     .secret("s-secret")
    ///     .base_url(base_url)
    ///     .build()?;
    /// let client = Client::new(config);
    /// let items = ids.into_iter().map(|id| Transfer::new(id, "+18382947878"));
    /// let limits = Limits::new(16)?.rate(50.0)?;
    /// for (number, result) in client.transfer_many(items, limits) {
    ///     match result {
    ///         Ok(done) => println!("{number}: the new call is {:?}", done.new_call_id),
    ///         Err(error) => println!("{number}: {}: {error}", error.outcome()),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn transfer_many<I>(&self, items: I, limits: Limits) -> TransferMany<I::IntoIter>
    where
        I: IntoIterator<Item = Transfer>,
    {
        let (sender, receiver) = channel();
        // After a drop there is no receiver.
        let batch = self.batch(limits, move |number, result| {
            drop(sender.send((number, result)))
        });
        TransferMany {
            batch,
            items: items.into_iter().fuse(),
            receiver,
            taken: 0,
            open: 0,
        }
    }
}

/// The outcomes of many transfers, in the order in which they end; made by
/// [`Client::transfer_many`].
pub struct TransferMany<I> {
    batch: Batch,
    items: Fuse<I>,
    receiver: Receiver<(usize, Result<Transferred, Error>)>,
    taken: usize,
    open: usize,
}

impl<I> TransferMany<I> {
    /// Takes no more items and stops all transfers that have not ended; their outcomes are still
    /// returned.
    pub fn stop(&mut self) {
        self.batch.stop();
    }
}

impl<I: Iterator<Item = Transfer>> Iterator for TransferMany<I> {
    type Item = (usize, Result<Transferred, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.batch.has_room() && !self.batch.is_stopped() {
            let Some(transfer) = self.items.next() else {
                break;
            };
            let number = self.taken;
            self.taken += 1;
            if let Err(error) = self.batch.add(number, &transfer) {
                return Some((number, Err(error)));
            }
            self.open += 1;
        }
        self.open = self.open.checked_sub(1)?;
        self.receiver.recv().ok()
    }
}

impl<I> Drop for TransferMany<I> {
    fn drop(&mut self) {
        self.batch.stop();
    }
}

impl<I> fmt::Debug for TransferMany<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferMany")
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
