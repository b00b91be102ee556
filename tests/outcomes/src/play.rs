//! Plays the script of one connection.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

use crate::arrival::Arrival;
use crate::script::{Connection, Step};
use crate::server::Record;

/// No script waits longer than this for a client, unless it says so.
const TIMEOUT: Duration = Duration::from_secs(30);

trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

struct Player<'a> {
    /// Bytes that were read ahead belong to no request until a step takes them.
    wire: BufReader<Box<dyn Wire>>,
    socket: TcpStream,
    record: &'a Record,
    /// The request that was read last, as far as any came.
    current: Option<usize>,
}

pub(crate) fn play(
    stream: TcpStream,
    script: &Connection,
    tls: Option<Arc<ServerConfig>>,
    record: &Record,
) {
    let _ = stream.set_read_timeout(Some(TIMEOUT));
    let _ = stream.set_nodelay(true);
    let socket = stream.try_clone().unwrap();
    if let Ok(wire) = secured(stream, tls, record) {
        let mut player = Player {
            wire: BufReader::new(wire),
            socket: socket.try_clone().unwrap(),
            record,
            current: None,
        };
        for step in &script.0 {
            match step {
                Step::Close => break,
                Step::Reset => {
                    let _ = socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO));
                    return;
                }
                step if player.step(step).is_err() => break,
                _ => {}
            }
        }
    }
    // A close with unread bytes would turn into a reset: read what is there first.
    let _ = socket.set_nonblocking(true);
    let _ = io::copy(&mut &socket, &mut io::sink());
}

fn secured(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    record: &Record,
) -> io::Result<Box<dyn Wire>> {
    let Some(config) = tls else {
        return Ok(Box::new(stream));
    };
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut secure = StreamOwned::new(connection, stream);
    while secure.conn.is_handshaking() {
        secure.conn.complete_io(&mut secure.sock)?;
    }
    if secure.conn.handshake_kind() == Some(HandshakeKind::Resumed) {
        record.resumed.fetch_add(1, Ordering::AcqRel);
    }
    Ok(Box::new(secure))
}

impl Player<'_> {
    fn step(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::ReadRequest => self.read(usize::MAX),
            Step::ReadBytes(count) => self.read(*count),
            Step::ReadTimeout(time) => self.socket.set_read_timeout(Some(*time)),
            Step::Send(bytes) => self.send(bytes),
            Step::Drip(bytes, pause) => bytes.iter().try_for_each(|byte| {
                std::thread::sleep(*pause);
                self.send(&[*byte])
            }),
            Step::Serve(respond) => loop {
                self.read(usize::MAX)?;
                let request = self.current.map(|index| self.arrivals()[index].clone());
                self.send(&respond.0(&request.unwrap_or_default()))?;
            },
            Step::Pause(time) => {
                std::thread::sleep(*time);
                Ok(())
            }
            Step::Hang => io::copy(&mut self.wire, &mut io::sink()).map(drop),
            Step::Close | Step::Reset => Ok(()), // end the script
        }
    }

    fn arrivals(&self) -> std::sync::MutexGuard<'_, Vec<Arrival>> {
        self.record.arrivals.lock().unwrap()
    }

    /// Reads a whole request, or this number of bytes of it.
    fn read(&mut self, most: usize) -> io::Result<()> {
        self.current = None;
        for _ in 0..most {
            let mut byte = [0];
            if self.wire.read(&mut byte)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut arrivals = self.record.arrivals.lock().unwrap();
            let index = *self.current.get_or_insert_with(|| {
                arrivals.push(Arrival::default());
                arrivals.len() - 1
            });
            if arrivals[index].take(byte[0]) {
                break;
            }
        }
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let wire = self.wire.get_mut();
        wire.write_all(bytes)?;
        wire.flush()?;
        if let Some(index) = self.current {
            self.arrivals()[index].response.extend_from_slice(bytes);
        }
        Ok(())
    }
}
