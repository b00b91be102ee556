//! Scripted replies: responses given in place of the platform's own.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use crate::error::Error;
use crate::http::reply::Reply;
use crate::http::response::Response;
use crate::v1::fields::Fields;
use crate::v1::refusal::Refusal;

const WAITING: usize = 10_000;

/// Reads a reply from the JSON of the admin interface.
pub(crate) fn read_reply(
    fields: Fields<'_>,
    allowed: RangeInclusive<i64>,
) -> Result<Reply, Refusal> {
    let status = fields
        .integer("status", allowed)?
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| fields.refuse("status", "is missing"))?;
    let mut reply = Reply::new(status).body(fields.text("body")?.unwrap_or_default());
    for (name, value) in fields.object("headers")?.into_iter().flatten() {
        // A header that is sent more than once is a list.
        let values = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            let value = value.as_str().ok_or_else(|| {
                fields.refuse(
                    "headers",
                    "must be an object of strings, or of lists of strings",
                )
            })?;
            reply = reply.header(name, value);
        }
    }
    Ok(reply)
}

#[derive(Default)]
pub(crate) struct Script {
    waiting: VecDeque<Reply>,
}

impl Script {
    /// Adds replies after those that wait already: all of them, or none.
    pub(crate) fn add(&mut self, replies: Vec<Reply>) -> Result<(), Error> {
        for (index, reply) in replies.iter().enumerate() {
            if let Err(reason) = reply.check(200..=599) {
                return Err(Error::InvalidReply { index, reason });
            }
        }
        if self.waiting.len() + replies.len() > WAITING {
            return Err(Error::TooManyReplies);
        }
        self.waiting.extend(replies);
        Ok(())
    }

    pub(crate) fn next(&mut self, host: &str) -> Option<Response> {
        Some(self.waiting.pop_front()?.into_response(host))
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}
