//! Shutdown: what runs is given a while and then ended; nothing is left behind, neither a process nor a claim nor half a record.

use std::cell::RefCell;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};
use crate::support::living::{Living, runs};
use crate::support::log;
use rustix::process::{Pid, Signal, kill_process};
use tecrax::engine::{GRACE, LAST_WORDS, STOPS_WITHIN};

/// For a machine with other work.
const SLACK: Duration = Duration::from_secs(10);

/// A tecrax at work on a device whose executable never ends; nobody else on this machine sleeps for `token` seconds.
struct AtWork {
    home: Home,
    child: Child,
    token: &'static str,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl AtWork {
    fn start(token: &'static str, arguments: &[&str]) -> Self {
        let home = Home::new();
        let path = home.path("device");
        fs::write(&path, format!("#!/bin/sh\nsleep {token} &\nexec sleep {token}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        // Tries that run into their time are followed by others: the run is longer than any patience.
        home.write(
            "all.yaml",
            &format!(
                "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: inventory}}\nspec:\n  \
                 intent: collect_network_device_inventory_readonly\n  targetSelector: {{}}\n  timeout: 5m\n  interval: 1h\n  \
                 retry: {{attempts: 10, interval: 100ms}}\n---\n\
                 apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: sw}}\nspec:\n  type: NetworkDevice\n  connections:\n  \
                 - {{name: cli, wrapper: {{path: {}}}}}\n",
                path.display()
            ),
        );
        let child = Command::new(env!("CARGO_BIN_EXE_tecrax"))
            .args(["reconcile", "manifests"])
            .args(arguments)
            .env("TECRAX_STATE_DIR", home.state())
            .current_dir(home.dir.path())
            .stderr(fs::File::create(home.path("told")).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut work = Self { home, child, token };
        work.until("the command runs", |work| work.sleepers() > 0);
        work
    }

    fn told(&self) -> String {
        fs::read_to_string(self.home.path("told")).unwrap()
    }

    /// Processes that sleep for the token.
    fn sleepers(&self) -> usize {
        let wanted = format!("sleep\0{}\0", self.token).into_bytes();
        let processes = fs::read_dir("/proc").unwrap().flatten();
        processes.filter(|process| fs::read(process.path().join("cmdline")).is_ok_and(|line| line == wanted)).count()
    }

    fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !condition(self) {
            assert!(Instant::now() < deadline, "waited in vain until {what}\n{}", self.told());
            assert!(self.child.try_wait().unwrap().is_none(), "it ended before {what}\n{}", self.told());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self) {
        kill_process(Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap(), Signal::TERM).unwrap();
    }

    /// Waits for the end; the exit code, and how long it took.
    fn ended(&mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        let status = self.child.wait().unwrap();
        (status.code(), began.elapsed())
    }

    /// Nothing is left: no process, no claim, no record of what did not end.
    fn leaves_nothing(&self) {
        assert_eq!(self.sleepers(), 0, "the command is gone with all that it started");
        log::verify(&self.home.state());
        assert!(log::rows(&self.home.state()).is_empty(), "a run that was ended counts for nothing");
        let claims: i64 = log::open(&self.home.state())
            .query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0))
            .unwrap();
        assert_eq!(claims, 0, "every claim is given back");
    }
}

#[test]
fn a_single_pass_ends_at_once_and_leaves_nothing() {
    let mut work = AtWork::start("86411", &["--once"]);
    work.signal();
    let (code, took) = work.ended();
    assert_eq!(code, Some(74), "{}", work.told());
    assert!(took < LAST_WORDS + SLACK, "{took:?}");
    assert!(work.told().contains("interrupted"), "{}", work.told());
    work.leaves_nothing();
}

#[test]
fn a_daemon_gives_runs_a_while_and_then_ends_them() {
    let mut work = AtWork::start("86412", &[]);
    work.signal();
    let (code, took) = work.ended();
    assert_eq!(code, Some(0), "{}", work.told());
    assert!(took >= GRACE && took < STOPS_WITHIN, "{took:?}");
    assert!(work.told().contains("ended without a record"), "{}", work.told());
    work.leaves_nothing();
}

/// A daemon that tells an Escalation to a Sink which takes connections and never says a word.
#[test]
fn a_sink_that_stalls_does_not_hold_up_the_end() {
    let home = Home::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    home.write("fleet.yaml", &format!("{INVENTORY}{}", host("web", Some(95))));
    home.write(
        "sink.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: silent}}\nspec: {{webhook: {{url: 'http://{}/'}}}}\n",
            silent.local_addr().unwrap()
        ),
    );
    let mut daemon = Living::start(&home, "daemon", &[]);
    silent.set_nonblocking(true).unwrap();
    let connection = RefCell::new(None);
    daemon.until("it is told", 30, || {
        *connection.borrow_mut() = silent.accept().ok();
        connection.borrow().is_some()
    });
    let (code, took) = daemon.stop();
    assert_eq!(code, Some(0));
    assert!(took < STOPS_WITHIN, "{took:?}");
    log::verify(&home.state());
    let held: i64 =
        log::open(&home.state()).query_row("SELECT count(*) FROM sinks WHERE holder IS NOT NULL", [], |row| row.get(0)).unwrap();
    assert_eq!(held, 0, "another process may tell it");
}

