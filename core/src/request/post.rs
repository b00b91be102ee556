//! A transfer as it goes out: address and body.

use bytes::Bytes;
use url::Url;

use super::transfer::Transfer;
use crate::outcome::Error;

/// What the transport sends. Building it is the last step at which nothing was sent.
pub(crate) struct Post {
    pub(crate) url: Url,
    pub(crate) body: Bytes,
}

impl Post {
    /// `POST {base_url}/v1/users/{user_id}/calls/{call_id}`.
    pub(crate) fn transfer(
        base_url: &Url,
        user_id: &str,
        transfer: &Transfer,
    ) -> Result<Self, Error> {
        let body = transfer.to_json()?.into();
        let mut url = base_url.clone();
        // Both ids were checked to be plain segments, so nothing is encoded.
        let base = base_url.path().trim_end_matches('/');
        url.set_path(&format!(
            "{base}/v1/users/{user_id}/calls/{}",
            transfer.call_id()
        ));
        Ok(Self { url, body })
    }
}
