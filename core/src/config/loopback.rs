//! `localhost` is always this machine, and is never looked up (RFC 6761, section 6.3): plain http
//! is allowed to it, so a wrong address would get the credentials unencrypted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// `localhost` and the names below it, in any case, with or without the dot of a full name.
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let (below, top) = name.rsplit_once('.').unwrap_or(("-", name));
    top.eq_ignore_ascii_case("localhost") && below.split('.').all(|label| !label.is_empty())
}

/// Where `localhost` is, for a name that is one: IPv4 first, as a server on loopback may have either.
pub(crate) fn addresses(name: &str) -> Option<[SocketAddr; 2]> {
    let addresses = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    is_localhost(name).then(|| addresses.map(|address| SocketAddr::new(address, 0)))
}
