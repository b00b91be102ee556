//! The command line: runs a sandbox until it is stopped.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use clap::Parser;
use serde_json::json;

use crate::callbacks::armed;
use crate::callbacks::fault::CallbackFault;
use crate::calls::clock::Clock;
use crate::http::tls::Certificate;
use crate::sandbox::Sandbox;

/// Imitates the call APIs of Catapult v1 and Voice v2.
///
/// Prints one line of JSON with its address and credentials, then serves until
/// it receives SIGINT or SIGTERM.
#[derive(Parser)]
#[command(name = "calltransfer-sandbox", version)]
struct Options {
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// User ID of the account
    #[arg(long, value_name = "ID", default_value = "u-sandbox")]
    user_id: String,
    /// API token of the account
    #[arg(long, default_value = "t-sandbox")]
    token: String,
    /// API secret of the account (made up: never a real one)
    #[arg(long, default_value = "s-sandbox")]
    secret: String,
    /// ID of the account in v2
    #[arg(long, value_name = "ID", default_value = "9900000")]
    account_id: String,
    /// Client ID, for tokens of v2
    #[arg(long, value_name = "ID", default_value = "client-sandbox")]
    client_id: String,
    /// Client secret (made up: never a real one)
    #[arg(long, default_value = "client-secret-sandbox")]
    client_secret: String,
    /// User name for v2 without a token
    #[arg(long, value_name = "NAME", default_value = "user-sandbox")]
    username: String,
    /// Password for v2 without a token (made up: never a real one)
    #[arg(long, default_value = "password-sandbox")]
    password: String,
    /// Lifetime of a v2 token in seconds
    #[arg(long, value_name = "S", default_value_t = 3_600)]
    token_lifetime: u32,
    /// A number that the account owns; may be given more than once
    #[arg(long = "owned-number", value_name = "N")]
    owned_numbers: Vec<String>,
    /// Serve https too, with this certificate: good, self-signed, expired or wrong-host
    #[arg(long, value_name = "CERTIFICATE", value_parser = certificate)]
    https: Option<Certificate>,
    /// Write the certificate of the authority behind --https to this file, as PEM
    #[arg(long, value_name = "FILE", requires = "https")]
    ca_file: Option<PathBuf>,
    /// A file of numbers that the account owns, one a line; # begins a comment
    #[arg(long, value_name = "FILE")]
    owned_numbers_file: Option<PathBuf>,
    /// How time passes for calls: instant, stepped, real, or a factor such as 60
    #[arg(long, default_value = "instant", value_parser = clock)]
    clock: Clock,
    /// Requests per second that are served; the rest get 429
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// New calls per second, on average over ten seconds; the rest get 403
    #[arg(long, value_name = "N")]
    call_rate_limit: Option<u32>,
    /// Append every request to this file, as a line of JSON
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Close a connection that is idle, or that sent an incomplete request, after this many seconds
    #[arg(long, value_name = "S", default_value_t = 75, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    idle_timeout: u64,
    /// Send callbacks to other machines too
    #[arg(long)]
    callbacks_anywhere: bool,
    /// A fault of callbacks, in JSON: '{"copies": 1, "rate": 0.3, "seed": 1}'; may be given more than once
    #[arg(long = "callback-fault", value_name = "JSON", value_parser = callback_fault)]
    callback_faults: Vec<CallbackFault>,
    /// Stop when standard input ends
    #[arg(long)]
    exit_with_stdin: bool,
}

/// Runs a command line, the program's name first, and returns the exit status: 0 when it was
/// stopped, 1 when it cannot start, 2 for an invalid command line.
///
/// Blocks until SIGINT or SIGTERM, or, with `--exit-with-stdin`, until standard input ends.
/// The binary and `calltransfer sandbox` of the Python package call this function.
pub fn run(command_line: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> u8 {
    let options = match Options::try_parse_from(command_line) {
        Ok(options) => options,
        Err(message) => {
            // Help and version are such messages too. An error of printing cannot be reported.
            let _ = message.print();
            return u8::try_from(message.exit_code()).unwrap_or(2);
        }
    };
    match serve(&options) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("calltransfer-sandbox: {error}");
            1
        }
    }
}

