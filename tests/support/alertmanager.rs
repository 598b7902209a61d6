//! Debian's Alertmanager on a loopback port of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

use crate::support::daemon::{Daemon, free_port, needs};

/// A running Alertmanager with a receiver that tells nobody.
pub struct Alertmanager {
    daemon: Daemon,
    port: u16,
}

impl Alertmanager {
    pub fn start(directory: &Path) -> Self {
        needs("/usr/bin/prometheus-alertmanager", "prometheus-alertmanager");
        let (config, storage, port) = (directory.join("alertmanager.yml"), directory.join("alertmanager"), free_port());
        fs::write(&config, "route: {receiver: none}\nreceivers: [{name: none}]\n").unwrap();
        let words = [
            "/usr/bin/prometheus-alertmanager".to_owned(),
            format!("--config.file={}", config.display()),
            format!("--storage.path={}", storage.display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--cluster.listen-address=".to_owned(),
        ];
        let mut daemon = Daemon::of(directory.join("alertmanager.log"), &words).start();
        daemon.wait("Alertmanager", 30, || get(port, "/-/ready").filter(|(status, _)| *status == 200).map(|_| ()));
        Self { daemon, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every alert that is not over, in the order of their names and targets.
    pub fn alerts(&self) -> Vec<Value> {
        let (status, body) = get(self.port, "/api/v2/alerts").unwrap_or_else(|| panic!("no answer:\n{}", self.daemon.log()));
        assert_eq!(status, 200, "{body}");
        let mut alerts: Vec<Value> = serde_json::from_str(&body).unwrap();
        alerts.sort_by_key(|alert| alert["labels"].to_string());
        alerts
    }
}

/// Status and content of an answer; `None` when there is none.
fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
