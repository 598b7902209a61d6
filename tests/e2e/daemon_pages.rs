//! How the daemon itself is: its pages, its word to systemd, its log, and SIGHUP; with the real program.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Longest wait for what must happen.
const PATIENCE: Duration = Duration::from_mins(1);

const GOOD: &str = "\
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

/// A daemon that is killed with the test, and its log lines as JSON.
struct Watching {
    child: Child,
    lines: Receiver<Value>,
    manifest: PathBuf,
    address: SocketAddr,
    _dir: TempDir,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watching {
    fn start(notify: Option<&Path>) -> Self {
        let dir = TempDir::new().unwrap();
        let manifest = dir.path().join("clock.yaml");
        fs::write(&manifest, GOOD).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tecrax"));
        command.args(["reconcile", "--allow-fixtures", "--listen=127.0.0.1:0", "--log-format=json", "--log=debug"]);
        command.arg(&manifest).arg("--state-dir").arg(dir.path().join("state"));
        command.env_remove("NOTIFY_SOCKET").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        if let Some(socket) = notify {
            command.env("NOTIFY_SOCKET", socket).env("WATCHDOG_USEC", "2000000");
        }
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                let line = line.unwrap();
                let line = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut watching = Self { child, lines, manifest, address: ([127, 0, 0, 1], 0).into(), _dir: dir };
        watching.address = watching.line(|line| line["address"].as_str().map(|text| text.parse().unwrap()));
        watching
    }

    /// The first line from now on that `wanted` finds something in.
    fn line<T>(&self, wanted: impl Fn(&Value) -> Option<T>) -> T {
        let mut before = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{error} after {before:#?}"));
            match wanted(&line) {
                Some(found) => return found,
                None => before.push(line),
            }
        }
    }

    fn message(&self, wanted: &str) -> Value {
        self.line(|line| line["message"].as_str().is_some_and(|text| text.contains(wanted)).then(|| line.clone()))
    }

    /// Status line and body.
    fn ask(&self, method: &str, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

#[test]
fn the_pages_say_how_the_daemon_is_and_a_broken_manifest_makes_it_not_ready() {
    let watching = Watching::start(None);
    watching.message("everything observed is as it should be");
    assert_eq!(watching.ask("GET", "/healthz"), ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned()));
    assert_eq!(watching.ask("GET", "/readyz"), ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned()));

    let (status, page) = watching.ask("GET", "/metrics");
    assert_eq!(status, "HTTP/1.1 200 OK");
    for line in [
        "tecrax_runs_total{intent=\"check_ntp_health\",assessment=\"healthy\"} 1",
        "tecrax_pairs_said{assessment=\"healthy\"} 1",
        "tecrax_pairs 1",
        "tecrax_manifest_errors 0",
        "tecrax_run_duration_seconds_count{intent=\"check_ntp_health\"} 1",
    ] {
        assert!(page.lines().any(|found| found == line), "no {line} in\n{page}");
    }
    promtool(&["check", "metrics"], &page);

    assert_eq!(watching.ask("POST", "/metrics").0, "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(watching.ask("DELETE", "/healthz").0, "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(watching.ask("GET", "/").0, "HTTP/1.1 404 Not Found");

    // A bad edit: read at once on SIGHUP, told, and the good version keeps running.
    fs::write(&watching.manifest, GOOD.replace("check_ntp_health", "check_ntp_helth")).unwrap();
    watching.signal(Signal::HUP);
    watching.line(|line| (line["errors"] == 1).then_some(()));
    let (status, body) = watching.ask("GET", "/readyz");
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(body, "manifests: 1 with errors; `tecrax validate` shows them\n");
    let held = |watching: &Watching, number| {
        watching.ask("GET", "/metrics").1.contains(&format!("\ntecrax_manifest_objects_held {number}\n"))
    };
    assert!(held(&watching, 1));
    assert_eq!(watching.ask("GET", "/healthz").0, "HTTP/1.1 200 OK");
    fs::write(&watching.manifest, GOOD).unwrap();
    watching.signal(Signal::HUP);
    watching.line(|line| (line["errors"] == 0).then_some(()));
    assert!(held(&watching, 0));
    assert_eq!(watching.ask("GET", "/readyz").0, "HTTP/1.1 200 OK");
}

#[test]
fn a_healthy_run_after_a_healthy_run_is_no_news() {
    let watching = Watching::start(None);
    let first = watching.message("everything observed is as it should be");
    assert_eq!(first["level"], "INFO", "{first}");
    let second = watching.message("everything observed is as it should be");
    assert_eq!(second["level"], "DEBUG", "{second}");
    fs::write(&watching.manifest, GOOD.replace("NTPSynchronized=yes", "NTPSynchronized=no")).unwrap();
    watching.signal(Signal::HUP);
    let third = watching.line(|line| (line["assessment"] == "unhealthy").then(|| line.clone()));
    assert_eq!(third["level"], "INFO", "{third}");
    assert_eq!(third["pair"], "default/clock.recorded");
}

#[test]
fn systemd_hears_that_the_loop_is_ready_turns_and_ends() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let hear = |wanted: &str| {
        let mut before = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{error} after {before:?}"));
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.lines().any(|line| line == wanted) {
                return before;
            }
            before.push(text);
        }
    };
    let mut watching = Watching::start(Some(&path));
    assert!(hear("READY=1").is_empty(), "nothing is said before");
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    watching.signal(Signal::TERM);
    hear("STOPPING=1");
    assert!(watching.child.wait().unwrap().success());
}

#[test]
fn the_alerts_that_come_along_are_valid() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/prometheus/tecrax.rules.yaml");
    let text = fs::read_to_string(&rules).unwrap();
    promtool(&["check", "rules", rules.to_str().unwrap()], "");
    // Every metric that they name is one that the daemon shows from its start.
    let watching = Watching::start(None);
    watching.message("everything observed is as it should be");
    let (_, page) = watching.ask("GET", "/metrics");
    let names: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.starts_with("tecrax_")).collect();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        let family = name.strip_suffix("_bucket").unwrap_or(name);
        assert!(page.contains(&format!("# TYPE {family} ")), "no {family} in\n{page}");
    }
}

/// Runs `promtool`, which must be content and silent.
fn promtool(words: &[&str], input: &str) {
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
