//! Several processes on one state directory: they share the work, and what one of them leaves the others take.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};
use crate::support::living::{
    Living, Watcher, acknowledged, claims, device, devices, nothing_is_stuck, runs, script, sound, state,
};
use crate::support::log;
use jiff::Timestamp;

const HOSTS: usize = 12;

fn home() -> Home {
    let home = Home::new();
    let text = (0..HOSTS).fold(INVENTORY.replace("spec:\n", "spec:\n  interval: 1s\n"), |mut text, index| {
        let _ = write!(text, "{}", host(&format!("web-{index}"), Some(if index == 0 { 95 } else { 50 })));
        text
    });
    home.write("fleet.yaml", &text);
    home
}

fn least(home: &Home) -> u64 {
    (0..HOSTS).map(|index| runs(&home.state(), &format!("inventory.web-{index}"))).min().unwrap()
}

/// Who works on a pair now, and until when.
fn holder(state: &Path) -> Option<(String, i64)> {
    if !state.join("tecrax.db").exists() {
        return None;
    }
    let claim = "SELECT holder, expires_ms FROM claims WHERE expires_ms > 0";
    log::open(state).query_row(claim, [], |row| Ok((row.get(0)?, row.get(1)?))).ok()
}

/// Runs that a process told.
fn told(path: &Path) -> u64 {
    acknowledged(&fs::read_to_string(path).unwrap_or_default()).values().sum()
}

#[tokio::test]
async fn two_daemons_share_the_work_and_run_nothing_twice() {
    let home = home();
    let mut first = Living::start(&home, "first", &[]);
    let mut second = Living::start(&home, "second", &[]);
    first.until("both run", 40, || told(&home.path("first.log")) >= 12 && told(&home.path("second.log")) >= 12);
    second.until("they go on", 40, || least(&home) >= 8);
    let (one, other) = (first.told(), second.told());
    assert_eq!(first.stop().0, Some(0));
    assert_eq!(second.stop().0, Some(0));
    for told in [one, other] {
        assert!(!told.contains("the claim had passed on"), "{told}");
    }
    let (one, other) = (told(&home.path("first.log")), told(&home.path("second.log")));
    let mut watcher = Watcher::default();
    watcher.look(&home.state());
    assert_eq!(watcher.looked_at, one + other, "every run is one process's");
    log::verify(&home.state());
    assert_eq!(claims(&home.state()), 0, "nothing is left claimed");
}

#[test]
fn a_daemon_single_passes_and_readers_work_beside_each_other() {
    let home = home();
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it runs", 30, || least(&home) >= 1);
    let end = AtomicBool::new(false);
    let commands = [
        "get",
        "status",
        "describe inventory.web-0",
        "get escalations",
        "evidence verify",
        "evidence replay",
        "evidence list",
        "plan manifests",
        "reconcile --once --allow-fixtures manifests",
    ];
    let turns: Vec<u32> = thread::scope(|scope| {
        let readers: Vec<_> = commands
            .iter()
            .map(|line| {
                let (home, end) = (&home, &end);
                scope.spawn(move || {
                    let mut turns = 0;
                    while !end.load(Ordering::Relaxed) {
                        let ended = home.tecrax(line);
                        assert!((0..=2).contains(&ended.code), "{line}: {ended:?}");
                        assert!(!ended.err.contains("locked") && !ended.err.contains("error:"), "{line}: {ended:?}");
                        turns += 1;
                    }
                    turns
                })
            })
            .collect();
        let now = least(&home);
        daemon.until("it goes on beside them", 60, || least(&home) >= now + 5);
        end.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert!(turns.iter().all(|turns| *turns > 0), "{turns:?}");
    let told = daemon.told();
    assert!(!told.contains(" ERROR ") && !told.contains("the claim had passed on"), "{told}");
    assert_eq!(daemon.stop().0, Some(0));
    Watcher::default().look(&home.state());
    sound(&home.state(), "afterwards");
    assert_eq!(claims(&home.state()), 0, "nothing is left claimed");
}

#[tokio::test]
async fn what_a_killed_daemon_held_the_other_takes_when_its_claims_have_run_out() {
    let home = Home::new();
    // As long as there is a file `hold` the device says nothing.
    let hold = home.path("hold");
    fs::write(&hold, "").unwrap();
    script(
        &home.path("device"),
        &format!(
            "#!/bin/sh\nwhile [ -e {} ]; do sleep 0.1; done\n\
             printf 'System Name : switch\nHardware Version : 1\nSoftware Version : 1\n'\n",
            hold.display()
        ),
    );
    home.write("devices.yaml", &(devices("  timeout: 5s\n") + &device("switch", &home.path("device"))));
    let first = Living::start(&home, "first", &[]);
    let state_dir = home.state();
    let mut second = Living::start(&home, "second", &[]);
    let mut at_work = None;
    second.until("one of them looks at the device", 30, || {
        at_work = holder(&state_dir);
        at_work.is_some()
    });
    let (holder, expires) = at_work.unwrap();
    let holds = |living: &Living| holder.starts_with(&format!("{}-", living.child.id()));
    let (killed, mut survivor) = if holds(&first) { (first, second) } else { (second, first) };
    assert!(holds(&killed), "{holder} is neither");
    assert!(killed.kill());
    assert!(state(&state_dir, "ports.switch").is_none(), "it was killed before its run ended");
    fs::remove_file(&hold).unwrap();
    survivor.until("it takes the pair over", 90, || runs(&state_dir, "ports.switch") >= 1);
    let began = log::runs(&state_dir, "default/ports.switch")[0]["started"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(began.as_millisecond() >= expires, "before the claim of the killed one had run out");
    assert!(began.as_millisecond() <= expires + 5_000, "long after the claim had run out");
    survivor.until("it goes on with it", 30, || runs(&state_dir, "ports.switch") >= 3);
    assert_eq!(survivor.stop().0, Some(0));
    Watcher::default().look(&state_dir);
    log::verify(&state_dir);
    nothing_is_stuck(&home, &state_dir, 1).await;
}

#[test]
fn a_single_pass_beside_a_daemon_that_holds_everything_ends_and_says_so() {
    let home = Home::new();
    script(&home.path("device"), "#!/bin/sh\nexec sleep 20\n");
    home.write("devices.yaml", &(devices("  timeout: 25s\n") + &device("switch", &home.path("device"))));
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it looks at the device", 30, || holder(&home.state()).is_some());
    let pass = home.tecrax("reconcile --once manifests");
    assert_eq!(pass.code, 2, "{pass:?}");
    assert!(pass.err.contains("1 left to another tecrax"), "{pass:?}");
    assert!(holder(&home.state()).is_some(), "it did not wait for the other one");
}
