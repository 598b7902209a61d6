//! A running daemon on a home of its own, with what it told, and what must hold afterwards whatever happened to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tecrax::api::{PairId, ReactionOutcome};
use tecrax::engine::reconcile;
use tecrax::evidence::RecordKind;
use tecrax::plan::Mode;
use tecrax::status::PairState;
use tecrax::store::{Db, RecordFilter, VerifyOptions, verify};

use super::cli::Home;
use super::engine;

/// A running `tecrax reconcile`, killed when dropped.
pub struct Living {
    pub child: Child,
    pub log: PathBuf,
}

impl Drop for Living {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Living {
    /// `tecrax reconcile manifests` with further `flags`, telling every run; `name` names its log.
    pub fn start(home: &Home, name: &str, flags: &[&str]) -> Self {
        Self::start_with(home, name, None, flags)
    }

    /// The same with these limits of open files, `soft:hard`.
    pub fn start_with(home: &Home, name: &str, files: Option<&str>, flags: &[&str]) -> Self {
        let log = home.path(&format!("{name}.log"));
        let told = fs::File::options().create(true).append(true).open(&log).unwrap();
        let program = env!("CARGO_BIN_EXE_tecrax");
        let mut command = Command::new(files.map_or(program, |_| "prlimit"));
        if let Some(files) = files {
            command.arg(format!("--nofile={files}")).arg(program);
        }
        let child = command
            .args(["reconcile", "--allow-fixtures", "--log", "debug", "manifests", "--state-dir"])
            .arg(home.state())
            .args(flags)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", home.dir.path())
            .current_dir(home.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(told)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    pub fn told(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).into_owned()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Kills it where it stands; whether it was still there.
    pub fn kill(mut self) -> bool {
        let alive = self.child.try_wait().unwrap().is_none();
        let _ = self.child.kill();
        self.child.wait().unwrap();
        alive
    }

    /// Sends SIGTERM; the exit code, and how long the end took.
    pub fn stop(mut self) -> (Option<i32>, Duration) {
        self.signal(Signal::TERM);
        let began = Instant::now();
        let code = self.child.wait().unwrap().code();
        (code, began.elapsed())
    }

    /// Waits until `condition` holds.
    pub fn until(&mut self, what: &str, seconds: u64, mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        while !condition() {
            let told = self.told();
            let end = told.char_indices().rev().nth(6_000).map_or(0, |(at, _)| at);
            assert!(Instant::now() < deadline, "waited in vain until {what}\n…{}", &told[end..]);
            assert!(self.child.try_wait().unwrap().is_none(), "it ended before {what}\n…{}", &told[end..]);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A number of the process, in kilobytes: `VmRSS`, `VmHWM`.
    pub fn kilobytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// How often each pair's run was told, reruns included: telling comes after durability.
pub fn acknowledged(told: &str) -> BTreeMap<String, u64> {
    let mut runs = BTreeMap::new();
    for line in told.lines().filter(|line| line.contains(" assessment=")) {
        // The last line of a killed process may be cut.
        let Some((_, rest)) = line.split_once("pair=") else { continue };
        let Some((pair, _)) = rest.split_once(' ') else { continue };
        *runs.entry(pair.to_owned()).or_default() += 1;
    }
    runs
}

pub fn state(state: &Path, name: &str) -> Option<PairState> {
    let id = PairId::parse(&format!("default/{name}")).unwrap();
    Db::open_read_only(state).ok()?.state(&id).ok()?
}

/// Runs of a pair so far, reruns included.
pub fn runs(at: &Path, name: &str) -> u64 {
    state(at, name).map_or(0, |state| state.runs)
}

/// Claims that somebody has now.
pub fn claims(at: &Path) -> i64 {
    super::log::open(at).query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0)).unwrap()
}

/// Writes an executable script.
pub fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The Check `ports` of every network device, each second.
pub fn devices(more: &str) -> String {
    format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: ports}}\nspec:\n  \
         intent: collect_network_device_inventory_readonly\n  targetSelector: {{matchLabels: {{kind: device}}}}\n  interval: 1s\n{more}"
    )
}

/// A network device whose wrapper is `path`.
pub fn device(name: &str, path: &Path) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{kind: device}}}}\nspec:\n  \
         type: NetworkDevice\n  connections: [{{name: cli, wrapper: {{path: {}}}}}]\n",
        path.display()
    )
}

