//! A webhook receiver that answers as it is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;

/// How one request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Status(u16),
    /// Reads the request and says nothing until the other side gives up.
    Stall,
    /// Reads the request and closes the connection.
    Close,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    /// Lower-case names.
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub answer: Answer,
}

impl Request {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the signature is by `key`, computed as docs/sinks.md says.
    pub fn is_signed_by(&self, key: &[u8]) -> bool {
        let header = |name: &str| self.headers.get(name).map(String::as_str).unwrap_or_default();
        let Some(signature) = header("webhook-signature").strip_prefix("v1,") else { return false };
        let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), self.body);
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        hmac::verify(&key, signed.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok()
    }
}

/// A receiver: answers what it is told, in order, and then 204.
pub struct Receiver {
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    pub fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers: Arc<Mutex<VecDeque<Answer>>> = Arc::new(Mutex::new(answers.iter().copied().collect()));
        let (kept, script) = (Arc::clone(&requests), Arc::clone(&answers));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                thread::spawn(move || {
                    let _ = serve(stream, &kept, &script);
                });
            }
        });
        Self { port, requests, answers }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Everything that came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// What was answered with success.
    pub fn accepted(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| matches!(request.answer, Answer::Status(200..=299))).collect()
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Request>>, script: &Mutex<VecDeque<Answer>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let answer = script.lock().unwrap().pop_front().unwrap_or(Answer::Status(204));
        let body = String::from_utf8(body).unwrap();
        kept.lock().unwrap().push(Request { path, headers, body, answer });
        match answer {
            Answer::Status(status) => write!(reader.get_mut(), "HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n")?,
            Answer::Stall => {
                let _ = reader.read(&mut [0])?;
                return Ok(());
            }
            Answer::Close => return Ok(()),
        }
    }
}
