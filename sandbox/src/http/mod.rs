//! Sockets, received requests, and responses.

pub(crate) mod handler;
pub(crate) mod received;
pub(crate) mod reply;
pub(crate) mod response;
pub(crate) mod server;
pub(crate) mod tls;
pub(crate) mod wire;
