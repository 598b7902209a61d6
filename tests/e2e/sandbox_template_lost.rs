//! A template that an operator or the kernel ends, or holds up, while a pass goes on: commands that run are not touched, and those that
//! come get another one.

use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::support::log;
use crate::support::wrapped::Wrapped;
use rustix::process::{Pid, Signal, kill_process};

/// Far more than a pass needs to start a command.
const PATIENCE: Duration = Duration::from_secs(30);

/// A pass over these devices, one after the other; each answers when the file `go` is there.
struct Pass {
    it: Wrapped,
    pass: Child,
    devices: Vec<String>,
}

impl Pass {
    /// Starts it, and waits until the first device is asked.
    fn start(devices: usize, timeout: &str) -> Self {
        let it = Wrapped::new("until [ -e \"${0%/*}/go\" ]; do sleep 0.01; done; said=went");
        let all = fs::read_to_string(it.path("manifests/all.yaml")).unwrap();
        let (check, target) = all.replace("timeout: 20s", &format!("timeout: {timeout}")).split_once("---\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let devices: Vec<String> = (0..devices).map(|number| format!("switch-{number}")).collect();
        let targets: Vec<String> = devices.iter().map(|name| target.replace("name: switch", &format!("name: {name}"))).collect();
        it.home.write("all.yaml", &[vec![check], targets].concat().join("---\n"));
        let pass = Command::new(env!("CARGO_BIN_EXE_tecrax"))
            .args(["reconcile", "--once", "--max-targets", "1", "manifests"])
            .env("TECRAX_STATE_DIR", it.home.state())
            .current_dir(it.home.dir.path())
            .spawn()
            .unwrap();
        let mut it = Self { it, pass, devices };
        it.until("the first device is asked", |it| !it.it.left().is_empty());
        it
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let clock = Instant::now();
        while !holds(self) {
            assert!(self.pass.try_wait().unwrap().is_none(), "the pass ended before {what}");
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

    /// Waits for the end; answers how many devices were read, and what was said of the others.
    fn end(mut self) -> (usize, Vec<String>) {
        self.pass.wait().unwrap();
        let runs: Vec<_> = self.devices.iter().map(|name| log::runs(&self.it.home.state(), &format!("default/inventory.{name}"))).collect();
        assert!(runs.iter().all(|runs| runs.len() == 1), "{runs:#?}");
        assert!(runs.iter().flatten().all(|run| run["sandbox_level"] == "full"), "{runs:#?}");
        let (read, other): (Vec<_>, Vec<_>) =
            runs.iter().flatten().partition(|run| run["facts"]["device"]["system_name"] == "went");
        assert!(other.iter().all(|run| run["assessment"] == "unknown"), "{other:#?}");
        self.it.nothing_is_left();
        log::verify(&self.it.home.state());
        (read.len(), other.iter().map(ToString::to_string).collect())
    }
}

#[test]
fn one_that_is_killed_takes_no_command_with_it_and_the_next_gets_another() {
    let mut it = Pass::start(2, "20s");
    let killed = it.signal(Signal::KILL);
    it.until("it is gone", |it| !it.it.ours().contains(&killed));
    it.go();
    assert_eq!(it.end(), (2, Vec::new()));
}

#[test]
fn one_that_is_held_up_costs_the_command_that_waits_for_it_its_time_and_no_other() {
    let it = Pass::start(3, "3s");
    it.signal(Signal::STOP);
    it.go();
    let (read, other) = it.end();
    assert_eq!(read, 2, "{other:#?}");
    assert!(other.iter().all(|run| run.contains("Timeout")), "{other:#?}");
}
