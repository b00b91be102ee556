//! The token that this process has, and the result of the last request for one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Token;
use crate::error::Error;

/// A token is renewed in the last tenth of its lifetime, at most a minute before it expires.
const RENEW_FRACTION: u32 = 10;
const RENEW_AT_MOST_BEFORE: Duration = Duration::from_secs(60);
/// The longest time that a token is kept, whatever lifetime the platform gives.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// How many tokens are known after they are over, to be hidden where a server repeats them.
const RECENT: usize = 4;

/// What this process has.
#[derive(Default)]
pub(super) struct ProcessState {
    /// Held by the one who fetches.
    pub(super) refresh_lock: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

/// The token, and the result of the last request.
#[derive(Default)]
pub(super) struct State {
    kept: Option<CachedToken>,
    /// How many requests have ended.
    ended: u64,
    last: Option<Result<Arc<Token>, Error>>,
    /// The last ones that were granted, oldest first: a server may repeat one that is over.
    recent: Vec<Arc<Token>>,
}

struct CachedToken {
    token: Arc<Token>,
    renew: Instant,
    end: Instant,
}

impl ProcessState {
    /// Held for moments only, and never while anything is awaited.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A token that is still good, and whether it stays so for a while.
    pub(super) fn cached(&self) -> Option<(Arc<Token>, bool)> {
        let now = Instant::now();
        let kept = self.kept.as_ref().filter(|kept| now < kept.end)?;
        Some((Arc::clone(&kept.token), now < kept.renew))
    }

    /// The tokens that were granted last.
    pub(super) fn recent(&self) -> &[Arc<Token>] {
        &self.recent
    }

    /// How many requests have ended.
    pub(super) fn ended(&self) -> u64 {
        self.ended
    }

    /// The result of the last request, if it ended after `ended` requests had ended.
    pub(super) fn result_since(&self, ended: u64) -> Option<Result<Arc<Token>, Error>> {
        if self.ended == ended {
            return None;
        }
        Some(match self.last.as_ref()? {
            Ok(token) => Ok(Arc::clone(token)),
            Err(error) => Err(error.clone_without_source()),
        })
    }

    /// Without a lifetime it is kept until it is refused.
    pub(super) fn put(&mut self, token: &Arc<Token>, begin: Instant, lifetime: Option<Duration>) {
        if self.recent.len() == RECENT {
            self.recent.remove(0);
        }
        self.recent.push(Arc::clone(token));
        let lifetime = lifetime.unwrap_or(MAX_LIFETIME).min(MAX_LIFETIME);
        let end = begin + lifetime;
        self.kept = Some(CachedToken {
            token: Arc::clone(token),
            renew: end - (lifetime / RENEW_FRACTION).min(RENEW_AT_MOST_BEFORE),
            end,
        });
        self.end(Ok(Arc::clone(token)));
    }

    pub(super) fn put_failure(&mut self, error: Error) {
        self.end(Err(error));
    }

    fn end(&mut self, result: Result<Arc<Token>, Error>) {
        self.ended += 1;
        self.last = Some(result);
    }

    /// Leaves the endpoint alone for a while; the token is still good.
    pub(super) fn postpone(&mut self, until: Instant) {
        if let Some(kept) = &mut self.kept {
            kept.renew = until;
        }
    }

    /// Forgets a token that was refused, unless there is another by now.
    pub(super) fn forget(&mut self, token: &Arc<Token>) {
        if self
            .kept
            .as_ref()
            .is_some_and(|kept| Arc::ptr_eq(&kept.token, token))
        {
            self.kept = None;
        }
        if matches!(&self.last, Some(Ok(last)) if Arc::ptr_eq(last, token)) {
            self.last = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn token() -> Arc<Token> {
        Arc::new(Token(Zeroizing::new("Bearer x".to_owned())))
    }

    #[test]
    fn token_is_renewed_before_it_expires() {
        let mut state = State::default();
        let now = Instant::now();
        state.put(&token(), now, Some(Duration::from_secs(3600)));
        assert!(matches!(state.cached(), Some((_, true))));
        state.put(
            &token(),
            now - Duration::from_secs(3550),
            Some(Duration::from_secs(3600)),
        );
        assert!(matches!(state.cached(), Some((_, false))));
        state.postpone(now + Duration::from_secs(5));
        assert!(matches!(state.cached(), Some((_, true))));
        state.put(
            &token(),
            now - Duration::from_secs(3600),
            Some(Duration::from_secs(3600)),
        );
        assert!(state.cached().is_none());
        state.put(&token(), now, Some(Duration::ZERO));
        assert!(state.cached().is_none());
        state.put(&token(), now, None);
        assert!(matches!(state.cached(), Some((_, true))));
        state.put(&token(), now, Some(Duration::MAX));
        assert!(matches!(state.cached(), Some((_, true))));
    }

    #[test]
    fn waiters_share_expired_token() {
        let mut state = State::default();
        let ended_before = state.ended();
        assert!(state.result_since(ended_before).is_none());
        state.put(&token(), Instant::now(), Some(Duration::ZERO));
        assert!(matches!(state.result_since(ended_before), Some(Ok(_))));
        assert!(state.result_since(state.ended()).is_none());
    }

    #[test]
    fn only_the_refused_token_is_forgotten() {
        let mut state = State::default();
        let (old, new) = (token(), token());
        state.put(&new, Instant::now(), None);
        state.forget(&old);
        assert!(state.cached().is_some());
        state.forget(&new);
        assert!(state.cached().is_none());
        assert!(state.result_since(0).is_none());
    }
}
