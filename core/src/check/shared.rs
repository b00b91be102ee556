//! Lists of calls that the checks of many transfers share: each is read once.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::CheckSubject;
use crate::error::{Error, SentTransfer};
use crate::response::Call;

/// Lists of calls that several checks share, each of which is read by the first check that needs it.
///
/// For checks of many transfers of one account at once: pass [`subject`](Self::subject) to the clients'
/// `check`. The lists are as old as the first check, so make a new one for transfers whose outcome became
/// unknown after that. It is `Send` and `Sync`; clones share the same lists.
#[derive(Clone, Default)]
pub struct SharedCalls(Arc<Mutex<HashMap<String, Arc<List>>>>);

/// The newest calls of a list.
pub(super) struct List {
    pub(super) calls: Vec<Call>,
    /// Whether there are no older ones.
    pub(super) is_whole: bool,
    /// Whether no more of it is read, although there are older ones.
    pub(super) is_at_limit: bool,
}

impl SharedCalls {
    /// Nothing is read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A transfer to check, with these lists.
    pub fn subject<'a>(&'a self, sent: &'a SentTransfer) -> CheckSubject<'a> {
        CheckSubject::Shared(sent, self)
    }

    /// The list of this name, if it reaches far enough; else as `read` reads it now.
    pub(super) async fn get(
        &self,
        name: &str,
        reaches: impl Fn(&List) -> bool,
        read: impl Future<Output = Result<List, Error>>,
    ) -> Result<Arc<List>, Error> {
        // Held while it is read: the others wait for that.
        let mut lists = self.0.lock().await;
        if let Some(list) = lists.get(name).filter(|list| reaches(list)) {
            return Ok(Arc::clone(list));
        }
        let list = Arc::new(read.await?);
        lists.insert(name.to_owned(), Arc::clone(&list));
        Ok(list)
    }
}

impl fmt::Debug for SharedCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCalls").finish_non_exhaustive()
    }
}