/// Manifests on a file system that does not answer: a tracer holds up whoever opens them.
#[test]
fn manifests_that_can_not_be_read_do_not_hold_up_the_end() {
    const STRACE: &str = "/usr/bin/strace";
    assert!(Path::new(STRACE).exists(), "{STRACE} is absent: run tests/run, which installs strace");
    let home = Home::new();
    home.write("fleet.yaml", &format!("{INVENTORY}{}", host("web", Some(50))));
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it runs", 30, || runs(&home.state(), "inventory.web") == 1);
    let trace = home.path("trace");
    let mut tracer = Command::new(STRACE)
        .args(["-f", "-qqq", "-e", "signal=none", "-e", "trace=openat", "-e", "inject=openat:delay_enter=60000000", "-P"])
        .arg(home.path("manifests/fleet.yaml"))
        .arg("-o")
        .arg(&trace)
        .args(["-p", &daemon.child.id().to_string()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = daemon.child.id();
    daemon.until("the tracer is there", 20, || {
        fs::read_to_string(format!("/proc/{pid}/status"))
            .unwrap()
            .lines()
            .any(|line| line.starts_with("TracerPid") && !line.ends_with("\t0"))
    });
    home.write("fleet.yaml", &format!("{INVENTORY}{}", host("web", Some(51))));
    // Whoever reads is in the call that does not return.
    daemon.until("it waits for the file", 20, || {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
        threads.into_iter().any(|thread| fs::read_to_string(thread.path().join("stat")).is_ok_and(|stat| stat.contains(") t ")))
    });
    daemon.signal(Signal::TERM);
    let began = Instant::now();
    // Its last thread is the tracer's until that lets it go.
    let over = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap().contains(") Z ");
    while !over() && began.elapsed() < 2 * STOPS_WITHIN {
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = began.elapsed();
    let _ = tracer.kill();
    let _ = tracer.wait();
    let code = daemon.child.wait().unwrap().code();
    assert!(took < STOPS_WITHIN, "{took:?}");
    assert!(matches!(code, Some(0 | 74)), "{code:?}");
    log::verify(&home.state());
    let claims: i64 =
        log::open(&home.state()).query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0)).unwrap();
    assert_eq!(claims, 0, "nothing is left claimed");
}

#[test]
fn a_second_signal_ends_them_now() {
    let mut work = AtWork::start("86413", &[]);
    work.signal();
    work.until("it heard the first", |work| work.told().contains("stopping"));
    work.signal();
    let (code, took) = work.ended();
    assert_eq!(code, Some(74), "{}", work.told());
    assert!(took < GRACE, "{took:?}");
    work.leaves_nothing();
}
