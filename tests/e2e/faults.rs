//! Faults of the disk and of the process at every write, rename, fsync and commit of the store.
//!
//! strace makes one system call on a file of the state directory fail, or kills the process in it; then the same for the next one,
//! until none is left. Afterwards the log verifies, what was acknowledged is there, and no pair is stuck.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::cli::Home;
use crate::support::hosts::fleet;
use crate::support::{engine, log};
use jiff::{SignedDuration, Timestamp};
use tecrax::engine::reconcile;
use tecrax::plan::Mode;

const STRACE: &str = "/usr/bin/strace";
/// System calls that change a file or make it durable.
const CALLS: [&str; 8] = ["pwrite64", "write", "fsync", "fdatasync", "ftruncate", "rename", "renameat2", "unlink"];
const HOSTS: usize = 3;
/// More injections than this would mean that nothing ends; then the test says so instead of running on.
const MOST: usize = 400;

/// A state directory with one pass in it, and the leaves that this pass was told are durable.
struct Template {
    home: Home,
    leaves: Vec<String>,
}

impl Template {
    fn new() -> Self {
        let home = Home::new();
        home.write("fleet.yaml", &fleet(HOSTS));
        let first = home.once();
        assert_eq!(first.code, 0, "{}", first.err);
        let leaves = leaves(&home.state());
        assert_eq!(leaves.len(), 2 * HOSTS);
        Self { home, leaves }
    }

    /// A copy of the state directory; `None`: a place for a new one.
    fn state(&self, name: &str, fresh: bool) -> PathBuf {
        let state = self.home.path(name);
        fs::create_dir(&state).unwrap();
        if !fresh {
            for file in fs::read_dir(self.home.state()).unwrap().map(Result::unwrap) {
                fs::copy(file.path(), state.join(file.file_name())).unwrap();
            }
        }
        state
    }

