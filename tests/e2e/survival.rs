//! A daemon whose machine fails it: a full disk, a state directory that can not be written, and a commit that breaks ten thousand
//! documents (`open_files` has no descriptors). It says so, goes on as soon as it can, and nothing is lost, doubled or stuck.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};
use crate::support::living::{Living, Watcher, claims, nothing_is_stuck, runs, sound};
use crate::support::small_disk::SmallDisk;
use rustix::process::Signal;

const STRACE: &str = "/usr/bin/strace";
/// Hosts of a fleet. Every one is looked at every second.
const HOSTS: usize = 5;

/// A home with a fleet that is looked at every second.
fn home() -> Home {
    let home = Home::new();
    home.write("fleet.yaml", &fleet());
    home
}

fn fleet() -> String {
    (0..HOSTS).fold(INVENTORY.replace("spec:\n", "spec:\n  interval: 1s\n"), |mut text, index| {
        let _ = write!(text, "{}", host(&format!("web-{index}"), Some(50)));
        text
    })
}

/// Runs of every host of the fleet.
fn all_runs(state: &Path) -> Vec<u64> {
    (0..HOSTS).map(|index| runs(state, &format!("inventory.web-{index}"))).collect()
}

/// Whether every host has been looked at `more` times since `before`.
fn go_on(state: &Path, before: &[u64], more: u64) -> bool {
    all_runs(state).iter().zip(before).all(|(now, before)| *now >= before + more)
}

#[tokio::test]
async fn a_full_disk_is_told_once_and_waited_out() {
    let home = home();
    let disk = SmallDisk::new(&home.state(), "6m");
    let state = home.state();
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it runs on schedule", 30, || go_on(&state, &[0; HOSTS], 2));
    disk.fill();
    daemon.until("it says what is wrong", 30, || fs::read_to_string(home.path("daemon.log")).unwrap().contains("is full"));
    let before = all_runs(&state);
    // It goes on trying, every second and for every host; nobody reads that as often.
    std::thread::sleep(Duration::from_secs(3));
    let told = daemon.told();
    let errors = told.lines().filter(|line| line.contains("ERROR") && line.contains("is full")).count();
    assert!((1..=3).contains(&errors), "{errors} times:\n{told}");
    assert_eq!(all_runs(&state), before, "nothing is recorded on a full disk");
    sound(&state, "on the full disk");
    disk.clear();
    // Far sooner than the claims of what could not be committed run out.
    daemon.until("it goes on", 20, || go_on(&state, &before, 2));
    assert!(daemon.told().contains("the state directory takes records again"), "{}", daemon.told());
    let (code, _) = daemon.stop();
    assert_eq!(code, Some(0));
    Watcher::default().look(&state);
    sound(&state, "afterwards");
    assert_eq!(claims(&state), 0, "nothing is left claimed");
    nothing_is_stuck(&home, &state, HOSTS as u64).await;
}

#[test]
fn a_daemon_with_nothing_to_do_notices_within_a_minute_that_its_disk_is_full_and_that_it_is_not() {
    let home = Home::new();
    home.write("fleet.yaml", &format!("{}{}", INVENTORY.replace("spec:\n", "spec:\n  interval: 24h\n"), host("web", Some(50))));
    let disk = SmallDisk::new(&home.state(), "6m");
    let state = home.state();
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it has run", 30, || runs(&state, "inventory.web") == 1);
    disk.fill();
    let told = |words: &str| fs::read_to_string(home.path("daemon.log")).unwrap().contains(words);
    daemon.until("it says what is wrong", 60, || told("is full"));
    disk.clear();
    daemon.until("it says that it is over", 60, || told("the state directory takes records again"));
    assert_eq!(daemon.stop().0, Some(0));
    assert_eq!(runs(&state, "inventory.web"), 1, "nothing was due");
    sound(&state, "afterwards");
}

/// A tracer that makes calls of a running daemon fail until it is dropped.
struct Fault(Child);