fn serve(options: &Options) -> io::Result<()> {
    // Signals are handled before the address is printed: a reader may stop this program at once.
    let stop = stop(options.exit_with_stdin)?;
    let mut builder = Sandbox::builder()
        .user(&options.user_id, &options.token, &options.secret)
        .client(
            &options.account_id,
            &options.client_id,
            &options.client_secret,
        )
        .login(&options.username, &options.password)
        .token_lifetime(options.token_lifetime)
        .idle_timeout(Duration::from_secs(options.idle_timeout))
        .bind(SocketAddr::new(options.bind, options.port));
    builder = builder.clock(options.clock);
    for number in owned_numbers(options)? {
        builder = builder.owned_number(number);
    }
    if let Some(limit) = options.rate_limit {
        builder = builder.rate_limit(limit);
    }
    if let Some(limit) = options.call_rate_limit {
        builder = builder.call_rate_limit(limit);
    }
    if let Some(file) = &options.record {
        builder = builder.record(file);
    }
    if options.callbacks_anywhere {
        builder = builder.callbacks_anywhere();
    }
    for fault in &options.callback_faults {
        builder = builder.callback_fault(fault.clone());
    }
    if let Some(certificate) = options.https {
        builder = builder.https(certificate);
    }
    let sandbox = builder.start()?;
    if let (Some(path), Some(pem)) = (&options.ca_file, sandbox.ca_pem()) {
        std::fs::write(path, pem)?;
    }
    if !options.bind.is_loopback() {
        eprintln!(
            "WARNING: {} is open to others, unencrypted, with an admin interface that asks for no \
             password. Do not use real credentials here.",
            sandbox.url()
        );
    }
    announce(&sandbox)?;
    // The signal handler keeps a sender, so only a message ends this.
    stop.recv().map_err(io::Error::other)
}

fn owned_numbers(options: &Options) -> io::Result<Vec<String>> {
    let mut numbers = options.owned_numbers.clone();
    if let Some(file) = &options.owned_numbers_file {
        let text = std::fs::read_to_string(file).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", file.display()))
        })?;
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        numbers.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(numbers)
}

fn clock(word: &str) -> Result<Clock, String> {
    match word {
        "instant" => Ok(Clock::Instant),
        "stepped" => Ok(Clock::Stepped),
        "real" => Ok(Clock::Running(1.0)),
        factor => factor
            .parse()
            .map(Clock::Running)
            .map_err(|_| "expected instant, stepped, real or a number".to_owned()),
    }
}

fn callback_fault(text: &str) -> Result<CallbackFault, String> {
    let object =
        serde_json::from_str(text).map_err(|error| format!("must be a JSON object: {error}"))?;
    armed::read(&object).map_err(|refusal| refusal.message().to_owned())
}

fn certificate(word: &str) -> Result<Certificate, String> {
    Certificate::from_word(word).ok_or_else(|| {
        let all: Vec<_> = Certificate::ALL.iter().map(|one| one.as_str()).collect();
        format!("expected one of: {}", all.join(", "))
    })
}

/// Prints the address: one line, flushed.
fn announce(sandbox: &Sandbox) -> io::Result<()> {
    let mut line = json!({
        "url": sandbox.url(),
        "page": format!("{}/", sandbox.url()),
        "user_id": sandbox.user_id(),
        "token": sandbox.token(),
        "secret": sandbox.secret(),
        "account_id": sandbox.account_id(),
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
        "username": sandbox.username(),
        "password": sandbox.password(),
        "pid": std::process::id(),
    });
    if let Some(url) = sandbox.https_url() {
        line["https_url"] = json!(url);
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Receives a message when the program must stop.
fn stop(with_stdin: bool) -> io::Result<Receiver<()>> {
    let (end, ended) = mpsc::channel();
    if with_stdin {
        watch_stdin(end.clone())?;
    }
    // The receiver is gone if this process continues after the sandbox.
    ctrlc::set_handler(move || {
        let _ = end.send(());
    })
    .map_err(io::Error::other)?;
    Ok(ended)
}

/// Reads standard input to its end on a thread, which the end of the program may interrupt.
fn watch_stdin(end: Sender<()>) -> io::Result<()> {
    thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(move || {
            let mut stdin = io::stdin().lock();
            let mut buffer = [0; 1024];
            loop {
                match stdin.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            let _ = end.send(());
        })
        .map(drop)
}
