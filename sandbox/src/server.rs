//! Sockets: a listener that counts connections, and the thread on which all is served.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::platform::Platform;
use crate::received::Received;

/// A server on a thread of its own. Dropping it ends both.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on a socket that listens already.
    pub(crate) fn start(
        listener: std::net::TcpListener,
        platform: Arc<Platform>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let (stop, stopped) = oneshot::channel();
        let (report, ready) = mpsc::channel();
        // The runtime lives and dies on that thread: the caller may be inside a runtime itself.
        let thread = thread::Builder::new()
            .name("calltransfer-sandbox".to_owned())
            .spawn(move || run(listener, platform, stopped, &report))?;
        let server = Self {
            stop: Some(stop),
            thread: Some(thread),
        };
        match ready.recv() {
            Ok(result) => result.map(|()| server),
            Err(_) => Err(io::Error::other("the server's thread ended early")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there has been reported there.
            let _ = thread.join();
        }
    }
}

fn run(
    listener: std::net::TcpListener,
    platform: Arc<Platform>,
    stopped: oneshot::Receiver<()>,
    report: &mpsc::Sender<io::Result<()>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = report.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        let listener = match TcpListener::from_std(listener) {
            Ok(inner) => Counting { inner, accepted: 0 },
            Err(error) => {
                let _ = report.send(Err(error));
                return;
            }
        };
        let app = Router::new()
            .fallback(serve_one)
            .with_state(platform)
            .into_make_service_with_connect_info::<Connection>();
        let _ = report.send(Ok(()));
        tokio::select! {
            _ = axum::serve(listener, app) => {}
            _ = stopped => {}
        }
    });
    // The runtime goes here, and every connection with it: waiting for idle ones could take forever.
}

async fn serve_one(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let request = Received::read(connection.number, request).await;
    platform.answer(&request).into_response()
}

struct Counting {
    inner: TcpListener,
    accepted: u64,
}

#[derive(Debug, Clone, Copy)]
struct Connection {
    number: u64,
}

impl Listener for Counting {
    type Io = TcpStream;
    type Addr = Connection;

    async fn accept(&mut self) -> (TcpStream, Connection) {
        let (stream, _): (TcpStream, SocketAddr) = Listener::accept(&mut self.inner).await;
        // Without it small answers wait for acknowledgements. If it fails, they are only slower.
        let _ = stream.set_nodelay(true);
        self.accepted += 1;
        let number = self.accepted;
        (stream, Connection { number })
    }

    fn local_addr(&self) -> io::Result<Connection> {
        Ok(Connection { number: 0 })
    }
}

impl Connected<IncomingStream<'_, Counting>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Counting>) -> Self {
        *stream.remote_addr()
    }
}
