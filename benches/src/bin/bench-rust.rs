//! Transfers from Rust: through each of the library's clients, and through reqwest alone.
//!
//! `bench-rust WAY URL IN_FLIGHT WARM SECONDS [CA_FILE]` prints one line of JSON. WAY is
//! `blocking`, `async`, `background` or `reqwest`. `bench-rust payload COUNT` builds payloads,
//! `bench-rust transfers URL COUNT` makes so many blocking transfers and reports nothing,
//! `bench-rust first URL` reports what the first client costs before its first request goes out, and
//! `bench-rust distance WAY URL CA_FILE VARIANT SECONDS` times transfers after pauses.

use std::hint::black_box;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calltransfer::{Client, Config, Request, background, blocking};
use calltransfer_benches::{BODY, Meter, Pauses, Window, builder, config, transfer};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["payload", count] => payload(count.parse().expect("a count")),
        ["transfers", url, count] => transfers(url, count.parse().expect("a count")),
        ["first", url] => first(url),
        ["distance", way, url, ca_file, variant, seconds] => {
            let pauses = Pauses::new(variant, seconds);
            let builder = builder(url, Some(ca_file)).keep_ready(pauses.keep_ready());
            distance(way, builder.build().expect("an address"), &pauses);
        }
        [way, url, in_flight, warm, seconds, ref ca_file @ ..] => {
            let in_flight = in_flight.parse().expect("a count");
            let warm = warm.parse().expect("seconds");
            let window = Window::open(warm, seconds.parse().expect("seconds"));
            let ca_file = ca_file.first().copied();
            match way {
                "blocking" => one_at_a_time(config(url, ca_file), window),
                "async" => many(config(url, ca_file), in_flight, window),
                "background" => {
                    let config = builder(url, ca_file).max_connections(in_flight);
                    behind(config.build().expect("an address"), in_flight, window);
                }
                "reqwest" => alone(url, window, ca_file),
                _ => panic!("no such way: {way}"),
            }
        }
        _ => panic!("see the head of this file"),
    }
}

fn payload(count: u32) {
    let begin = Instant::now();
    for _ in 0..count {
        let body = transfer().to_json().expect("the example");
        black_box(body);
    }
    let each = begin.elapsed().as_secs_f64() * 1e6 / f64::from(count.max(1));
    println!("{}", serde_json::json!({ "us": each }));
}

fn transfers(url: &str, count: u32) {
    let client = blocking::Client::new(config(url, None));
    for _ in 0..count {
        client.transfer(transfer()).expect("a transfer");
    }
}

/// No one listens at `url`: the time until that is known is what stands before the first request.
fn first(url: &str) {
    let begin = Instant::now();
    let config = Config::builder()
        .user_id("u-abc123")
        .token("t-token")
        .secret("s-secret")
        .base_url(url)
        .max_retries(0)
        .build()
        .expect("an address");
    let client = blocking::Client::new(config);
    let refused = client.transfer(transfer());
    let us = begin.elapsed().as_secs_f64() * 1e6;
    assert!(refused.is_err(), "someone listens");
    println!("{}", serde_json::json!({ "us": us }));
}

fn one_at_a_time(config: Config, window: Window) {
    let client = blocking::Client::new(config);
    let mut meter = Meter::new(window);
    loop {
        let begin = Instant::now();
        if window.is_over(begin) {
            break;
        }
        let done = client.transfer(transfer()).expect("a transfer");
        assert!(done.new_call_id.is_some());
        meter.ended(begin, Instant::now());
    }
    meter.report();
}

