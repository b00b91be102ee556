//! A port that never takes a connection.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A listener whose queue is full: a further connection gets no answer.
pub struct FullListener {
    socket: Socket,
    _waiting: Vec<TcpStream>,
}

impl FullListener {
    /// Listens on a free loopback port, and fills the queue.
    pub fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket
            .bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
            .unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let timeout = Duration::from_millis(100);
        let waiting = (0..8).map_while(|_| TcpStream::connect_timeout(&address, timeout).ok());
        let _waiting = waiting.collect();
        Self { socket, _waiting }
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap().as_socket().unwrap()
    }
}

impl Default for FullListener {
    fn default() -> Self {
        Self::new()
    }
}
