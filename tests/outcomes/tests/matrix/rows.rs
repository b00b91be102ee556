//! The rows: what the server does, and what must be reported to the caller.

mod connections;
mod pages;
mod repeats;
mod responses;
mod tls;
mod v2;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use calltransfer_outcomes::{
    Account, Arrival, Authority, Client, ClientReport, Connection, Flaw, Job, ScriptedServer, Step,
    check_invariants,
};

/// Where the request goes.
#[derive(Debug, Clone)]
pub enum Place {
    /// A server that speaks plain HTTP.
    Http(Vec<Connection>),
    /// A server with a certificate, flawed or not; the client trusts its authority.
    Https(Flaw, Vec<Connection>),
    /// A plain server, to which the client speaks https.
    HttpsToPlain(Vec<Connection>),
    /// A proxy between the client and an https host.
    Proxy(Vec<Connection>),
    /// A port without a listener.
    Closed,
    /// A listener that never takes a connection.
    Full,
    /// A name without an address.
    Nameless,
}

impl Place {
    /// These responses in turn, on one connection, as a platform that keeps it alive would respond.
    fn turns(replies: Vec<Vec<u8>>) -> Self {
        let steps = replies
            .into_iter()
            .flat_map(|reply| [Step::ReadRequest, Step::Send(reply)]);
        Self::Http(vec![Connection(steps.collect())])
    }
}

/// One row of the matrix.
#[derive(Debug, Clone)]
pub struct Row {
    pub name: String,
    account: Account,
    place: Place,
    timeout: Duration,
    max_retries: u32,
    outcome: &'static str,
    kind: Option<&'static str>,
    stage: Option<&'static str>,
    http_status: Option<u64>,
    code: Option<&'static str>,
    call_id: Option<&'static str>,
    attempts: u64,
    /// The server responds, but the client can't read it or doesn't wait for it.
    unread: bool,
}

impl Row {
    /// A row that ends in this outcome and kind after one attempt.
    fn new(
        name: impl Into<String>,
        place: Place,
        outcome: &'static str,
        kind: &'static str,
    ) -> Self {
        Self {
            name: name.into(),
            account: Account::V1,
            place,
            timeout: Duration::from_secs(10),
            max_retries: 2,
            outcome,
            kind: Some(kind),
            stage: None,
            http_status: None,
            code: None,
            call_id: None,
            attempts: 1,
            unread: false,
        }
    }

    /// A row that ends in a transfer that was made.
    fn applied(
        name: impl Into<String>,
        place: Place,
        status: u64,
        call_id: Option<&'static str>,
    ) -> Self {
        Self {
            kind: None,
            http_status: Some(status),
            call_id,
            ..Self::new(name, place, "applied", "")
        }
    }

    /// The same row in v2, which names no new call.
    fn in_v2(self) -> Self {
        Self {
            name: format!("v2: {}", self.name),
            account: Account::V2User,
            call_id: None,
            ..self
        }
    }

    /// In v2, with a token that has to be fetched first.
    fn with_token(self) -> Self {
        Self {
            account: Account::V2Client,
            ..self.in_v2()
        }
    }

    fn stage(self, stage: &'static str) -> Self {
        Self {
            stage: Some(stage),
            ..self
        }
    }

    fn status(self, status: u64) -> Self {
        Self {
            http_status: Some(status),
            stage: Some("status"),
            ..self
        }
    }

    fn code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    fn attempts(self, attempts: u64) -> Self {
        Self { attempts, ..self }
    }

    fn retries(self, max_retries: u32) -> Self {
        Self {
            max_retries,
            ..self
        }
    }

    fn unread(self) -> Self {
        Self {
            unread: true,
            ..self
        }
    }

    fn timeout(self, milliseconds: u64) -> Self {
        Self {
            timeout: Duration::from_millis(milliseconds),
            ..self
        }
    }

    /// Plays the row with a client and compares.
    pub fn run(&self, client: Client) -> Result<(), String> {
        let mut job = Job {
            account: self.account,
            timeout: self.timeout,
            max_retries: self.max_retries,
            ..Job::to(String::new())
        };
        let reported;
        let arrivals;
        let begin = Instant::now();
        match &self.place {
            Place::Http(script) => {
                let server = ScriptedServer::start(script.clone());
                job.base_url = server.url();
                (reported, arrivals) = finish(client, &job, server);
            }
            Place::HttpsToPlain(script) => {
                let server = ScriptedServer::start(script.clone());
                job.base_url = format!("https://{}", server.address());
                (reported, arrivals) = finish(client, &job, server);
            }
            Place::Https(flaw, script) => {
                let authority = Authority::new();
                let file = authority.file();
                let server = ScriptedServer::start_tls(script.clone(), authority.server(*flaw));
                job.base_url = format!("https://{}", server.address());
                job.ca_file = Some(file.path().to_owned());
                (reported, arrivals) = finish(client, &job, server);
            }
            Place::Proxy(script) => {
                let server = ScriptedServer::start(script.clone());
                job.base_url = "https://catapult.example".to_owned();
                job.proxy = Some(server.url());
                (reported, arrivals) = finish(client, &job, server);
            }
            Place::Closed => {
                let address = TcpListener::bind("127.0.0.1:0")
                    .unwrap()
                    .local_addr()
                    .unwrap();
                job.base_url = format!("http://{address}");
                (reported, arrivals) = (client.report(&job), Vec::new());
            }
            Place::Full => {
                let listener = ScriptedServer::full();
                job.base_url = format!("http://{}", listener.address());
                (reported, arrivals) = (client.report(&job), Vec::new());
            }
            Place::Nameless => {
                job.base_url = "https://no-such-host.invalid".to_owned();
                (reported, arrivals) = (client.report(&job), Vec::new());
            }
        }
        // Wide, for busy machines; a deadline that isn't kept waits for the server's half minute.
        if begin.elapsed() > self.timeout + Duration::from_secs(15) {
            return Err(format!("the deadline of {:?} was not kept", self.timeout));
        }
        let mut arrivals = arrivals;
        if self.unread {
            arrivals
                .iter_mut()
                .for_each(|arrival| arrival.response.clear());
        }
        check_invariants(&reported, &arrivals)
            .map_err(|invariant| format!("{invariant}\n{reported:?}\n{arrivals:?}"))?;
        self.compare(&reported)
            .map_err(|difference| format!("{difference}\n{reported:?}\n{arrivals:?}"))
    }

    fn compare(&self, reported: &ClientReport) -> Result<(), String> {
        let expected = ClientReport {
            outcome: self.outcome.to_owned(),
            kind: self.kind.map(str::to_owned),
            stage: self
                .stage
                .map(str::to_owned)
                .or_else(|| reported.stage.clone()),
            http_status: self.http_status,
            code: self
                .code
                .map(str::to_owned)
                .or_else(|| reported.code.clone()),
            call_id: self.call_id.map(str::to_owned),
            attempts: self.attempts,
            shown: reported.shown.clone(),
        };
        if *reported == expected {
            return Ok(());
        }
        Err(format!("should be {expected:?}"))
    }
}

/// Every row.
pub fn all() -> Vec<Row> {
    let rows = [
        responses::rows(),
        connections::rows(),
        repeats::rows(),
        tls::rows(),
        pages::rows(),
        pages::rows_of_v1(),
        v2::rows(),
    ];
    rows.into_iter().flatten().collect()
}

fn finish(client: Client, job: &Job, server: ScriptedServer) -> (ClientReport, Vec<Arrival>) {
    let reported = client.report(job);
    (reported, server.finish())
}
