//! Requests through a proxy: it gets a CONNECT, and can't read the transfer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use calltransfer::blocking;
use calltransfer_outcomes::{
    Authority, Connection, Flaw, Job, SECRET, ScriptedServer, TO, TOKEN, config, transfer,
};

/// Forwards one connection, and returns all bytes that the client sent through it.
fn tunnel(listener: &TcpListener) -> Vec<u8> {
    let mut client = listener.accept().unwrap().0;
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        asked.push(byte[0]);
    }
    let target = String::from_utf8(asked.clone()).unwrap();
    let server = TcpStream::connect(target.split(' ').nth(1).unwrap()).unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut to_client, mut from_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let back = std::thread::spawn(move || io::copy(&mut from_server, &mut to_client));
    let mut server = server;
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        asked.extend_from_slice(&buffer[..count]);
        server.write_all(&buffer[..count]).unwrap();
    }
    drop(server.shutdown(std::net::Shutdown::Write));
    drop(back.join());
    asked
}

#[test]
fn proxy_forwards_the_transfer_and_cannot_read_it() {
    let authority = Authority::new();
    let ca_file = authority.file();
    let server = ScriptedServer::start_tls(
        vec![Connection::transferring()],
        authority.server(Flaw::None),
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.local_addr().unwrap();
    let proxying = std::thread::spawn(move || tunnel(&listener));
    let job = Job {
        max_retries: 0,
        ca_file: Some(ca_file.path().to_owned()),
        proxy: Some(format!("http://carl:pass@{proxy}")),
        ..Job::to(format!("https://{}", server.address()))
    };
    let client = blocking::Client::new(config(&job));
    client.prepare().unwrap(); // through the proxy, too: the server takes one connection
    let done = client.transfer(transfer()).unwrap();
    drop(client);
    assert_eq!(done.new_call_id.as_deref(), Some("c-new1"));
    assert_eq!(server.finish().len(), 1);
    let seen = proxying.join().unwrap();
    let seen = String::from_utf8_lossy(&seen);
    assert!(seen.starts_with("CONNECT 127.0.0.1:"), "{seen}");
    assert!(seen.contains("Basic Y2FybDpwYXNz"), "{seen}"); // carl:pass
    for secret in [TOKEN, SECRET, &TO[1..], "transferring", "c-call123"] {
        assert!(!seen.contains(secret), "the proxy saw {secret}");
    }
}
