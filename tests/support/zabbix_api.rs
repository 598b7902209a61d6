//! A server on loopback that speaks as much of the Zabbix API as is asked here, and remembers what it was asked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A request: whether a Bearer token came with it, and its body.
#[derive(Clone, Debug)]
pub struct Asked {
    pub bearer: bool,
    pub body: Value,
}

impl Asked {
    pub fn method(&self) -> &str {
        self.body["method"].as_str().unwrap()
    }
}

pub struct ZabbixApi {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl ZabbixApi {
    /// Answers with this version, and with status 503 as often as `refusals` says before that.
    pub fn start(version: &'static str, refusals: usize) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST, version, refusals)
    }

    /// The same at other addresses of this machine.
    pub fn start_at(address: Ipv4Addr, version: &'static str, refusals: usize) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        // Ends with the process of the test.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || serve(&stream.unwrap(), version, refusals, &seen));
            }
        });
        Self { port, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, version: &str, refusals: usize, seen: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut length, mut bearer) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        bearer |= line.starts_with("authorization: bearer ");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let refused = {
        let mut seen = seen.lock().unwrap();
        seen.push(Asked { bearer, body: body.clone() });
        seen.len() <= refusals
    };
    let (status, answer) = if refused {
        ("503 Busy", String::new())
    } else {
        // All is well: nothing is open, and three hosts are monitored.
        let result = match body["method"].as_str() {
            Some("apiinfo.version") => version,
            _ if body["params"]["filter"]["status"] == "0" => "3",
            _ => "0",
        };
        ("200 OK", json!({"jsonrpc": "2.0", "result": result, "id": body["id"]}).to_string())
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    let _ = stream.write_all(format!("{head}{answer}").as_bytes());
}
