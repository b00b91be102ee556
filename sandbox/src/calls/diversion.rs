//! Diversion headers (RFC 5806): the numbers that a call was diverted from, and why.

/// One Diversion header, of an incoming call or of a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diversion {
    /// The number or SIP address that the call was for.
    pub orig_to: String,
    /// One of the documented reasons, such as `no-answer`.
    pub reason: String,
    /// How often the call was diverted, if the header says so.
    pub counter: Option<u32>,
    /// How often the call may be diverted, if the header says so.
    pub limit: Option<u32>,
    /// `full` hides `orig_to` from the application: its callbacks say `Anonymous`.
    pub privacy: Option<&'static str>,
    /// `yes` or `no`: whether the number was checked.
    pub screen: Option<&'static str>,
}

impl Diversion {
    /// A header with a number and the reason why it diverted the call.
    pub fn new(orig_to: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            orig_to: orig_to.into(),
            reason: reason.into(),
            counter: None,
            limit: None,
            privacy: None,
            screen: None,
        }
    }

    /// The header's value, as a SIP message carries it.
    pub fn header(&self) -> String {
        let address = if self.orig_to.contains('@') || self.orig_to.starts_with("sip") {
            self.orig_to.clone()
        } else {
            format!("sip:{}@sandbox.invalid", self.orig_to)
        };
        let mut header = format!("<{address}>;reason={}", self.reason);
        let numbers = [("counter", self.counter), ("limit", self.limit)];
        for (name, value) in numbers {
            if let Some(value) = value {
                header.push_str(&format!(";{name}={value}"));
            }
        }
        for (name, value) in [("privacy", self.privacy), ("screen", self.screen)] {
            if let Some(value) = value {
                header.push_str(&format!(";{name}={value}"));
            }
        }
        header
    }
}

pub(crate) const TREATMENTS: [&str; 3] = ["none", "propagate", "stack"];
pub(crate) const REASONS: [&str; 11] = [
    "unknown",
    "user-busy",
    "no-answer",
    "unavailable",
    "unconditional",
    "time-of-day",
    "do-not-disturb",
    "deflection",
    "follow-me",
    "out-of-service",
    "away",
];

/// What a transfer does with the Diversion headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    None,
    Propagate,
    Stack(&'static str),
}

impl Treatment {
    /// A treatment by its word; the reason is only used with `stack`.
    pub(crate) fn of_words(treatment: &str, reason: Option<&'static str>) -> Self {
        match treatment {
            "propagate" => Self::Propagate,
            "stack" => Self::Stack(reason.unwrap_or("unknown")),
            _ => Self::None,
        }
    }
}

/// The word of a treatment, and the reason of `stack`.
pub(crate) fn words(treatment: Option<Treatment>) -> (Option<&'static str>, Option<&'static str>) {
    match treatment {
        None => (None, None),
        Some(Treatment::None) => (Some("none"), None),
        Some(Treatment::Propagate) => (Some("propagate"), None),
        Some(Treatment::Stack(reason)) => (Some("stack"), Some(reason)),
    }
}

/// The headers that are sent with a leg, the newest first.
///
/// `came_with` are those of the call that is transferred, and `called` is the number that it came to.
pub(crate) fn outgoing(
    treatment: Treatment,
    came_with: &[Diversion],
    called: &str,
) -> Vec<Diversion> {
    match treatment {
        Treatment::None => Vec::new(),
        Treatment::Propagate => came_with.to_vec(),
        Treatment::Stack(reason) => {
            let mut own = Diversion::new(called, reason);
            own.counter = Some(1);
            let mut all = vec![own];
            all.extend_from_slice(came_with);
            all
        }
    }
}
