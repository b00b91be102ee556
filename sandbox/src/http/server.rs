//! Sockets: listeners that count connections, and the thread that serves all of them.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::http::handler::Handler;
use crate::http::received::Received;
use crate::http::tls::Secured;
use crate::http::wire::{Stream, Wire};

/// A server on its own thread. Dropping it ends both.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A listening socket, and its TLS, if any.
pub(crate) type Endpoint = (std::net::TcpListener, Option<TlsAcceptor>);

impl Server {
    /// Serves all these endpoints.
    pub(crate) fn start(endpoints: Vec<Endpoint>, handler: Arc<impl Handler>) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (report, ready) = mpsc::channel();
        // The runtime is created and dropped on that thread: the caller may be inside a runtime itself.
        let thread = thread::Builder::new()
            .name("calltransfer-sandbox".to_owned())
            .spawn(move || run(endpoints, handler, stopped, &report))?;
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
            // A panic of that thread was reported by it.
            let _ = thread.join();
        }
    }
}

fn run(
    endpoints: Vec<Endpoint>,
    handler: Arc<impl Handler>,
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
        let accepted = Arc::new(AtomicU64::new(0));
        for endpoint in endpoints {
            match Entrance::open(endpoint, &accepted, &handler) {
                Ok(entrance) => {
                    tokio::spawn(entrance.serve());
                }
                Err(error) => {
                    let _ = report.send(Err(error));
                    return;
                }
            }
        }
        let _ = report.send(Ok(()));
        tokio::select! {
            () = handler.run() => {}
            _ = stopped => {}
        }
    });
    // Dropping the runtime closes every connection: waiting for idle ones could take forever.
}

/// Responds to one request that came over a connection.
async fn serve_one(
    handler: Arc<impl Handler>,
    number: u64,
    secure: bool,
    wire: Arc<Wire>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let request = Received::read(number, secure, request, handler.idle_timeout()).await;
    wire.begin_request();
    let (response, plan) = handler.respond(request).await;
    if let Some(plan) = plan {
        tokio::time::sleep(plan.delay).await;
        if plan.silent {
            // Dropped with the connection, once the client closes it.
            return pending().await;
        }
        wire.arm(plan);
    }
    Ok(response.into_response())
}

/// A socket that accepts and counts connections.
struct Entrance<H> {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Shared by all endpoints.
    accepted: Arc<AtomicU64>,
    handler: Arc<H>,
}

impl<H> Drop for Entrance<H> {
    fn drop(&mut self) {
        // A forked child has this socket too: if it were only closed, the port would stay in use.
        let _ = SockRef::from(&self.listener).shutdown(std::net::Shutdown::Both);
    }
}

impl<H: Handler> Entrance<H> {
    fn open(
        (listener, tls): Endpoint,
        accepted: &Arc<AtomicU64>,
        handler: &Arc<H>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            tls,
            accepted: Arc::clone(accepted),
            handler: Arc::clone(handler),
        })
    }

    async fn serve(self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => self.welcome(stream),
                // No descriptor or memory is free: waits until other connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn welcome(&self, stream: TcpStream) {
        // Without it small responses wait for acknowledgements. If it fails, they are only slower.
        let _ = stream.set_nodelay(true);
        let wire = Arc::new(Wire::default());
        let number = self.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        let secured = Secured::new(stream, self.tls.as_ref());
        let handler = Arc::clone(&self.handler);
        let reported = move |bytes, status| handler.note_fragment(number, bytes, status);
        let stream = Stream::new(secured, Arc::clone(&wire), Box::new(reported));
        let handler = Arc::clone(&self.handler);
        let secure = self.tls.is_some();
        let service = service_fn(move |request| {
            let (handler, wire) = (Arc::clone(&handler), Arc::clone(&wire));
            serve_one(handler, number, secure, wire, request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.handler.idle_timeout())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // Errors of a connection are the client's; incomplete requests are in the log.
            let _ = connection.await;
        });
    }
}
