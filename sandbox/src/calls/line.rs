//! How numbers behave when they are called: the test numbers, and all others.

use std::collections::HashMap;

use crate::calls::event::Cause;
use crate::error::Error;

/// How a number behaves when it is called, or how the platform refuses to call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// Rings, answers, and stays connected; with `talk_ms` it hangs up after that time.
    Answers {
        /// How long it rings.
        ring_ms: u32,
        /// How long it stays connected; without it, the other side hangs up.
        talk_ms: Option<u32>,
    },
    /// Rings until the test answers it, or until the timeout of the call.
    Waits,
    /// Rings until the timeout of the call.
    NoAnswer,
    /// Ends the call after ringing, without an answer.
    Ends {
        /// How long it rings.
        ring_ms: u32,
        /// Why it ends.
        cause: Cause,
    },
    /// The platform refuses to call it.
    Refused(Refused),
}

/// Why the platform refuses to call a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// 403 `invalid-destination-number`: international calls are not allowed.
    International,
    /// 403 `invalid-call-to-number`: this number cannot be called.
    NotCallable,
    /// 403 `insufficient-available-balance`.
    Credit,
    /// 403 `call-rate-limit`.
    CallRateLimit,
    /// 429 `rate-limit-reached`, with `X-RateLimit-Reset`.
    RateLimit,
    /// 503 `call-unavailable`.
    Unavailable,
    /// 503 `call-transfer-error`; nothing was done.
    TransferError,
    /// 503 `call-transfer-error`; the transfer was made all the same.
    TransferErrorThoughMade,
    /// 409 `call-update-conflict`.
    Conflict,
}

/// Numbers that can have a behaviour set, the test numbers included.
const LINES: usize = 10_000;

/// How long an ordinary number rings before a transferred call is answered.
const RING_MS: u32 = 2_000;

const ANSWERS: Line = Line::Answers {
    ring_ms: RING_MS,
    talk_ms: None,
};

const fn ends(cause: Cause) -> Line {
    Line::Ends {
        ring_ms: RING_MS,
        cause,
    }
}

/// The test numbers: numbers that are reserved for fiction, each with what it does.
pub(crate) const TEST_NUMBERS: [(&str, Line); 20] = [
    ("+12025550100", ANSWERS),
    (
        "+12025550101",
        Line::Answers {
            ring_ms: 0,
            talk_ms: None,
        },
    ),
    (
        "+12025550102",
        Line::Answers {
            ring_ms: 20_000,
            talk_ms: None,
        },
    ),
    (
        "+12025550103",
        Line::Answers {
            ring_ms: RING_MS,
            talk_ms: Some(10_000),
        },
    ),
    ("+12025550104", Line::Waits),
    ("+12025550110", ends(Cause::UserBusy)),
    ("+12025550111", Line::NoAnswer),
    ("+12025550112", ends(Cause::CallRejected)),
    (
        "+12025550113",
        Line::Ends {
            ring_ms: 0,
            cause: Cause::UnallocatedNumber,
        },
    ),
    (
        "+12025550114",
        Line::Ends {
            ring_ms: 0,
            cause: Cause::NormalTemporaryFailure,
        },
    ),
    ("+12025550120", Line::Refused(Refused::International)),
    ("+12025550121", Line::Refused(Refused::NotCallable)),
    ("+12025550122", Line::Refused(Refused::Credit)),
    ("+12025550123", Line::Refused(Refused::CallRateLimit)),
    ("+12025550124", Line::Refused(Refused::RateLimit)),
    ("+12025550125", Line::Refused(Refused::Unavailable)),
    ("+12025550126", Line::Refused(Refused::TransferError)),
    (
        "+12025550127",
        Line::Refused(Refused::TransferErrorThoughMade),
    ),
    ("+12025550128", Line::Refused(Refused::Conflict)),
    // A number from Ofcom's range for drama, in its international form.
    ("+447700900120", Line::Refused(Refused::International)),
];

/// The behaviour of a test number.
pub(crate) fn test_number(number: &str) -> Option<Line> {
    let known = TEST_NUMBERS.iter().find(|(known, _)| *known == number);
    known.map(|(_, line)| *line)
}

/// The numbers that have a behaviour set.
#[derive(Debug)]
pub(crate) struct Lines(HashMap<String, Line>);

impl Lines {
    pub(crate) fn new() -> Self {
        let known = TEST_NUMBERS.iter();
        Self(
            known
                .map(|(number, line)| ((*number).to_owned(), *line))
                .collect(),
        )
    }

    /// Sets the behaviour of a number.
    pub(crate) fn set(&mut self, number: String, line: Line) -> Result<(), Error> {
        if self.0.len() >= LINES && !self.0.contains_key(&number) {
            return Err(Error::TooManyLines);
        }
        self.0.insert(number, line);
        Ok(())
    }

    /// The behaviour for a call that the account creates: by default, it waits for the test.
    pub(crate) fn for_new_call(&self, to: &str) -> Line {
        self.0.get(to).copied().unwrap_or(Line::Waits)
    }

    /// The behaviour for a transferred call: by default, it answers.
    fn for_transfer(&self, to: &str) -> Line {
        self.0.get(to).copied().unwrap_or(ANSWERS)
    }

    /// The behaviour for a leg: a number that is refused, but called nevertheless, answers.
    pub(crate) fn for_leg(&self, to: &str) -> Line {
        match self.for_transfer(to) {
            Line::Refused(_) => Line::Answers {
                ring_ms: 0,
                talk_ms: None,
            },
            line => line,
        }
    }

    /// Whether the platform refuses to call it.
    pub(crate) fn refused(&self, to: &str) -> Option<Refused> {
        match self.0.get(to) {
            Some(Line::Refused(why)) => Some(*why),
            _ => None,
        }
    }
}
