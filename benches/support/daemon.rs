//! The daemon, measured from outside: `/proc` and its own `/metrics`.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::TECRAX;

/// A running `tecrax reconcile`, killed when dropped.
pub struct Daemon {
    child: Child,
    port: u16,
    began: Instant,
    log: PathBuf,
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Processor seconds, user and system, of all its threads.
    pub cpu: f64,
    /// Resident set in MiB.
    pub rss: f64,
    /// Largest resident set so far in MiB.
    pub peak: f64,
    /// Bytes that went to the disk or will.
    pub written: f64,
}

impl Usage {
    /// That of a process, from `/proc`.
    pub fn of(pid: u32) -> Self {
        let read = |file: &str| std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join(file)).unwrap();
        let (stat, status, io) = (read("stat"), read("status"), read("io"));
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
        let named = |text: &str, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse::<f64>().unwrap()
        };
        Self {
            cpu: (ticks(11) + ticks(12)) / 100.0,
            rss: named(&status, "VmRSS:") / 1024.0,
            peak: named(&status, "VmHWM:") / 1024.0,
            written: named(&io, "write_bytes:"),
        }
    }
}

/// What a process used in a while.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// Seconds that it was looked at.
    pub seconds: f64,
    /// Processor seconds.
    pub cpu: f64,
    /// Bytes that went to the disk.
    pub written: f64,
    /// Resident sets in MiB, one a second.
    pub rss: Vec<f64>,
    /// Largest resident set since the process began, MiB.
    pub peak: f64,
}

impl Window {
    /// Looks at processes for so long.
    pub fn of(pids: &[u32], seconds: u64) -> Vec<Self> {
        let before: Vec<Usage> = pids.iter().map(|pid| Usage::of(*pid)).collect();
        let clock = Instant::now();
        let mut windows = vec![Self::default(); pids.len()];
        for second in 1..=seconds {
            std::thread::sleep((clock + Duration::from_secs(second)).saturating_duration_since(Instant::now()));
            for (window, pid) in windows.iter_mut().zip(pids) {
                window.rss.push(Usage::of(*pid).rss);
            }
        }
        for ((window, pid), before) in windows.iter_mut().zip(pids).zip(before) {
            let after = Usage::of(*pid);
            window.seconds = clock.elapsed().as_secs_f64();
            window.cpu = after.cpu - before.cpu;
            window.written = after.written - before.written;
            window.peak = after.peak;
        }
        windows
    }

    /// Share of one core.
    pub fn core(&self) -> f64 {
        self.cpu / self.seconds
    }

    /// Largest of the resident sets.
    pub fn rss_max(&self) -> f64 {
        self.rss.iter().copied().fold(0.0, f64::max)
    }
}

impl Daemon {
    pub fn start(state: &Path, manifests: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = super::scratch().join("daemon.log");
        let began = Instant::now();
        let child = Command::new(TECRAX)
            .arg("--state-dir")
            .arg(state)
            .args(["reconcile", "--allow-fixtures", &format!("--listen=127.0.0.1:{port}")])
            .arg(manifests)
            .env("MIMALLOC_PURGE_DELAY", "0") // as packaging/systemd/tecrax.service starts it
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child, port, began, log }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The page of a path; `None` while nobody listens.
    fn page(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// The sum of a metric over all its labels; 0 when it is not there.
    pub fn sum(&self, name: &str) -> f64 {
        let page = self.page("/metrics").unwrap_or_default();
        let values = page.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
        values.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Seconds from the start of the process until the metric is at least `least`.
    pub fn until(&mut self, name: &str, least: f64, seconds: u64) -> f64 {
        loop {
            if self.sum(name) >= least {
                return self.began.elapsed().as_secs_f64();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && self.began.elapsed() < Duration::from_secs(seconds),
                "{name} is {}, not {least}, after {seconds} s ({ended:?}):\n{}",
                self.sum(name),
                std::fs::read_to_string(&self.log).unwrap()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Has the manifests read again `times`; seconds each time took on average, by the daemon's own clock.
    pub fn rescan(&mut self, times: usize) -> f64 {
        let (count, sum) = ("tecrax_manifest_read_duration_seconds_count", "tecrax_manifest_read_duration_seconds_sum");
        let (began, took) = (self.sum(count), self.sum(sum));
        for time in 1..=times {
            self.signal("HUP");
            let deadline = self.began.elapsed().as_secs() + 120;
            #[expect(clippy::cast_precision_loss, reason = "a handful")]
            self.until(count, began + time as f64, deadline);
        }
        (self.sum(sum) - took) / (self.sum(count) - began)
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Ends it in good order; seconds that took.
    pub fn stop(mut self) -> f64 {
        let clock = Instant::now();
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}:\n{}", std::fs::read_to_string(&self.log).unwrap());
        clock.elapsed().as_secs_f64()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
