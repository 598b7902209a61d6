//! The daemon: it follows edits, runs on schedule, shares its state directory and ends in good order.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use rustix::process::{Pid, Signal, kill_process};
use tecrax::api::{Assessment, PairId, ReactionOutcome};
use tecrax::evidence::log::SignedCheckpoint;
use tecrax::status::PairState;
use tecrax::store::{Db, VerifyOptions, verify};

/// A running `tecrax reconcile manifests`, killed when dropped.
struct Daemon {
    child: Child,
    log: std::path::PathBuf,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    fn start(home: &Home) -> Self {
        Self::start_with(home, &[])
    }

    fn start_with(home: &Home, flags: &[&str]) -> Self {
        let log = home.path("daemon.log");
        let child = Command::new(env!("CARGO_BIN_EXE_tecrax"))
            .args(["reconcile", "--allow-fixtures", "manifests"])
            .args(flags)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TECRAX_STATE_DIR", home.state())
            .current_dir(home.dir.path())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child, log }
    }

    fn told(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Sends SIGTERM and returns the exit code.
    fn stop(mut self) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }

    /// Waits until `condition` holds, half a minute at most: a rescan every 30 s would hide that no event was heard.
    fn until(&mut self, what: &str, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(25);
        while !condition() {
            assert!(Instant::now() < deadline, "waited in vain until {what}\n{}", self.told());
            assert!(self.child.try_wait().unwrap().is_none(), "it ended before {what}\n{}", self.told());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn state(home: &Home, name: &str) -> Option<PairState> {
    let id = PairId::parse(&format!("default/{name}")).unwrap();
    Db::open_read_only(&home.state()).ok()?.state(&id).ok()?
}

fn runs(home: &Home, name: &str) -> u64 {
    state(home, name).map_or(0, |state| state.runs)
}

fn assessment(home: &Home, name: &str) -> Option<Assessment> {
    state(home, name)?.last.map(|last| last.assessment)
}

/// A home whose inventory runs every second.
fn home() -> Home {
    let home = Home::new();
    home.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  interval: 1s\n"));
    home.write("web.yaml", &host("web", Some(50)));
    home
}

#[test]
fn it_follows_the_directory_and_runs_on_schedule() {
    let home = home();
    let mut daemon = Daemon::start(&home);
    daemon.until("it runs on schedule", || runs(&home, "inventory.web") >= 3);

    home.write("db.yaml", &host("db", Some(50)));
    daemon.until("it runs what is new", || runs(&home, "inventory.db") >= 1);

    home.write("web.yaml", &host("web", Some(95)));
    daemon.until("it runs what was edited", || {
        state(&home, "inventory.web")
            .is_some_and(|state| state.last.is_some_and(|last| last.reaction == ReactionOutcome::Escalate))
    });
    assert_eq!(assessment(&home, "inventory.web"), Some(Assessment::Unhealthy));

    // A broken document: its last good version keeps running, and so do the others.
    home.write("web.yaml", "kind: [\n");
    daemon.until("it says what is wrong", || fs::read_to_string(home.path("daemon.log")).unwrap().contains("not YAML"));
    let (web, db) = (runs(&home, "inventory.web"), runs(&home, "inventory.db"));
    daemon.until("the last good version keeps running", || runs(&home, "inventory.web") >= web + 2);
    daemon.until("the others keep running", || runs(&home, "inventory.db") >= db + 2);
    assert_eq!(assessment(&home, "inventory.web"), Some(Assessment::Unhealthy));

    home.write("web.yaml", &host("web", Some(40)));
    daemon.until("it runs what was mended", || assessment(&home, "inventory.web") == Some(Assessment::Healthy));

    fs::remove_file(home.path("manifests/db.yaml")).unwrap();
    daemon.until("it buries what was removed", || state(&home, "inventory.db").is_some_and(|state| state.removed));
    // It comes back at once, not after its old evidence has gone stale.
    home.write("db.yaml", &host("db", Some(50)));
    daemon.until("it runs what came back", || state(&home, "inventory.db").is_some_and(|state| !state.removed));

    assert_eq!(daemon.stop(), Some(0));
    log::verify(&home.state());
    let claims: i64 =
        log::open(&home.state()).query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0)).unwrap();
    assert_eq!(claims, 0, "nothing is left claimed");
}

