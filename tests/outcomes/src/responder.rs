//! A server that answers each request as a function says, on as many connections as come.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::script::answer;

/// A request that was read whole.
#[derive(Debug, Clone)]
pub struct Asked {
    /// As `PUT /path HTTP/1.1`.
    pub line: String,
    /// The value of Authorization.
    pub authorization: String,
    /// The body.
    pub body: String,
}

type Reply = dyn Fn(&Asked) -> Vec<u8> + Send + Sync;

/// The server, until it is dropped.
pub struct Responder {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Responder {
    /// Serves plain HTTP on a free loopback port. An empty reply leaves the client waiting.
    pub fn start(reply: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let reply: Arc<Reply> = Arc::new(reply);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, stopped) = (Arc::clone(&asked), Arc::clone(&stop));
        let listening = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Acquire) {
                    break;
                }
                let (Ok(stream), reply, seen) = (stream, Arc::clone(&reply), Arc::clone(&seen))
                else {
                    continue;
                };
                // Ends with its connection, which ends with the client.
                std::thread::spawn(move || serve(stream, &*reply, &seen));
            }
        });
        Self {
            address,
            asked,
            stop,
            listening: Some(listening),
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far, as far as its line begins so.
    pub fn asked(&self, beginning: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        let matching = asked.iter().filter(|a| a.line.starts_with(beginning));
        matching.cloned().collect()
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        drop(TcpStream::connect(self.address)); // wakes the accept
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn serve(stream: TcpStream, reply: &Reply, seen: &Mutex<Vec<Asked>>) {
    let _ = stream.set_nodelay(true);
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        seen.lock().unwrap().push(asked.clone());
        let reply = reply(&asked);
        if writer.write_all(&reply).is_err() {
            break;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let (mut authorization, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "authorization" => value.clone_into(&mut authorization),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        line: line.trim().to_owned(),
        authorization,
        body: String::from_utf8(body).unwrap(),
    })
}

/// The token endpoint's answer with this token.
pub fn granted(token: &str, expires_in: u64) -> Vec<u8> {
    let body =
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{expires_in}}}"#);
    crate::script::answer_with(200, &[("Content-Type", "application/json")], &body)
}

/// 204 to a request with this token, else 401.
pub fn admit(asked: &Asked, token: &str) -> Vec<u8> {
    answer(if asked.authorization == format!("Bearer {token}") {
        204
    } else {
        401
    })
}