fn distance(way: &str, config: Config, pauses: &Pauses) {
    let sleep = |seconds| std::thread::sleep(Duration::from_secs_f64(seconds));
    match way {
        "blocking" => {
            let client = blocking::Client::new(config);
            let prepare = || client.prepare().expect("a connection");
            pauses.run(sleep, prepare, || {
                client.transfer(transfer()).expect("a transfer");
            });
        }
        "async" => {
            let runtime = runtime();
            let client = runtime.block_on(async { Client::new(config) });
            let sleep = |seconds| {
                let seconds = Duration::from_secs_f64(seconds);
                runtime.block_on(async { tokio::time::sleep(seconds).await });
            };
            let prepare = || runtime.block_on(client.prepare()).expect("a connection");
            pauses.run(sleep, prepare, || {
                let transferred = runtime.block_on(client.transfer(transfer()));
                transferred.expect("a transfer");
            });
        }
        "background" => {
            let client = background::Client::new(config);
            let prepare = || {
                let (report, prepared) = channel();
                let request = Request::prepare(client.config());
                let ends = move |result| report.send(result).expect("the main thread");
                client.execute(request, ends).expect("the request");
                prepared.recv().expect("an end").expect("a connection");
            };
            pauses.run(sleep, prepare, || {
                let (report, transferred) = channel();
                let ends = move |result| report.send(result).expect("the main thread");
                client.transfer(transfer(), ends).expect("the example");
                transferred.recv().expect("an end").expect("a transfer");
            });
        }
        _ => panic!("no such way: {way}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

fn many(config: Config, in_flight: usize, window: Window) {
    let client = Arc::new(Client::new(config));
    let meter = Arc::new(Mutex::new(Meter::new(window)));
    let runtime = runtime();
    let tasks: Vec<_> = (0..in_flight)
        .map(|_| {
            let (client, meter) = (Arc::clone(&client), Arc::clone(&meter));
            runtime.spawn(async move {
                loop {
                    let begin = Instant::now();
                    if window.is_over(begin) {
                        break;
                    }
                    client.transfer(transfer()).await.expect("a transfer");
                    let now = Instant::now();
                    meter.lock().expect("a meter").ended(begin, now);
                }
            })
        })
        .collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.expect("a task");
        }
    });
    meter.lock().expect("a meter").report();
}

/// Each that ends begins the next, on the library's own threads.
fn behind(config: Config, in_flight: usize, window: Window) {
    let client = background::Client::new(config);
    let meter = Arc::new(Mutex::new(Meter::new(window)));
    let (report_end, ends) = channel();
    for _ in 0..in_flight {
        next(&client, &meter, window, report_end.clone());
    }
    drop(report_end);
    while ends.recv().is_ok() {}
    meter.lock().expect("a meter").report();
}

/// The run is over when the last `end` is dropped.
#[allow(
    clippy::only_used_in_recursion,
    reason = "`end` is there to be dropped"
)]
fn next(client: &background::Client, meter: &Arc<Mutex<Meter>>, window: Window, end: Sender<()>) {
    let begin = Instant::now();
    if window.is_over(begin) {
        return;
    }
    let (again, ending) = (client.clone(), Arc::clone(meter));
    let done = move |result: Result<calltransfer::Transferred, calltransfer::Error>| {
        result.expect("a transfer");
        let now = Instant::now();
        ending.lock().expect("a meter").ended(begin, now);
        next(&again, &ending, window, end);
    };
    client.transfer(transfer(), done).expect("the example");
}

/// What the HTTP library alone takes, set up as an ordinary program would.
fn alone(url: &str, window: Window, ca_file: Option<&str>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    if let Some(path) = ca_file {
        use rustls::pki_types::pem::PemObject;
        let read = rustls::pki_types::CertificateDer::from_pem_file(path);
        roots
            .add(read.expect("a certificate"))
            .expect("a certificate");
    }
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .http1_only()
        .build()
        .expect("a client");
    let address = format!("{url}/v1/users/u-abc123/calls/c-call123");
    let mut meter = Meter::new(window);
    let runtime = runtime();
    loop {
        let begin = Instant::now();
        if window.is_over(begin) {
            break;
        }
        let request = client
            .post(&address)
            .basic_auth("t-token", Some("s-secret"))
            .header("content-type", "application/json")
            .timeout(Duration::from_secs(10))
            .body(BODY);
        let response = runtime.block_on(async { request.send().await });
        let response = response.expect("a response");
        assert_eq!(response.status(), 201);
        black_box(response.headers().get("location"));
        meter.ended(begin, Instant::now());
    }
    meter.report();
}