#[test]
fn a_new_interval_counts_at_once() {
    let home = Home::new();
    home.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  interval: 1h\n"));
    home.write("web.yaml", &host("web", Some(50)));
    let mut daemon = Daemon::start(&home);
    daemon.until("it runs what is missing", || runs(&home, "inventory.web") == 1);
    home.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  interval: 1s\n"));
    daemon.until("it runs every second", || runs(&home, "inventory.web") >= 4);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_restart_does_not_run_what_is_fresh() {
    let home = Home::new();
    home.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  interval: 1h\n"));
    home.write("web.yaml", &host("web", Some(50)));
    for _ in 0..2 {
        let mut daemon = Daemon::start(&home);
        daemon.until("it has started", || fs::read_to_string(home.path("daemon.log")).unwrap().contains("manifests read"));
        daemon.until("it ran what was missing", || runs(&home, "inventory.web") == 1);
        assert_eq!(daemon.stop(), Some(0));
    }
    assert_eq!(runs(&home, "inventory.web"), 1);
}

#[test]
fn a_daemon_and_a_single_pass_share_the_work() {
    let home = home();
    let mut daemon = Daemon::start(&home);
    daemon.until("it runs", || runs(&home, "inventory.web") >= 1);
    for _ in 0..5 {
        let pass = home.once();
        assert!(matches!(pass.code, 0 | 2), "{pass:?}");
    }
    let mut second = Daemon::start(&home);
    let now = runs(&home, "inventory.web");
    second.until("two daemons go on", || runs(&home, "inventory.web") >= now + 3);
    assert_eq!(second.stop(), Some(0));
    assert_eq!(daemon.stop(), Some(0));
    log::verify(&home.state());
}

#[test]
fn a_run_in_progress_ends_and_is_recorded_before_it_stops() {
    let home = Home::new();
    // It takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let key = home.path("id");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
    assert!(made.success());
    home.write(
        "all.yaml",
        &format!(
            "{INVENTORY}---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: silent, labels: {{site: lab}}}}\n\
             spec: {{type: Host, connections: [{{name: os, ssh: {{host: 127.0.0.1, port: {}, user: nobody, identity: {{file: {}}}, connectTimeout: 3s}}}}]}}\n",
            silent.local_addr().unwrap().port(),
            key.display()
        ),
    );
    let mut daemon = Daemon::start(&home);
    silent.set_nonblocking(true).unwrap();
    let connection = std::cell::RefCell::new(None);
    daemon.until("it connects", || {
        *connection.borrow_mut() = silent.accept().ok();
        connection.borrow().is_some()
    });
    assert_eq!(daemon.stop(), Some(0));
    let state = state(&home, "inventory.silent").expect("the run was recorded");
    assert_eq!(state.last.unwrap().assessment, Assessment::Unknown);
    log::verify(&home.state());
}

#[test]
fn a_daemon_without_manifests_waits_for_them() {
    let home = Home::new();
    fs::remove_dir(home.path("manifests")).unwrap();
    let mut daemon = Daemon::start(&home);
    daemon.until("it says what is wrong", || fs::read_to_string(home.path("daemon.log")).unwrap().contains("ERROR"));
    fs::create_dir(home.path("manifests")).unwrap();
    home.write("all.yaml", &format!("{INVENTORY}{}", host("web", Some(50))));
    daemon.until("it runs what appeared", || runs(&home, "inventory.web") == 1);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn it_signs_when_it_starts_and_when_it_stops_and_not_with_every_run() {
    let home = home();
    let mut daemon = Daemon::start_with(&home, &["--checkpoint-file", "latest.note"]);
    let file = || SignedCheckpoint::parse(&fs::read_to_string(home.path("latest.note")).ok()?).ok();
    daemon.until("it has signed and run", || file().is_some() && runs(&home, "inventory.web") >= 4);
    let first = file().unwrap();
    assert_eq!(daemon.stop(), Some(0));
    let last = file().unwrap();
    let db = Db::open_read_only(&home.state()).unwrap();
    let sizes: Vec<u64> = db.checkpoints().unwrap().iter().map(|kept| kept.signed.checkpoint().size).collect();
    assert_eq!(sizes, [first.checkpoint().size, db.log_size().unwrap()], "a minute has not passed");
    assert_eq!(last.checkpoint().size, db.log_size().unwrap());
    assert_eq!(fs::read_to_string(home.state().join("checkpoint")).unwrap(), last.to_string());
    let options = VerifyOptions { checkpoints: vec![first, last], ..VerifyOptions::default() };
    let report = verify(&home.state(), &options).unwrap();
    assert!(report.is_sound() && report.continued == 2, "{:?}", report.defects);
}
