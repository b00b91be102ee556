//! One connection to PostgreSQL, usable from ordinary threads and from async code alike: its socket
//! is served by a thread of its own, and the calling thread only waits for answers.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::{ToSql, WrongType};
use tokio_postgres::{Client, Config, Row, Statement};

use super::tls;
use crate::error::{Error, ErrorKind};

/// How long a connection may take to come about, and a network to be silent.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Connection {
    client: Client,
    /// By their text.
    statements: HashMap<&'static str, Statement>,
    place: String,
}

/// What a statement is given.
pub(super) type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

impl Connection {
    pub(super) fn open(url: &str, place: &str) -> Result<Self, Error> {
        let (url, roots) = tls::without_options(url);
        let config = configure(&url, place)?;
        let tls = tls::connector(roots.as_deref(), place)?;
        let (sender, receiver) = channel();
        let serve = move || {
            let built = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = match built {
                Ok(runtime) => runtime,
                Err(error) => return drop(sender.send(Err(Failure::System(error.to_string())))),
            };
            runtime.block_on(async {
                // The driver's own timeout ends with the socket: a server may accept and say nothing.
                match tokio::time::timeout(TIMEOUT, config.connect(tls)).await {
                    Err(_) => drop(sender.send(Err(Failure::System("timed out".to_owned())))),
                    Ok(Ok((client, connection))) => {
                        let _ = sender.send(Ok(client));
                        // Ends with the client, or with the connection.
                        let _ = connection.await;
                    }
                    Ok(Err(error)) => drop(sender.send(Err(Failure::Database(error)))),
                }
            });
        };
        let failed = |why: String| {
            let message = format!("run: {place} can't be reached: {why}");
            Error::new(ErrorKind::Unreachable, message)
        };
        thread::Builder::new()
            .name("calltransfer-runs".to_owned())
            .spawn(serve)
            .map_err(|error| failed(error.to_string()))?;
        let client = match receiver.recv() {
            Ok(Ok(client)) => client,
            Ok(Err(Failure::Database(error))) => return Err(error_of(place, &error)),
            Ok(Err(Failure::System(why))) => return Err(failed(why)),
            Err(_) => return Err(failed("the thread of the connection ended".to_owned())),
        };
        let mut opened = Self {
            client,
            statements: HashMap::new(),
            place: place.to_owned(),
        };
        opened.batch(
            // A worker that is stopped within a transaction holds the others up no longer than this.
            "SET statement_timeout = '60s'; SET lock_timeout = '15s'; \
             SET idle_in_transaction_session_timeout = '3s'; SET client_min_messages = warning; \
             SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') = 'off'",
        )?;
        Ok(opened)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        wait_for(self.client.batch_execute(sql)).map_err(|error| error_of(&self.place, &error))
    }

    pub(super) fn query(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql)?;
        wait_for(self.client.query(&statement, values))
            .map_err(|error| error_of(&self.place, &error))
    }

    pub(super) fn execute(&mut self, sql: &'static str, values: Values<'_>) -> Result<u64, Error> {
        let statement = self.statement(sql)?;
        wait_for(self.client.execute(&statement, values))
            .map_err(|error| error_of(&self.place, &error))
    }

    /// The one row of a query.
    pub(super) fn one(&mut self, sql: &'static str, values: Values<'_>) -> Result<Row, Error> {
        let missing = || {
            let message = format!("run: the tables in {} are damaged", self.place);
            Error::new(ErrorKind::Damaged, message)
        };
        let missing = missing();
        self.query(sql, values)?.into_iter().next().ok_or(missing)
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement =
            wait_for(self.client.prepare(sql)).map_err(|error| error_of(&self.place, &error))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

enum Failure {
    Database(tokio_postgres::Error),
    System(String),
}

/// Without `sslmode` in the URL, TLS is required for every host that isn't this machine. To this one
/// there is none: the certificate that a server makes for itself when it is installed can't be verified.
fn configure(url: &str, place: &str) -> Result<Config, Error> {
    let mut config: Config = url.parse().map_err(|_: tokio_postgres::Error| {
        // The parser's own words may show parts of the URL.
        let message = format!("run: {place} is not a valid postgresql:// URL");
        Error::new(ErrorKind::InvalidArgument, message)
    })?;
    let is_local = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => ["localhost", "127.0.0.1", "::1"].contains(&name.as_str()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    if !tls::names_mode(url) {
        config.ssl_mode(match is_local {
            true => SslMode::Disable,
            false => SslMode::Require,
        });
    }
    // As every program of PostgreSQL does: a command line can be read by other users of the machine.
    if config.get_password().is_none()
        && let Some(password) = std::env::var("PGPASSWORD").ok().filter(|it| !it.is_empty())
    {
        config.password(password);
    }
    config
        .application_name("calltransfer")
        .connect_timeout(TIMEOUT)
        .tcp_user_timeout(TIMEOUT)
        .keepalives_idle(TIMEOUT);
    Ok(config)
}

/// The database's code decides; its message names tables and users, not what is in rows.
fn error_of(place: &str, error: &tokio_postgres::Error) -> Error {
    let Some(database) = error.as_db_error() else {
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            why = format!("{why}: {error}");
            cause = error.source();
        }
        let source = std::error::Error::source(error);
        if source.is_some_and(|cause| cause.is::<WrongType>()) {
            // Waiting doesn't help: someone has changed the tables.
            let message = format!("run: the tables in {place} are damaged: {why}");
            return Error::new(ErrorKind::Damaged, message);
        }
        let message = format!("run: {place} can't be reached: {why}");
        return Error::new(ErrorKind::Unreachable, message);
    };
    let code = database.code().code();
    let kind = match (code, code.get(..2).unwrap_or_default()) {
        ("53100", _) => ErrorKind::Full,
        ("25006" | "42501", _) => ErrorKind::ReadOnly,
        ("3D000", _) | (_, "28") => ErrorKind::InvalidArgument,
        // Lost, out of resources, ended by an operator or a timeout, or in conflict with another.
        (_, "08" | "53" | "55" | "57" | "58" | "40") | ("25P03", _) => ErrorKind::Unreachable,
        _ => ErrorKind::Damaged,
    };
    let message = format!("run: {place} failed: {} ({code})", database.message());
    Error::new(kind, message)
}

/// Waits on the calling thread, without a runtime: answers come from the connection's own thread.
fn wait_for<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
