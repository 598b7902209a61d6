//! A template that an operator or the kernel ends, or holds up, while a pass goes on: commands that run are not touched, and those that
//! come get another one.

use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::support::log;
use crate::support::wrapped::Wrapped;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Far more than a pass needs to start a command.
const PATIENCE: Duration = Duration::from_secs(30);

/// A pass over these devices, one after the other; each answers when the file `go` is there.
struct Pass {
    it: Wrapped,
    process: Child,
    devices: Vec<String>,
}

impl Pass {
    /// Starts it, and waits until the first device is asked.
    fn start(devices: usize, timeout: &str) -> Self {
        let it = Wrapped::new("until [ -e \"${0%/*}/go\" ]; do sleep 0.01; done; said=went");
        let all = fs::read_to_string(it.path("manifests/all.yaml")).unwrap();
        let (check, target) = all
            .replace("timeout: 20s", &format!("timeout: {timeout}"))
            .split_once("---\n")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let devices: Vec<String> = (0..devices).map(|number| format!("switch-{number}")).collect();
        let targets: Vec<String> = devices.iter().map(|name| target.replace("name: switch", &format!("name: {name}"))).collect();
        it.home.write("all.yaml", &[vec![check], targets].concat().join("---\n"));
        let process = Command::new(env!("CARGO_BIN_EXE_tecrax"))
            .args(["reconcile", "--once", "--max-targets", "1", "manifests"])
            .env("TECRAX_STATE_DIR", it.home.state())
            .current_dir(it.home.dir.path())
            .spawn()
            .unwrap();
        let mut it = Self { it, process, devices };
        it.until("the first device is asked", |it| !it.it.left().is_empty());
        it
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let clock = Instant::now();
        while !holds(self) {
            assert!(self.process.try_wait().unwrap().is_none(), "the pass ended before {what}");
            assert!(clock.elapsed() < PATIENCE, "not in time: {what}");
            std::thread::yield_now();
        }
    }

    /// Sends the template a signal.
    fn signal(&self, signal: Signal) -> u32 {
        let template = self.it.ours()[0];
        kill_process(Pid::from_raw(i32::try_from(template).unwrap()).unwrap(), signal).unwrap();
        template
    }

    fn go(&self) {
        fs::write(self.it.path("manifests/go"), "").unwrap();
    }

    /// Waits for the end. Answers how many devices were read at first, and all runs, those that a rule asked for included.
    fn end(mut self) -> (usize, Vec<Value>) {
        self.process.wait().unwrap();
        let state = self.it.home.state();
        let runs: Vec<_> = self.devices.iter().map(|name| log::runs(&state, &format!("default/inventory.{name}"))).collect();
        let read = runs.iter().filter(|runs| runs[0]["facts"]["device"]["system_name"] == "went").count();
        self.it.nothing_is_left();
        log::verify(&state);
        let runs: Vec<Value> = runs.into_iter().flatten().collect();
        assert!(runs.iter().all(|run| run["sandbox_level"] == "full"), "{runs:#?}");
        (read, runs)
    }
}

/// How many runs name this reason.
fn naming(runs: &[Value], reason: &str) -> usize {
    runs.iter().filter(|run| run.to_string().contains(reason)).count()
}

#[test]
fn one_that_is_killed_takes_no_command_with_it_and_the_next_gets_another() {
    let mut it = Pass::start(2, "20s");
    let killed = it.signal(Signal::KILL);
    it.until("it is gone", |it| !it.it.ours().contains(&killed));
    it.go();
    let (read, runs) = it.end();
    assert_eq!((read, naming(&runs, "NotConfined"), naming(&runs, "Timeout")), (2, 0, 0), "{runs:#?}");
}

#[test]
fn one_that_is_held_up_costs_the_command_that_waits_for_it_its_time_and_no_other() {
    let it = Pass::start(3, "3s");
    it.signal(Signal::STOP);
    it.go();
    let (read, runs) = it.end();
    assert!(read >= 2 && naming(&runs, "Timeout") == 1 && naming(&runs, "NotConfined") == 0, "{runs:#?}");
}

/// What of a command's sandbox is killed.
#[derive(Clone, Copy, PartialEq)]
enum Killed {
    Helpers,
    /// The first processes of the namespaces, which take the commands with them.
    Firsts,
}

fn killed_while_it_reads(killed: Killed) {
    let mut it = Pass::start(1, "20s");
    let parent = |process: u32| -> u32 {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok()).unwrap_or_default()
    };
    // A helper and a first process for each of two readings.
    it.until("both readings are under way", |it| it.it.ours().len() == 5 && it.it.left().len() >= 2);
    let ours = it.it.ours();
    let helpers: Vec<u32> = ours.iter().copied().filter(|process| parent(*process) == ours[0]).collect();
    assert_eq!(helpers.len(), 2, "{ours:?}");
    let firsts = ours.iter().copied().filter(|process| helpers.contains(&parent(*process))).collect();
    for process in if killed == Killed::Helpers { helpers } else { firsts } {
        kill_process(Pid::from_raw(i32::try_from(process).unwrap()).unwrap(), Signal::KILL).unwrap();
    }
    it.go();
    let (_, runs) = it.end();
    let wrong = naming(&runs, "NotConfined") + naming(&runs, "CommandFailed");
    assert!(naming(&runs, "Transient") >= 1 && wrong == 0, "{runs:#?}");
}

/// As the kernel does when memory runs out, and systemd when it stops a unit without saying so to tecrax alone.
#[test]
fn a_helper_that_is_killed_says_nothing_of_the_device_or_of_what_this_machine_can_do() {
    killed_while_it_reads(Killed::Helpers);
}

#[test]
fn nor_does_the_first_process_of_a_commands_namespace() {
    killed_while_it_reads(Killed::Firsts);
}