/// The latest run of a pair that was looked at.
#[derive(Debug)]
struct Latest {
    started: Timestamp,
    ended: Timestamp,
    spec: String,
    /// Whether it asked for another one at once.
    asks: bool,
}

/// Looks at a log as it grows: no pair is looked at twice at a time, nor twice for one slot.
#[derive(Debug, Default)]
pub struct Watcher {
    next: u64,
    latest: BTreeMap<PairId, Latest>,
    pub looked_at: u64,
}

impl Watcher {
    /// Reads what is new. Every Check has an interval of a second, so that half of one lies between two runs that nobody asked for.
    pub fn look(&mut self, state: &Path) {
        let db = Db::open_read_only(state).unwrap();
        db.freeze().unwrap();
        let filter = RecordFilter { first_index: Some(self.next), ..RecordFilter::default() };
        let size = db.log_size().unwrap();
        let take = |record: tecrax::store::LoggedRecord| {
            let Some(pair) = record.header.subject.pair().cloned() else { return ControlFlow::Continue(()) };
            let body: Value = serde_json::from_slice(&record.body).unwrap();
            if record.header.kind == RecordKind::Run.as_str() {
                self.looked_at += 1;
                self.run(&pair, record.index, &Run::of(&body));
            } else if let Some(latest) = self.latest.get_mut(&pair) {
                let reaction = record.header.kind == RecordKind::Reaction.as_str();
                latest.asks = !reaction || body["reaction"]["outcome"] == ReactionOutcome::Rerun.as_str();
            }
            ControlFlow::Continue(())
        };
        db.records(&filter, take).unwrap();
        self.next = size;
    }

    fn run(&mut self, pair: &PairId, index: u64, run: &Run) {
        if let Some(before) = self.latest.get(pair) {
            assert!(
                run.started >= before.ended,
                "run {index} of {pair} began while another one went on: {run:?} after {before:?}"
            );
            let asked = before.asks || run.rerun || before.spec != run.spec;
            let apart = run.started.duration_since(before.started);
            assert!(
                asked || apart >= SignedDuration::from_millis(450),
                "run {index} of {pair} is the second of its slot: {run:?} after {before:?}"
            );
        }
        // A rerun belongs to the run that asked for it, and has no slot.
        let started = self.latest.get(pair).filter(|_| run.rerun).map_or(run.started, |before| before.started);
        let latest = Latest { started, ended: run.ended, spec: run.spec.clone(), asks: false };
        self.latest.insert(pair.clone(), latest);
    }
}

#[derive(Debug)]
struct Run {
    started: Timestamp,
    ended: Timestamp,
    spec: String,
    rerun: bool,
}

impl Run {
    fn of(body: &Value) -> Self {
        let time = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).parse().unwrap();
        Self {
            started: time("started"),
            ended: time("ended"),
            spec: body["spec_digest"].as_str().unwrap().to_owned(),
            rerun: body["depth"].as_u64().is_some_and(|depth| depth > 0),
        }
    }
}

/// What must hold whatever happened: the log verifies, and the status is what it folds to.
pub fn sound(at: &Path, what: &str) {
    let report = verify(at, &VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{what}: {:?}", report.defects);
    let replay = Db::open_read_only(at).unwrap().replay().unwrap();
    assert_eq!(replay.different, 0, "{what}: status is not what the log says: {:?}", replay.differences);
}

/// Long after every claim has run out, another process finds nothing in its way.
pub async fn nothing_is_stuck(home: &Home, at: &Path, pairs: u64) {
    let engine = engine::on(at, Timestamp::now() + SignedDuration::from_hours(6));
    let report = reconcile(&engine, &[home.path("manifests")], Mode::Once).await.unwrap();
    assert_eq!(report.tally.ran, pairs, "some pair is stuck: {:?}", report.tally);
    engine.store().close().await;
}

/// A number from the environment; a test says what it takes when nobody sets it.
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

/// Numbers that follow from a seed (SplitMix64, public domain).
pub struct Luck(u64);

impl Luck {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    pub fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }
}
