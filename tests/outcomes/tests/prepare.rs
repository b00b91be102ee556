//! A connection that is opened ahead of the transfer, and one that is kept open for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use calltransfer::{
    Client, Config, ConfigBuilder, Error, ErrorKind, Outcome, Transfer, background, blocking,
};
use calltransfer_outcomes::{Authority, Connection, Flaw, ScriptedServer};

const TOKEN_PATH: &str = "POST /api/v1/oauth2/token ";
const LONG: Duration = Duration::from_secs(120);

fn account() -> ConfigBuilder {
    Config::builder().user_id("u-abc123").token("t").secret("s")
}

fn plain(server: &ScriptedServer) -> ConfigBuilder {
    account().base_url(server.url())
}

fn kept_for(timeout: Duration) -> ScriptedServer {
    ScriptedServer::start_repeating(vec![Connection::kept_for(timeout, false)])
}

fn transfer(call_id: &str) -> Transfer {
    Transfer::new(call_id, "+18382947878")
}

/// Each client's way to prepare and to transfer.
trait Caller {
    fn prepare(&self) -> Result<(), Error>;
    fn transfer(&self, call_id: &str) -> Result<(), Error>;
}

impl Caller for blocking::Client {
    fn prepare(&self) -> Result<(), Error> {
        self.prepare()
    }
    fn transfer(&self, call_id: &str) -> Result<(), Error> {
        self.transfer(transfer(call_id)).map(drop)
    }
}

impl Caller for background::Client {
    fn prepare(&self) -> Result<(), Error> {
        let (sender, receiver) = mpsc::channel();
        self.prepare(move |result| sender.send(result).unwrap())?;
        receiver.recv().unwrap()
    }
    fn transfer(&self, call_id: &str) -> Result<(), Error> {
        let (sender, receiver) = mpsc::channel();
        let done = move |result: Result<_, Error>| sender.send(result.map(drop)).unwrap();
        self.transfer(transfer(call_id), done)?;
        receiver.recv().unwrap()
    }
}

/// The async client on a runtime that a thread drives all the time, until this is dropped.
struct Async {
    client: Client,
    runtime: tokio::runtime::Handle,
    _driven: tokio::sync::oneshot::Sender<()>,
}

impl Async {
    fn new(config: Config) -> Self {
        let runtime = calltransfer_outcomes::runtime();
        let handle = runtime.handle().clone();
        let client = runtime.block_on(async { Client::new(config) });
        let (driven, ended) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || drop(runtime.block_on(ended)));
        Self {
            client,
            runtime: handle,
            _driven: driven,
        }
    }

    fn run<F>(&self, request: impl FnOnce(Client) -> F) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel();
        let request = request(self.client.clone());
        self.runtime
            .spawn(async move { sender.send(request.await).unwrap() });
        receiver.recv().unwrap()
    }
}

impl Caller for Async {
    fn prepare(&self) -> Result<(), Error> {
        self.run(|client| async move { client.prepare().await })
    }
    fn transfer(&self, call_id: &str) -> Result<(), Error> {
        let transfer = transfer(call_id);
        self.run(|client| async move { client.transfer(transfer).await.map(drop) })
    }
}

fn callers(config: &Config) -> Vec<Box<dyn Caller>> {
    // With `keep_ready` each begins at once, and ends when it is dropped.
    vec![
        Box::new(blocking::Client::new(config.clone())),
        Box::new(background::Client::new(config.clone())),
        Box::new(Async::new(config.clone())),
    ]
}

#[test]
fn transfer_after_prepare_opens_no_connection() {
    let server = kept_for(LONG);
    for (number, caller) in callers(&plain(&server).build().unwrap()).iter().enumerate() {
        caller.prepare().unwrap();
        server.wait_until(|server| server.connections() > number);
        assert_eq!(server.connections(), number + 1);
        caller.prepare().unwrap(); // there is one
        caller.transfer(&format!("c-{number}")).unwrap();
        assert_eq!(server.connections(), number + 1);
    }
    assert_eq!(server.requests("POST /v1/").len(), 3);
}

