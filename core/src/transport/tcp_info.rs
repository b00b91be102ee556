//! What the system knows of a TCP connection.

use std::time::Duration;

use tokio::net::TcpStream;

pub(super) struct TcpInfo {
    /// How long ago the last packet came.
    pub(super) silent_for: Duration,
    /// How many bytes the other side has received, as far as it says; one more or less.
    pub(super) acked: u64,
    /// The other side has closed its half in order, and has not reset the connection. A reset proves
    /// nothing of what was received before: the system takes no notice of its acknowledgement.
    pub(super) is_half_closed: bool,
}

/// Asks the system, where it reports such things.
#[cfg(all(target_os = "linux", any(target_env = "gnu", target_env = "musl")))]
pub(super) fn of(stream: &TcpStream) -> Option<TcpInfo> {
    use std::os::fd::AsRawFd;

    const CLOSE_WAIT: u8 = 8;

    // SAFETY: an all-zero value of plain integers is valid.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let whole = size_of::<libc::tcp_info>() as libc::socklen_t;
    let mut length = whole;
    // SAFETY: the descriptor is this stream's, and `info` has as many bytes as `length` says.
    let status = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &mut length,
        )
    };
    // An older system fills less of it.
    (status == 0 && length == whole).then(|| TcpInfo {
        silent_for: Duration::from_millis(u64::from(
            info.tcpi_last_data_recv.min(info.tcpi_last_ack_recv),
        )),
        acked: info.tcpi_bytes_acked,
        is_half_closed: info.tcpi_state == CLOSE_WAIT,
    })
}

#[cfg(not(all(target_os = "linux", any(target_env = "gnu", target_env = "musl"))))]
pub(super) fn of(_: &TcpStream) -> Option<TcpInfo> {
    None
}