    /// One forced pass under strace with `inject` on calls that touch the state directory; words of the program, the trace, and whether it was
    /// killed.
    fn pass(&self, state: &Path, inject: Option<&str>) -> (String, Vec<String>, bool) {
        let trace = state.with_extension("trace");
        let mut command = Command::new(STRACE);
        command.args(["-f", "-qqq", "-e", "signal=none", "-e"]).arg(format!("trace={}", CALLS.join(",")));
        if let Some(inject) = inject {
            command.arg("-e").arg(format!("inject={inject}"));
        }
        for file in ["", "tecrax.db", "tecrax.db-wal", "tecrax.db-journal", "checkpoint", "checkpoint.tmp", "checkpoint.key"] {
            command.arg("-P").arg(if file.is_empty() { state.to_owned() } else { state.join(file) });
        }
        let output = command
            .arg("-o")
            .arg(&trace)
            .arg(env!("CARGO_BIN_EXE_tecrax"))
            .args(["reconcile", "--once", "--force", "--allow-fixtures", "--log", "info", "manifests", "--state-dir"])
            .arg(state)
            .env_clear()
            .env("HOME", self.home.dir.path())
            .current_dir(self.home.dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let lines = fs::read_to_string(&trace).unwrap_or_default();
        // strace ends as the traced program did.
        let killed = output.status.signal() == Some(9);
        (String::from_utf8_lossy(&output.stderr).into_owned(), lines.lines().map(str::to_owned).collect(), killed)
    }
}

fn leaves(state: &Path) -> Vec<String> {
    let connection = log::open(state);
    let mut statement = connection.prepare("SELECT hex(leaf) FROM log ORDER BY idx").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// How often each thread made each call: strace counts injections by thread.
fn counts(trace: &[String]) -> BTreeMap<&'static str, usize> {
    let mut by_thread: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in trace.iter().filter(|line| !line.contains("resumed>")) {
        let mut words = line.split_whitespace();
        let (Some(thread), Some(call)) = (words.next(), words.next()) else { continue };
        if let Some(name) = CALLS.iter().find(|name| call.starts_with(&format!("{name}("))) {
            *by_thread.entry((thread, name)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in by_thread {
        let name = CALLS.iter().find(|name| **name == call).unwrap();
        let slot = most.entry(*name).or_default();
        *slot = count.max(*slot);
    }
    most
}

/// Pairs whose run was told: telling comes after durability.
fn acknowledged(words: &str) -> BTreeSet<String> {
    words
        .lines()
        .filter(|line| line.contains(" INFO "))
        .filter_map(|line| Some(line.split_once("pair=")?.1.split(' ').next()?.to_owned()))
        .collect()
}

/// What must hold whatever happened.
async fn afterwards(template: &Template, state: &Path, fresh: bool, words: &str, what: &str) {
    let told = acknowledged(words);
    if state.join("tecrax.db").exists() {
        let has_log =
            log::open(state).query_row("SELECT count(*) FROM sqlite_master WHERE name = 'log'", [], |row| row.get::<_, i64>(0));
        if has_log == Ok(1) {
            log::verify(state);
            let now = leaves(state);
            let before: &[String] = if fresh { &[] } else { &template.leaves };
            assert!(now.starts_with(before), "{what}: older records changed");
            for pair in &told {
                let runs = log::runs(state, pair).len();
                let expected = if fresh { 1 } else { 2 };
                assert!(runs >= expected, "{what}: {pair} was acknowledged and has {runs} runs\n{words}");
            }
        } else {
            assert!(told.is_empty(), "{what}: acknowledged without a log\n{words}");
        }
    } else {
        assert!(told.is_empty(), "{what}: acknowledged without a state file\n{words}");
    }
    // Long after every claim has run out, another process finds nothing in its way.
    let late = Timestamp::now() + SignedDuration::from_hours(6);
    let engine = engine::on(state, late);
    let report = reconcile(&engine, &[template.home.path("manifests")], Mode::Once).await.unwrap();
    assert_eq!(report.tally.ran, HOSTS as u64, "{what}: some pair is stuck: {:?}", report.tally);
    engine.store().close().await;
    log::verify(state);
}

/// Injects `fault` into every call of the store, one pass each.
async fn every_call(fault: &str, fresh: bool) {
    assert!(Path::new(STRACE).exists(), "{STRACE} is absent: run tests/run, which installs strace");
    let template = Template::new();
    let state = template.state("calm", fresh);
    let (words, trace, _) = template.pass(&state, None);
    assert_eq!(acknowledged(&words).len(), HOSTS, "{words}");
    let first = counts(&trace);
    // How runs fall into groups depends on the time, and with it how often a thread makes a call: what a second calm pass does not do
    // either can not be asked for.
    let state = template.state("calm-again", fresh);
    let second = counts(&template.pass(&state, None).1);
    let steady: usize = first.iter().map(|(call, count)| second.get(call).copied().unwrap_or_default().min(*count)).sum();
    let counts: BTreeMap<&str, usize> =
        first.iter().map(|(call, count)| (*call, second.get(call).copied().unwrap_or_default().max(*count))).collect();
    assert!(counts.contains_key("pwrite64") && counts.contains_key("fsync"), "{counts:?}");
    let mut injected = 0;
    assert!(counts.values().sum::<usize>() < MOST, "{counts:?}");
    for (call, count) in counts {
        for number in 1..=count {
            let what = format!("{call} {number} of {count}: {fault}");
            let state = template.state(&format!("{call}-{number}"), fresh);
            let (words, trace, killed) = template.pass(&state, Some(&format!("{call}:{fault}:when={number}")));
            injected += usize::from(killed || trace.iter().any(|line| line.contains("INJECTED")));
            afterwards(&template, &state, fresh, &words, &what).await;
            fs::remove_dir_all(&state).unwrap();
        }
    }
    assert!(injected * 10 >= steady * 7, "{injected} of {steady} faults were injected");
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_told() {
    every_call("signal=KILL", false).await;
}

#[tokio::test]
async fn a_process_killed_in_its_first_pass_leaves_a_state_directory_that_works() {
    every_call("signal=KILL", true).await;
}

#[tokio::test]
async fn an_input_output_error_loses_nothing_that_was_told() {
    every_call("error=EIO", false).await;
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_told() {
    every_call("error=ENOSPC", false).await;
}

#[tokio::test]
async fn a_full_disk_in_the_first_pass_leaves_a_state_directory_that_works() {
    every_call("error=ENOSPC", true).await;
}
