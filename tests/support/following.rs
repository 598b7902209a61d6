//! A daemon that follows a folder, and what it says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tecrax::api::{Assessment, PairId};
use tecrax::status::PairState;
use tecrax::store::Db;

use super::cli::Home;

/// Longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(45);

/// A running `tecrax reconcile`, killed when dropped.
pub struct Following {
    child: Child,
    log: PathBuf,
    state: PathBuf,
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Following {
    /// Follows `manifests` with a rescan so rare that only file events make it look.
    pub fn by_events(home: &Home) -> Self {
        Self::start(home, &["--rescan=10m"])
    }

    pub fn start(home: &Home, flags: &[&str]) -> Self {
        Self::start_at(home, "manifests", &[], flags)
    }

    /// Without a watcher: in a user namespace in which nobody may have an inotify instance.
    pub fn without_events(home: &Home) -> Self {
        let deny = "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"";
        let front = ["unshare", "--user", "--map-root-user", "sh", "-c", deny, "sh"];
        Self::start_at(home, "manifests", &front, &["--rescan=1s"])
    }

    /// Follows `path`, with words of another program in front.
    pub fn start_at(home: &Home, path: &str, front: &[&str], flags: &[&str]) -> Self {
        let log = home.path("following.log");
        let words: Vec<&str> = front.iter().copied().chain([env!("CARGO_BIN_EXE_tecrax")]).collect();
        let child = Command::new(words[0])
            .args(&words[1..])
            .args(["reconcile", "--allow-fixtures", "--log=debug", path])
            .args(flags)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("TECRAX_STATE_DIR", home.state())
            .current_dir(home.dir.path())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut following = Self { child, log, state: home.state() };
        following.until("it has begun", |following| following.says("manifests read"));
        following
    }

    pub fn told(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn says(&self, text: &str) -> bool {
        self.told().contains(text)
    }

    /// How often a line holds `text`.
    pub fn count(&self, text: &str) -> usize {
        self.told().lines().filter(|line| line.contains(text)).count()
    }

    pub fn pair(&self, name: &str) -> Option<PairState> {
        let id = PairId::parse(&format!("default/{name}")).unwrap();
        Db::open_read_only(&self.state).ok()?.state(&id).ok()?
    }

    pub fn runs(&self, name: &str) -> u64 {
        self.pair(name).map_or(0, |state| state.runs)
    }

    pub fn assessment(&self, name: &str) -> Option<Assessment> {
        Some(self.pair(name)?.last?.assessment)
    }

    pub fn is_unhealthy(&self, name: &str) -> bool {
        self.assessment(name) == Some(Assessment::Unhealthy)
    }

    pub fn is_removed(&self, name: &str) -> bool {
        self.pair(name).is_some_and(|state| state.removed)
    }

    /// Waits until `condition` holds, and says how long that took.
    pub fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) -> Duration {
        let start = Instant::now();
        while !condition(self) {
            assert!(start.elapsed() < PATIENCE, "waited in vain until {what}\n{}", self.told());
            assert!(self.child.try_wait().unwrap().is_none(), "it ended before {what}\n{}", self.told());
            std::thread::sleep(Duration::from_millis(5));
        }
        start.elapsed()
    }

    /// Sends SIGTERM; what it said.
    pub fn stop(mut self) -> String {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.told());
        self.told()
    }
}

/// Puts a symlink in place of another one, as ConfigMaps and releases do: in one step.
pub fn swap(target: impl AsRef<Path>, link: &Path) {
    let fresh = link.parent().unwrap().join("..fresh");
    std::os::unix::fs::symlink(target, &fresh).unwrap();
    fs::rename(&fresh, link).unwrap();
}
