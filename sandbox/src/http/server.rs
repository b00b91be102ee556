//! Sockets: listeners that count connections, and the thread on which all is served.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::fault;
use crate::http::received::Received;
use crate::http::tls::Secured;
use crate::http::wire::{Stream, Wire};
use crate::platform::Platform;

/// A server on a thread of its own. Dropping it ends both.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A socket that listens already, and the TLS that is spoken there.
pub(crate) type Door = (std::net::TcpListener, Option<TlsAcceptor>);

impl Server {
    /// Serves at every one of these doors.
    pub(crate) fn start(doors: Vec<Door>, platform: Arc<Platform>) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (report, ready) = mpsc::channel();
        // The runtime lives and dies on that thread: the caller may be inside a runtime itself.
        let thread = thread::Builder::new()
            .name("calltransfer-sandbox".to_owned())
            .spawn(move || run(doors, platform, stopped, &report))?;
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
    doors: Vec<Door>,
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
        let (time, deliveries) = (Arc::clone(&platform), Arc::clone(&platform));
        let doorkeeper = Arc::clone(&platform);
        let app = Router::new()
            .fallback(serve_one)
            .with_state(platform)
            .into_make_service_with_connect_info::<Connection>();
        let accepted = Arc::new(AtomicU64::new(0));
        for door in doors {
            match Counting::open(door, &accepted, &doorkeeper) {
                Ok(listener) => {
                    tokio::spawn(axum::serve(listener, app.clone()).into_future());
                }
                Err(error) => {
                    let _ = report.send(Err(error));
                    return;
                }
            }
        }
        let _ = report.send(Ok(()));
        tokio::select! {
            () = crate::callbacks::deliver::run(deliveries) => {}
            () = async move { time.keep_time().await } => {}
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
    connection.wire.begin_request();
    if request.path == "/_sandbox/changes"
        && let Ok((version, patience)) = crate::admin::since(&request)
    {
        platform.changed_since(version, patience).await;
    }
    match platform.answer(request) {
        (answer, None) => answer.into_response(),
        (answer, Some(fault)) => fault::play(fault, answer, &connection.wire).await,
    }
}

struct Counting {
    inner: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Shared by all doors.
    accepted: Arc<AtomicU64>,
    platform: Arc<Platform>,
}

#[derive(Debug, Clone)]
struct Connection {
    number: u64,
    wire: Arc<Wire>,
}

impl Counting {
    fn open(
        (listener, tls): Door,
        accepted: &Arc<AtomicU64>,
        platform: &Arc<Platform>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            inner: TcpListener::from_std(listener)?,
            tls,
            accepted: Arc::clone(accepted),
            platform: Arc::clone(platform),
        })
    }
}

impl Listener for Counting {
    type Io = Stream<Secured>;
    type Addr = Connection;

    async fn accept(&mut self) -> (Stream<Secured>, Connection) {
        let (stream, _): (TcpStream, _) = Listener::accept(&mut self.inner).await;
        // Without it small answers wait for acknowledgements. If it fails, they are only slower.
        let _ = stream.set_nodelay(true);
        let wire = Arc::new(Wire::default());
        let connection = Connection {
            number: self.accepted.fetch_add(1, Ordering::Relaxed) + 1,
            wire: Arc::clone(&wire),
        };
        let secured = Secured::new(stream, self.tls.as_ref());
        let (platform, number) = (Arc::clone(&self.platform), connection.number);
        let told = move |bytes, status| platform.note_fragment(number, bytes, status);
        (Stream::new(secured, wire, Box::new(told)), connection)
    }

    fn local_addr(&self) -> io::Result<Connection> {
        Ok(Connection {
            number: 0,
            wire: Arc::default(),
        })
    }
}

impl Connected<IncomingStream<'_, Counting>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Counting>) -> Self {
        stream.remote_addr().clone()
    }
}
