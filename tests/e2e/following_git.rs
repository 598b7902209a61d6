//! The daemon follows a Git work tree: large checkouts are one change, and Git is waited for while it writes.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::cli::Home;
use crate::support::daemon::{needs, run};
use crate::support::following::Following;
use crate::support::hosts::{INVENTORY, host};

const REMOVED: &str = "no longer wanted";
/// Files of the checkout.
const FILES: usize = 5_000;

fn git(home: &Home, words: &[&str]) {
    needs("/usr/bin/git", "git");
    let top = home.path("manifests");
    let front = ["git", "-C", top.to_str().unwrap(), "-c", "user.name=t", "-c", "user.email=t@example.net", "-c", "gc.auto=0"];
    let words: Vec<&str> = front.iter().chain(words).copied().collect();
    run(&words);
}

fn commit(home: &Home) {
    git(home, &["add", "-A"]);
    git(home, &["commit", "-qm", "x"]);
}

fn home() -> Home {
    let home = Home::new();
    git(&home, &["init", "-q", "-b", "main"]);
    home.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  interval: 1h\n"));
    home.write("web.yaml", &host("web", Some(50)));
    home
}

/// A Target that no Check selects.
fn bystander(directory: &Path, index: usize, label: &str) {
    let text = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: t{index}, labels: {{is: {label}}}}}\n\
         spec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n"
    );
    fs::write(directory.join(format!("t{index}.yaml")), text).unwrap();
}

#[test]
fn a_checkout_of_five_thousand_files_is_one_change() {
    let home = home();
    let fill = |directory: &str, label| {
        let directory = home.path("manifests").join(directory);
        fs::create_dir(&directory).unwrap();
        (0..FILES).for_each(|index| bystander(&directory, index, label));
    };
    fill("a", "one");
    commit(&home);
    git(&home, &["checkout", "-qb", "moved"]);
    // Everything moves and changes, and the host with it: half of the checkout would be a removal.
    fs::remove_dir_all(home.path("manifests/a")).unwrap();
    fs::remove_file(home.path("manifests/web.yaml")).unwrap();
    fill("z", "two");
    home.write("z/web.yaml", &host("web", Some(95)));
    commit(&home);
    git(&home, &["checkout", "-q", "main"]);

    let mut following = Following::by_events(&home);
    following.until("it runs", |it| it.runs("inventory.web") == 1);
    git(&home, &["checkout", "-q", "moved"]);
    following.until("it runs what was checked out", |it| it.is_unhealthy("inventory.web"));
    git(&home, &["checkout", "-q", "main"]);
    following.until("it runs what was there before", |it| it.count("manifests read") == 3);
    let told = following.stop();
    assert!(!told.contains(REMOVED) && !told.contains("ERROR"), "{told}");
    assert_eq!(told.matches("manifests read").count(), 3, "each checkout is one change: {told}");
}

#[test]
fn git_is_waited_for_while_it_holds_its_lock() {
    let home = home();
    commit(&home);
    let mut following = Following::by_events(&home);
    following.until("it runs", |it| it.runs("inventory.web") == 1);

    let lock = home.path("manifests/.git/index.lock");
    fs::write(&lock, "").unwrap();
    fs::remove_file(home.path("manifests/web.yaml")).unwrap();
    let waits = "waiting until git is done";
    following.until("it waits", |it| it.count(waits) > 40);
    assert!(!following.is_removed("inventory.web") && following.count("manifests read") == 1, "{}", following.told());
    home.write("web.yaml", &host("web", Some(95)));
    fs::remove_file(&lock).unwrap();
    following.until("it runs what Git left", |it| it.is_unhealthy("inventory.web"));
    assert!(!following.stop().contains(REMOVED));
}

#[test]
fn a_lock_that_a_killed_git_left_behind_is_not_waited_for() {
    let home = home();
    commit(&home);
    let lock = home.path("manifests/.git/index.lock");
    let old = fs::File::create(&lock).unwrap();
    old.set_modified(SystemTime::now() - Duration::from_mins(5)).unwrap();
    let mut following = Following::by_events(&home);
    following.until("it runs", |it| it.runs("inventory.web") == 1);
    home.write("web.yaml", &host("web", Some(95)));
    following.until("it runs what was edited", |it| it.is_unhealthy("inventory.web"));
    let told = following.stop();
    assert_eq!(told.matches("index.lock is older than 30 s").count(), 1, "{told}");
}

#[test]
fn a_commit_is_heard_of_although_no_file_changes() {
    let home = home();
    commit(&home);
    let mut following = Following::by_events(&home);
    following.until("it runs", |it| it.runs("inventory.web") == 1);
    home.write("web.yaml", &host("web", Some(95)));
    following.until("it runs what was edited", |it| it.is_unhealthy("inventory.web"));
    let before = following.count("looked at the manifests");
    commit(&home);
    following.until("it has looked at the commit", |it| it.count("looked at the manifests") > before);
    let pass = home.once();
    assert_eq!(pass.code, 1, "{pass:?}");
    following.stop();
}
