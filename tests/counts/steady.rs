//! What a daemon writes while nothing changes: how often it waits for the disk, how many bytes go there, and no status.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tecrax::status::PairState;
use tecrax::store::Db;

use crate::support::program::{Program, TECRAX, check, recorded, strace, target, whole};

const HOSTS: usize = 20;
const CHECKS: usize = 3;
const PAIRS: usize = HOSTS * CHECKS;
/// Runs of each pair that are waited for: the first one brings the status, the others find it as it is.
const ROUNDS: u64 = 5;
/// Waits for the disk that are not for runs: the new state file and its key (as in `fsyncs`), and a checkpoint at the start and one at the end.
const NOT_FOR_RUNS: usize = 9 + 2 + 2 * 2;
/// Bytes of a new state file, its key, what is wanted, and the copy of the write-ahead log at the end.
const BYTES_AT_REST: u64 = 2_000_000;
/// Bytes written for one run among sixty in two seconds, about seven a commit. docs/performance.md states what it is.
const BYTES_A_RUN: u64 = 24_000;

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn states(program: &Program) -> BTreeMap<String, PairState> {
    let Ok(db) = Db::open_read_only(&program.state()) else { return BTreeMap::new() };
    let states = db.states().unwrap_or_default();
    states.into_iter().map(|(pair, state)| (pair.to_string(), state)).collect()
}

/// The states when every pair has run so often.
fn after(program: &Program, daemon: &mut Daemon, runs: u64) -> BTreeMap<String, PairState> {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let states = states(program);
        if states.len() == PAIRS && states.values().all(|state| state.runs >= runs) {
            return states;
        }
        assert!(daemon.0.try_wait().unwrap().is_none(), "the daemon has ended");
        assert!(Instant::now() < deadline, "not every pair ran {runs} times in a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Bytes that one traced call wrote.
fn bytes(line: &str) -> u64 {
    let result = line.rsplit_once(" = ").and_then(|(_, result)| result.split_whitespace().next()?.parse().ok());
    if line.contains("write") { result.unwrap_or(0) } else { 0 }
}

#[test]
fn a_daemon_at_rest_writes_no_status_and_waits_for_the_disk_once_a_turn() {
    let program = Program::new();
    let targets: String = (0..HOSTS).map(|host| target(&format!("host-{host}"), &recorded())).collect();
    program.write("targets.yaml", &targets);
    for number in 0..CHECKS {
        let text = check(&format!("inventory-{number}"), "collect_basic_host_inventory").replace("interval: 24h", "interval: 2s");
        program.write(&format!("check-{number}.yaml"), &text);
    }
    let trace = program.state().with_file_name("trace");
    let child = Command::new(strace())
        .args([
            "-D",
            "-f",
            "-qq",
            "-s",
            "0",
            "-e",
            "signal=none",
            "-e",
            "trace=fsync,fdatasync,sync_file_range,msync,pwrite64,pwritev",
            "-o",
        ])
        .arg(&trace)
        .arg(TECRAX)
        .arg("--state-dir")
        .arg(program.state())
        .args(["reconcile", "--allow-fixtures"])
        .arg(program.state().with_file_name("manifests"))
        .env_remove("SSH_AUTH_SOCK")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut daemon = Daemon(child);
    let first = after(&program, &mut daemon, 1);
    let _ = after(&program, &mut daemon, ROUNDS);
    let pid = Pid::from_raw(i32::try_from(daemon.0.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert!(daemon.0.wait().unwrap().success());
    let last = states(&program);

    let runs: u64 = last.values().map(|state| state.runs).sum();
    for (pair, state) in &last {
        assert!(state.seq > first[pair].seq, "{pair} has run");
        assert_eq!(state.status, first[pair].status, "{pair}: the status was written although its meaning is the same");
    }
    let lines = whole(&fs::read_to_string(&trace).unwrap());
    let syncs = lines.iter().filter(|line| line.contains("sync")).count();
    // Sixty runs in two seconds are seven a turn: one wait for two runs leaves room for a slow machine, one for each would be alone.
    let allowed = NOT_FOR_RUNS + usize::try_from(runs).unwrap() / 2;
    assert!(syncs <= allowed, "{syncs} waits for the disk for {runs} runs");
    let written: u64 = lines.iter().map(|line| bytes(line)).sum();
    assert!(written <= BYTES_AT_REST + runs * BYTES_A_RUN, "{written} bytes for {runs} runs");
}
