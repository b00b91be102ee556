//! A transfer to the first of several targets that answers: its arguments.

use std::time::Duration;

use super::all_at_once::AllAtOnce;
use super::first_transferred::FirstTransferred;
use super::one_by_one::OneByOne;
use super::sequence::Sequence;
use crate::api::Api;
use crate::config::Config;
use crate::error::{Error, InvalidArgument};
use crate::protocol::Request;
use crate::protocol::steps::Steps;
use crate::time_limit::TimeLimit;
use crate::transfer::Transfer;

/// The highest number of targets in v1.
const V1_TARGETS: usize = 100;
/// The highest number of targets in v2.
const V2_TARGETS: usize = 8;

/// A call, and the targets that it is transferred to: the first to answer gets it.
///
/// `Debug` redacts numbers.
///
/// ```
/// use std::time::Duration;
/// use calltransfer::{Transfer, TransferToFirst};
///
/// let transfer = Transfer::new("c-1", "+18382947878").caller_id("private");
/// let first = TransferToFirst::new(transfer)
///     .or_to("+18382947879")
///     .ring(Duration::from_secs(20));
/// # let _ = first;
/// ```
#[derive(Debug, Clone)]
pub struct TransferToFirst {
    /// With the options of all transfers.
    transfer: Transfer,
    targets: Vec<Transfer>,
    ring: Option<Duration>,
}

impl TransferToFirst {
    /// A transfer to its own target, and to the targets that are added. The options of `transfer`
    /// apply to all of them.
    pub fn new(transfer: Transfer) -> Self {
        Self {
            targets: vec![transfer.clone()],
            transfer,
            ring: None,
        }
    }

    /// The same with all targets at once, for the interfaces to other languages: the target of
    /// `transfer` does not count.
    #[doc(hidden)]
    pub fn of_list(transfer: Transfer, targets: impl IntoIterator<Item = String>) -> Self {
        let none = Self {
            transfer,
            targets: Vec::new(),
            ring: None,
        };
        targets.into_iter().fold(none, Self::or_to)
    }

    /// Adds the next target: at most 100, in v2 at most 8 including the first.
    #[must_use]
    pub fn or_to(mut self, to: impl Into<String>) -> Self {
        self.targets.push(self.transfer.clone().with_target(to));
        self
    }

    /// How long each target rings: 1 to 300 seconds. In v2 it is the option `call_timeout`. v1 has
    /// no such option, so the library ends the new call if it still rings. If the target answers
    /// during the one round trip that this takes, the target and the caller are both disconnected.
    ///
    /// Without it, the platform decides: 30 seconds in v2.
    #[must_use]
    pub fn ring(mut self, ring: Duration) -> Self {
        self.ring = Some(ring);
        self
    }

    /// The sequence of these targets, for a program that follows them by events. v1 only.
    pub fn sequence(&self) -> Sequence {
        let targets = self.targets.iter().map(|transfer| transfer.to.as_str());
        Sequence::new(targets, self.ring)
    }
}

impl Request<FirstTransferred> {
    /// Transfers a call to the first of several targets that answers. See
    /// [`Client::transfer_to_first`](crate::Client::transfer_to_first).
    ///
    /// # Errors
    /// As for [`Request::transfer`], for the first target that can't be sent; also for the fields
    /// `ring` and `targets`.
    pub fn transfer_to_first(config: &Config, first: TransferToFirst) -> Result<Self, Error> {
        let TransferToFirst { targets, ring, .. } = first;
        if let Some(ring) = ring {
            TimeLimit::RING.check("ring", ring)?;
        }
        let count = targets.len();
        let mut targets = targets.into_iter();
        let Some(first) = targets.next() else {
            return Err(InvalidArgument::new("targets", "is empty; expected at least one").into());
        };
        let api = config.api();
        let count = count + first.also_to.len();
        let most = match api {
            Api::V1 => V1_TARGETS,
            Api::V2 => V2_TARGETS,
        };
        if count > most {
            let reason = format!("must be at most {most} in {}, got {count}", api.as_str());
            return Err(InvalidArgument::new("targets", reason).into());
        }
        let (request, steps): (_, Box<dyn Steps<_>>) = match api {
            Api::V1 => {
                let steps = OneByOne::new(first, targets.collect(), ring);
                (steps.check(config)?, Box::new(steps))
            }
            Api::V2 => {
                let steps = AllAtOnce::new(first, targets, ring);
                (Request::transfer(config, &steps.transfer)?, Box::new(steps))
            }
        };
        Ok(Self::of_steps(config, request.http_request, steps))
    }
}