impl Drop for Fault {
    fn drop(&mut self) {
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}

impl Fault {
    /// Every call that changes a file of the state directory answers that the file system is read-only, as after an error of its disk.
    fn read_only(home: &Home, daemon: &mut Living) -> Self {
        assert!(Path::new(STRACE).exists(), "{STRACE} is absent: run tests/run, which installs strace");
        let calls = "pwrite64,fdatasync,fsync,ftruncate,rename,unlink";
        let trace = home.path("trace");
        let mut command = Command::new(STRACE);
        command.args(["-f", "-qqq", "-e", "signal=none", "-e"]).arg(format!("trace={calls}"));
        command.arg("-e").arg(format!("inject={calls}:error=EROFS")).arg("-o").arg(&trace);
        let tracer = command.args(["-p", &daemon.child.id().to_string()]).stderr(Stdio::null()).spawn().unwrap();
        let fault = Self(tracer);
        daemon.until("the fault is there", 20, || fs::read_to_string(&trace).is_ok_and(|trace| trace.contains("INJECTED")));
        fault
    }
}

#[tokio::test]
async fn a_state_directory_that_becomes_read_only_and_comes_back_loses_nothing() {
    let home = home();
    let state = home.state();
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it runs on schedule", 30, || go_on(&state, &[0; HOSTS], 2));
    let fault = Fault::read_only(&home, &mut daemon);
    daemon.until("it says so", 30, || fs::read_to_string(home.path("daemon.log")).unwrap().contains(" ERROR "));
    drop(fault);
    let before = all_runs(&state);
    daemon.until("it goes on", 20, || go_on(&state, &before, 2));
    let (code, _) = daemon.stop();
    assert_eq!(code, Some(0));
    Watcher::default().look(&state);
    sound(&state, "afterwards");
    assert_eq!(claims(&state), 0, "nothing is left claimed");
    nothing_is_stuck(&home, &state, HOSTS as u64).await;
}

#[test]
fn a_state_directory_that_is_mounted_read_only_is_read_and_not_written() {
    let home = home();
    let disk = SmallDisk::new(&home.state(), "20m");
    let pass = "reconcile --once --allow-fixtures manifests";
    let first = home.tecrax(pass);
    assert_eq!(first.code, 0, "{first:?}");
    disk.read_only(true);
    for line in ["get", "status", "evidence verify", "evidence replay", "describe inventory.web-0"] {
        let read = home.tecrax(line);
        assert!(read.code == 0 && !read.err.contains("rror"), "{line}: {read:?}");
    }
    for line in [pass, "reconcile manifests"] {
        let refused = home.tecrax(line);
        assert_eq!(refused.code, 74, "{refused:?}");
        assert!(refused.err.contains(&home.state().display().to_string()), "it names the directory: {refused:?}");
    }
    disk.read_only(false);
    let last = home.tecrax("reconcile --once --force --allow-fixtures manifests");
    assert!(last.code == 0 && last.err.contains("ran 5"), "{last:?}");
    sound(&home.state(), "afterwards");
}

#[tokio::test]
async fn a_commit_that_breaks_ten_thousand_documents_stops_nobody() {
    const DOCUMENTS: usize = 10_000;
    let home = home();
    let state = home.state();
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it runs on schedule", 30, || go_on(&state, &[0; HOSTS], 2));
    let calm = daemon.kilobytes("VmHWM");
    // The hosts among them, and the Check.
    let mut broken = fleet().replace("spec:", "spce:");
    for index in 0..DOCUMENTS {
        broken.push_str("---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: ");
        let _ = write!(broken, "broken-{index}}}\nspec: {{type: Hots, conections: [{{name: os, locl: {{}}}}]}}\n");
    }
    home.write("fleet.yaml", &broken);
    let began = Instant::now();
    daemon.until("it says so", 60, || fs::read_to_string(home.path("daemon.log")).unwrap().contains("`tecrax plan` shows"));
    let before = all_runs(&state);
    daemon.until("the last good version keeps running", 30, || go_on(&state, &before, 3));
    let told = daemon.told();
    let lines = told.lines().filter(|line| line.contains("broken-")).count();
    assert!(lines <= 30, "{lines} lines");
    let peak = daemon.kilobytes("VmHWM");
    assert!(peak < calm + 250_000, "{calm} kB became {peak} kB after {:?}", began.elapsed());
    home.write("fleet.yaml", &fleet());
    let before = all_runs(&state);
    daemon.until("it is mended", 60, || {
        let told = fs::read_to_string(home.path("daemon.log")).unwrap();
        told.lines().rfind(|line| line.contains("manifests read")).is_some_and(|line| line.contains("errors=0"))
            && go_on(&state, &before, 2)
    });
    let (code, _) = daemon.stop();
    assert_eq!(code, Some(0));
    Watcher::default().look(&state);
    sound(&state, "afterwards");
    for index in 0..HOSTS {
        let state = crate::support::living::state(&state, &format!("inventory.web-{index}")).unwrap();
        assert!(!state.removed && state.last.is_some());
    }
    nothing_is_stuck(&home, &state, HOSTS as u64).await;
}
