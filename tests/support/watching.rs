//! A daemon beside a test, with its pages and its log.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Longest wait for what must happen.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// One Check of one recorded machine whose clock is synchronised.
pub const GOOD: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: recorded}
spec:
  type: Host
  connections:
  - name: os
    fixture:
      readings:
      - {shape: read_ntp_sync_state, stdout: \"NTP=yes\\nNTPSynchronized=yes\\n\"}
      - {shape: read_ntp_daemon_units, stdout: \"Id=ntpsec.service\\nLoadState=loaded\\nActiveState=active\\nUnitFileState=enabled\\n\"}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: clock}
spec: {intent: check_ntp_health, targetRef: {name: recorded}, interval: 10s}
";

/// How to start one.
pub struct Starting {
    flags: Vec<&'static str>,
    variables: Vec<(&'static str, PathBuf)>,
    manifest: String,
}

/// A daemon that is killed with the test, and its log.
pub struct Watching {
    pub child: Child,
    lines: Receiver<String>,
    pub manifest: PathBuf,
    pub address: SocketAddr,
    dir: TempDir,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Starting {
    pub fn flag(mut self, flag: &'static str) -> Self {
        self.flags.push(flag);
        self
    }

    pub fn variable(mut self, name: &'static str, path: &Path) -> Self {
        self.variables.push((name, path.to_owned()));
        self
    }

    pub fn manifest(mut self, text: &str) -> Self {
        text.clone_into(&mut self.manifest);
        self
    }

    /// Starts it and waits until its pages are open.
    pub fn start(self) -> Watching {
        let dir = TempDir::new().unwrap();
        let manifest = dir.path().join("clock.yaml");
        fs::write(&manifest, self.manifest).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tecrax"));
        // It looks at nothing by the clock while a test waits: secrets, which make no events, are read again when SIGHUP says so.
        command.args(["reconcile", "--allow-fixtures", "--listen=127.0.0.1:0", "--rescan=10m"]).args(self.flags);
        command.arg(&manifest).arg("--state-dir").arg(dir.path().join("state"));
        command.env_remove("NOTIFY_SOCKET").envs(self.variables);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut watching = Watching { child, lines, manifest, address: ([127, 0, 0, 1], 0).into(), dir };
        watching.address = watching.raw(pages);
        watching
    }
}

impl Watching {
    /// One whose log has everything, as JSON.
    pub fn start(notify: Option<&Path>) -> Self {
        let starting = Self::of(GOOD).flag("--log-format=json").flag("--log=debug");
        match notify {
            Some(socket) => starting.variable("NOTIFY_SOCKET", socket).variable("WATCHDOG_USEC", Path::new("2000000")).start(),
            None => starting.start(),
        }
    }

    /// One that is not started yet.
    pub fn of(manifest: &str) -> Starting {
        Starting { flags: Vec::new(), variables: Vec::new(), manifest: manifest.to_owned() }
    }

    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// The first line from now on that `wanted` finds something in.
    pub fn raw<T>(&self, wanted: impl Fn(&str) -> Option<T>) -> T {
        let mut before = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{error} after {before:#?}"));
            match wanted(&line) {
                Some(found) => return found,
                None => before.push(line),
            }
        }
    }

    /// The first line from now on that `wanted` finds something in; each is one JSON object.
    pub fn line<T>(&self, wanted: impl Fn(&Value) -> Option<T>) -> T {
        self.raw(|line| wanted(&serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))))
    }

    pub fn message(&self, wanted: &str) -> Value {
        self.line(|line| line["message"].as_str().is_some_and(|text| text.contains(wanted)).then(|| line.clone()))
    }

    /// Status line and body.
    pub fn ask(&self, method: &str, path: &str) -> (String, String) {
        let answer = ask(self.address, method, path);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    /// The body of a page, when its status is `status`.
    pub fn page(&self, path: &str, status: u16) -> Option<String> {
        let (said, body) = self.ask("GET", path);
        (said.split(' ').nth(1) == Some(&status.to_string())).then_some(body)
    }

    /// A sample of `/metrics`; 0 when it is not there.
    pub fn metric(&self, sample: &str) -> f64 {
        let (_, page) = self.ask("GET", "/metrics");
        let mut values = page.lines().filter_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        values.next().map_or(0.0, |value| value.parse().unwrap())
    }

    /// Asks until `condition` gives a value.
    pub fn until<T>(&self, what: &str, condition: impl Fn() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(value) = condition() {
                return value;
            }
            assert!(
                Instant::now() < deadline,
                "waited in vain until {what}; it said {:#?}",
                self.lines.try_iter().collect::<Vec<_>>()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Changes the manifest and says so.
    pub fn write(&self, text: &str) {
        fs::write(&self.manifest, text).unwrap();
        self.signal(Signal::HUP);
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Lines that nobody has asked for yet.
    pub fn so_far(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Stops it, and what nobody has read of its log.
    pub fn stop(mut self) -> Vec<String> {
        self.signal(Signal::TERM);
        assert!(self.child.wait().unwrap().success());
        self.lines.iter().collect()
    }
}

/// Where a daemon has its pages, when the line of its log says so.
pub fn pages(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.contains("pages: /healthz").then(|| line.split_once("127.0.0.1:")).flatten()?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    format!("127.0.0.1:{port}").parse().ok()
}

/// What the pages at `address` answer, head and body.
pub fn ask(address: SocketAddr, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Runs `promtool`, which must be content and silent.
pub fn promtool(words: &[&str], input: &str) {
    let mut child = Command::new("promtool")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is part of Debian's package prometheus: run tests/run, which installs it");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{input}");
    assert!(input.is_empty() || said.trim().is_empty(), "{said}");
}
