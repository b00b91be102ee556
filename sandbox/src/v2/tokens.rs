//! Access tokens: granted for a client's ID and secret, valid for a limited time.

use std::collections::HashMap;

use crate::calls::call_store::random_id;
use crate::timestamp::wall_ms;

/// Tokens that can be valid at the same time.
const LIVE: usize = 10_000;
const LIFETIME_S: u32 = 3_600;

#[derive(Debug)]
pub(crate) struct Tokens {
    /// When each expires, in milliseconds of the wall clock.
    live: HashMap<String, i64>,
    pub(crate) lifetime_s: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            live: HashMap::new(),
            lifetime_s: LIFETIME_S,
        }
    }
}

impl Tokens {
    pub(crate) fn grant(&mut self) -> String {
        let now = wall_ms();
        self.live.retain(|_, ends| *ends > now);
        if self.live.len() >= LIVE {
            self.live.clear();
        }
        let token = random_id("tok-");
        let ends = now + i64::from(self.lifetime_s) * 1000;
        self.live.insert(token.clone(), ends);
        token
    }

    pub(crate) fn is_good(&self, token: &str) -> bool {
        self.live.get(token).is_some_and(|ends| *ends > wall_ms())
    }

    /// Makes all tokens invalid.
    pub(crate) fn revoke(&mut self) {
        self.live.clear();
    }
}
