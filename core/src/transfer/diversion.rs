//! The Diversion headers of the new leg, as one choice.

use super::enums::{DiversionReason, DiversionTreatment};
use crate::error::InvalidArgument;

/// What is done with Diversion headers, with the reason for `stack`.
///
/// Source: `diversionTreatment` and `diversionReason`.
///
/// ```
/// use calltransfer::{Diversion, DiversionReason, Transfer};
///
/// let transfer = Transfer::new("c-call123", "+19195554444")
///     .diversion(Diversion::Stack(DiversionReason::DoNotDisturb));
/// assert!(transfer.to_json()?.contains(r#""diversionReason":"do-not-disturb""#));
/// # Ok::<(), calltransfer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Diversion {
    /// No Diversion header is sent, even if the incoming leg had one.
    None,
    /// The incoming leg's Diversion header is copied, if there is one.
    Propagate,
    /// As `Propagate`, and one more header on top, with this reason. Use it for incoming calls
    /// only: the vendor warns that an outbound call may drop with it.
    Stack(DiversionReason),
}

impl Diversion {
    pub(super) const fn treatment(self) -> DiversionTreatment {
        match self {
            Self::None => DiversionTreatment::None,
            Self::Propagate => DiversionTreatment::Propagate,
            Self::Stack(_) => DiversionTreatment::Stack,
        }
    }

    pub(super) const fn reason(self) -> Option<DiversionReason> {
        match self {
            Self::Stack(reason) => Some(reason),
            Self::None | Self::Propagate => None,
        }
    }
}

/// A reason has an effect only with `stack`; otherwise it would be ignored, so it is refused.
pub(super) fn check(
    treatment: Option<DiversionTreatment>,
    reason: Option<DiversionReason>,
) -> Result<(), InvalidArgument> {
    match (treatment, reason) {
        (Some(DiversionTreatment::Stack), _) | (_, None) => Ok(()),
        (treatment, Some(reason)) => Err(InvalidArgument::new(
            "diversion_reason",
            format!(
                "\"{reason}\" requires diversion_treatment \"stack\", which is {}",
                treatment.map_or("not set".to_owned(), |t| format!("\"{t}\""))
            ),
        )),
    }
}
