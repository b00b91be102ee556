//! A program that receives the platform's webhooks.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// A callback that it received.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) path: String,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) event: Value,
}

/// Listens on its own port until the test's process ends.
pub(crate) struct Webhook {
    pub(crate) url: String,
    reported: Receiver<Delivery>,
    responses: Arc<Mutex<HashMap<String, (u16, String)>>>,
}

impl Webhook {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (report, reported) = mpsc::channel();
        let responses: Arc<Mutex<HashMap<String, (u16, String)>>> = Arc::default();
        let known = Arc::clone(&responses);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (report, known) = (report.clone(), Arc::clone(&known));
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    while let Some(one) = read(&mut reader) {
                        let known = known.lock().unwrap().get(&one.path).cloned();
                        let (status, body) = known.unwrap_or((200, String::new()));
                        let _ = report.send(one);
                        let response = format!(
                            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        let _ = reader.get_mut().write_all(response.as_bytes());
                    }
                });
            }
        });
        Self {
            url,
            reported,
            responses,
        }
    }

    /// Sets the response to requests for this path.
    pub(crate) fn response(&self, path: &str, status: u16, body: &str) {
        let response = (status, body.to_owned());
        self.responses
            .lock()
            .unwrap()
            .insert(path.to_owned(), response);
    }

    /// The next callback.
    pub(crate) fn next(&self) -> Delivery {
        self.reported.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Delivery> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.to_owned();
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let event = serde_json::from_slice(&body).unwrap_or_default();
    Some(Delivery { path, head, event })
}