#[test]
fn prepare_does_tls_and_later_connections_resume_its_session() {
    let authority = Authority::new();
    let ca_file = authority.file();
    let scripts = vec![Connection::kept_for(LONG, false); 5];
    let server = ScriptedServer::start_tls(scripts, authority.server(Flaw::None));
    let config = account().base_url(format!("https://{}", server.address()));
    let config = config.ca_file(ca_file.path());
    let client = blocking::Client::new(config.clone().build().unwrap());
    client.prepare().unwrap();
    client.transfer(transfer("c-0")).unwrap();
    assert_eq!((server.connections(), server.resumed()), (1, 0));
    // Each request on a connection of its own.
    let client = blocking::Client::new(config.keep_alive(false).build().unwrap());
    for number in 1..=4 {
        client.transfer(transfer(&format!("c-{number}"))).unwrap();
    }
    assert_eq!((server.connections(), server.resumed()), (5, 3));
}

#[test]
fn prepare_gets_the_token_of_v2() {
    let server = kept_for(LONG);
    let config = Config::builder()
        .account_id("5500099")
        .client_id("client-1")
        .client_secret("s3cret-0815")
        .base_url(server.url());
    for (number, caller) in callers(&config.build().unwrap()).iter().enumerate() {
        caller.prepare().unwrap();
        server.wait_until(|server| server.connections() > number);
        let before = server.connections();
        // The configuration is shared, and with it the token.
        assert_eq!(server.requests(TOKEN_PATH).len(), 1);
        caller.transfer(&format!("c-{number}")).unwrap();
        assert_eq!(server.requests(TOKEN_PATH).len(), 1);
        assert_eq!(server.connections(), before);
    }
}

#[test]
fn failed_prepare_is_tried_once_and_leaves_the_transfer_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let config = account()
        .base_url(format!("http://{address}"))
        .build()
        .unwrap();
    for caller in callers(&config) {
        let error = caller.prepare().unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Connection, Outcome::NotSent)
        );
        assert_eq!(error.attempts(), 1);
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("could not connect to {address}: ")),
            "{text}"
        );
        let error = caller.transfer("c-1").unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert_eq!(error.attempts(), 3);
    }
}

#[test]
fn prepare_to_a_silent_host_ends_in_time() {
    let silent = ScriptedServer::full();
    let config = account().base_url(format!("http://{}", silent.address()));
    let config = config.timeout(Duration::from_millis(600)).build().unwrap();
    for caller in callers(&config) {
        let error = caller.prepare().unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
}

#[test]
fn kept_ready_connection_is_renewed_before_the_server_closes_it() {
    std::thread::scope(|scope| {
        for (is_announced, number) in [
            (true, 0),
            (true, 1),
            (true, 2),
            (false, 0),
            (false, 1),
            (false, 2),
        ] {
            scope.spawn(move || renewed(is_announced, number));
        }
    });
}

fn renewed(is_announced: bool, number: usize) {
    let script = Connection::kept_for(Duration::from_secs(4), is_announced);
    let server = ScriptedServer::start_repeating(vec![script]);
    let config = plain(&server).keep_ready(true).build().unwrap();
    let caller = callers(&config).swap_remove(number);
    server.wait_until(|server| server.open() >= 1);
    let ready = server.connections();
    if is_announced {
        caller.transfer("c-first").unwrap();
    }
    // Opened without a request, and again as each grows old.
    server.wait_until(|server| server.connections() >= ready + 2);
    // The newest is open: a transfer finds it, or is just ahead of the next one.
    let before = server.connections();
    caller.transfer("c-last").unwrap();
    assert!(server.connections() <= before + 1);
}

#[test]
fn keeping_ready_ends_with_the_client() {
    let server = kept_for(LONG);
    let config = plain(&server).keep_ready(true).build().unwrap();
    let all = callers(&config);
    server.wait_until(|server| server.open() >= 3);
    drop(all);
    server.wait_until(|server| server.open() == 0);
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(server.open(), 0);
}

#[test]
fn keep_ready_without_keep_alive_is_refused() {
    let error = account()
        .keep_alive(false)
        .keep_ready(true)
        .build()
        .unwrap_err();
    assert_eq!(error.field(), Some("keep_ready"));
}
