//! Looking at the same manifests again and again.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use tecrax::source::{Follower, Look, Spots, Writing};
use tempfile::TempDir;

fn target(name: &str) -> String {
    let padding = "# as long as a manifest is that says what it is for\n".repeat(20);
    format!(
        "{padding}apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}}}\nspec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n"
    )
}

fn folder(files: usize) -> TempDir {
    let dir = TempDir::new().unwrap();
    for index in 0..files {
        fs::write(dir.path().join(format!("t{index}.yaml")), target(&format!("t{index}"))).unwrap();
    }
    dir
}

/// When everything that was written until now has been at rest for long.
fn later() -> Timestamp {
    Timestamp::now() + SignedDuration::from_mins(1)
}

fn follower(dir: &Path) -> Follower {
    let mut follower = Follower::new(vec![dir.to_owned()]);
    assert!(follower.look(Look::Stamps, later()).is_some(), "the first look always finds something");
    follower
}

/// Bytes that this thread has read so far.
fn bytes_read() -> u64 {
    let io = fs::read_to_string("/proc/thread-self/io").unwrap();
    io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[test]
fn files_that_nobody_touched_are_not_read() {
    let dir = folder(1_100);
    let mut follower = follower(dir.path());
    let before = bytes_read();
    assert!(follower.look(Look::Stamps, later()).is_none());
    let read = bytes_read() - before;
    assert!(read < 1_100 * 100, "{read} bytes for 1,100 files of a kilobyte");
    assert!(follower.look(Look::Content, later()).is_none());
    assert!(bytes_read() - before > 1_100 * 1_000, "the content is read when asked for");
}

#[test]
fn what_is_touched_but_the_same_is_no_change() {
    let dir = folder(3);
    let mut follower = follower(dir.path());
    let path = dir.path().join("t1.yaml");
    fs::write(&path, target("t1")).unwrap();
    assert!(follower.look(Look::Stamps, later()).is_none());
    fs::rename(&path, dir.path().join("t1.bak")).unwrap();
    fs::copy(dir.path().join("t1.bak"), &path).unwrap();
    assert!(follower.look(Look::Stamps, later()).is_none());
}

#[test]
fn every_kind_of_change_is_found() {
    let dir = folder(3);
    let mut follower = follower(dir.path());
    let path = |name: &str| dir.path().join(name);
    let mut finds = |what: &str| {
        assert!(follower.look(Look::Stamps, later()).is_some(), "{what} is found");
        assert!(follower.look(Look::Stamps, later()).is_none(), "{what} is found once");
    };
    // The same length, and the times of before.
    let old = fs::metadata(path("t1.yaml")).unwrap().modified().unwrap();
    fs::write(path("t1.yaml"), target("u1")).unwrap();
    fs::File::options().write(true).open(path("t1.yaml")).unwrap().set_modified(old).unwrap();
    finds("an edit that keeps size and time");
    fs::rename(path("t1.yaml"), path("renamed.yaml")).unwrap();
    finds("another name");
    fs::create_dir(path("below")).unwrap();
    fs::write(path("below/more.yaml"), target("more")).unwrap();
    finds("a new file");
    fs::remove_file(path("t2.yaml")).unwrap();
    finds("a removed file");
    fs::write(path("bad.yaml"), [0xff, 0xfe, 0x00]).unwrap();
    finds("a file that can not be read");
    symlink("nowhere.yaml", path("link.yaml")).unwrap();
    finds("a symlink that leads nowhere");
    fs::remove_file(path("link.yaml")).unwrap();
    symlink("t0.yaml", path("link.yaml")).unwrap();
    finds("a symlink that leads somewhere");
    fs::remove_dir_all(dir.path()).unwrap();
    finds("a folder that is gone");
}

fn git(dir: &Path, words: &[&str]) {
    let done =
        Command::new("git").arg("-C").arg(dir).args(["-c", "user.name=t", "-c", "user.email=t@example.net"]).args(words).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn a_new_commit_is_a_change_although_no_file_is() {
    let dir = folder(2);
    git(dir.path(), &["init", "-q"]);
    let mut follower = follower(dir.path());
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-qm", "x"]);
    let found = follower.look(Look::Stamps, later()).expect("a commit");
    assert!(found.revision.is_some_and(|revision| !revision.dirty));
    assert!(follower.look(Look::Stamps, later()).is_none());
}

#[test]
fn what_git_writes_is_told_from_what_it_has_written() {
    let dir = folder(2);
    let paths = [dir.path().to_owned()];
    assert!(Writing::of(&paths).lock().is_none());
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "t0.yaml"]);
    let before = Writing::of(&paths);
    assert_eq!(before, Writing::of(&paths));
    git(dir.path(), &["add", "-A"]);
    assert_ne!(before, Writing::of(&paths));
    let lock = dir.path().join(".git/index.lock");
    fs::write(&lock, "").unwrap();
    assert_eq!(Writing::of(&paths).lock().unwrap().path.file_name(), lock.file_name());
}

#[test]
fn spots_are_where_a_swap_shows() {
    let dir = TempDir::new().unwrap();
    let top = fs::canonicalize(dir.path()).unwrap();
    fs::create_dir_all(top.join("one/conf")).unwrap();
    fs::create_dir_all(top.join("one/.git/objects")).unwrap();
    symlink("one", top.join("live")).unwrap();
    let path = [top.join("live/conf")];
    let spots = Spots::of(&path);
    assert_eq!(spots.trees().collect::<Vec<_>>(), [top.join("one/conf")]);
    for (name, concerns) in [
        ("live", true),
        ("one/conf", true),
        ("one/conf/web.yaml", true),
        ("one/conf/..data", true),
        ("one/.git/index", true),
        ("one/.git/HEAD", true),
        ("one/.git/objects/ab", false),
        ("one/other.yaml", false),
        ("two", false),
    ] {
        assert_eq!(spots.concern(&top.join(name)), concerns, "{name}");
    }
    // The same names lead elsewhere, and a place of the same name is another one.
    fs::create_dir_all(top.join("two/conf")).unwrap();
    fs::remove_file(top.join("live")).unwrap();
    symlink("two", top.join("live")).unwrap();
    assert_ne!(Spots::of(&path), spots);
    let spots = Spots::of(&path);
    fs::rename(top.join("two/conf"), top.join("two/old")).unwrap();
    let absent = Spots::of(&path);
    assert!(absent.concern(&top.join("two/conf")) && absent.trees().next().is_none(), "it waits for what is not there");
    fs::create_dir(top.join("two/conf")).unwrap();
    assert_ne!(Spots::of(&path), spots);
    // A loop ends.
    symlink("loop", top.join("loop")).unwrap();
    assert!(Spots::of(&[top.join("loop/x")]).trees().next().is_none());
}
