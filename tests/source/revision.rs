//! The Git revision: the commit, whether what was read is that commit, and nothing that a repository configures runs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use tecrax::api::{Severity, reason};
use tecrax::source::{Revision, Snapshot, load};
use tempfile::TempDir;

fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.net",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("these tests need git");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn target(name: &str) -> String {
    format!("apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}}}\nspec: {{type: Host}}\n")
}

/// A repository with two manifests and something else.
fn repository(format: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", &format!("--object-format={format}")]);
    fs::create_dir_all(dir.path().join("manifests/deep")).unwrap();
    fs::write(dir.path().join("manifests/a.yaml"), target("a")).unwrap();
    fs::write(dir.path().join("manifests/deep/b ü.yaml"), target("b")).unwrap();
    fs::write(dir.path().join("README"), "x").unwrap();
    commit(dir.path());
    dir
}

fn commit(dir: &Path) {
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "-m", "x"]);
}

fn read(path: &Path) -> Snapshot {
    load(&[path.to_owned()], None)
}

fn revision(path: &Path) -> Revision {
    let snapshot = read(path);
    snapshot.revision.unwrap_or_else(|| panic!("{:?}", snapshot.problems))
}

#[test]
fn a_clean_work_tree_is_its_commit() {
    for format in ["sha1", "sha256"] {
        let dir = repository(format);
        let head = git(dir.path(), &["rev-parse", "HEAD"]);
        for path in ["manifests", "manifests/deep", "manifests/a.yaml", "."] {
            assert_eq!(revision(&dir.path().join(path)), Revision { commit: head.clone(), dirty: false }, "{format} {path}");
        }
    }
}

#[test]
fn every_difference_of_a_manifest_is_dirty_and_nothing_else_is() {
    type Change = (&'static str, fn(&Path), bool);
    let changes: &[Change] = &[
        ("edited", |top| fs::write(top.join("manifests/a.yaml"), target("other")).unwrap(), true),
        ("same length, same second", |top| fs::write(top.join("manifests/a.yaml"), target("z")).unwrap(), true),
        ("added", |top| fs::write(top.join("manifests/c.yaml"), target("c")).unwrap(), true),
        (
            "added to the index",
            |top| {
                fs::write(top.join("manifests/c.yaml"), target("c")).unwrap();
                git(top, &["add", "-A"]);
            },
            true,
        ),
        (
            "ignored by git, read by us",
            |top| {
                fs::write(top.join(".git/info/exclude"), "*\n").unwrap();
                fs::write(top.join("manifests/c.yaml"), target("c")).unwrap();
            },
            true,
        ),
        ("removed", |top| fs::remove_file(top.join("manifests/a.yaml")).unwrap(), true),
        ("renamed", |top| fs::rename(top.join("manifests/a.yaml"), top.join("manifests/z.yaml")).unwrap(), true),
        (
            "marked as unchanged",
            |top| {
                git(top, &["update-index", "--assume-unchanged", "manifests/a.yaml"]);
                fs::write(top.join("manifests/a.yaml"), target("other")).unwrap();
            },
            true,
        ),
        ("no manifest", |top| fs::write(top.join("manifests/notes.txt"), "x").unwrap(), false),
        ("outside the PATH", |top| fs::write(top.join("other.yaml"), target("c")).unwrap(), false),
        ("a dot-file", |top| fs::write(top.join("manifests/.c.yaml"), target("c")).unwrap(), false),
        ("touched", |top| fs::write(top.join("manifests/a.yaml"), target("a")).unwrap(), false),
    ];
    for (what, change, dirty) in changes {
        let dir = repository("sha1");
        change(dir.path());
        assert_eq!(revision(&dir.path().join("manifests")).dirty, *dirty, "{what}");
    }
}

#[test]
fn heads_of_every_kind_are_read() {
    let dir = repository("sha1");
    let head = git(dir.path(), &["rev-parse", "HEAD"]);
    let manifests = dir.path().join("manifests");
    git(dir.path(), &["pack-refs", "--all"]);
    assert_eq!(revision(&manifests).commit, head, "packed");
    git(dir.path(), &["checkout", "-q", "--detach"]);
    assert_eq!(revision(&manifests).commit, head, "detached");
    let other = tempfile::tempdir().unwrap();
    let worktree = other.path().join("tree");
    git(dir.path(), &["worktree", "add", "-q", worktree.to_str().unwrap()]);
    fs::write(worktree.join("manifests/c.yaml"), target("c")).unwrap();
    commit(&worktree);
    let linked = revision(&worktree.join("manifests"));
    assert_eq!(linked, Revision { commit: git(&worktree, &["rev-parse", "HEAD"]), dirty: false }, "linked work tree");
    assert_ne!(linked.commit, head);
}

#[test]
fn symlinks_count_as_what_they_say_and_where_they_lead() {
    let dir = repository("sha1");
    symlink("a.yaml", dir.path().join("manifests/link.yaml")).unwrap();
    symlink("deep", dir.path().join("manifests/link")).unwrap();
    commit(dir.path());
    let manifests = dir.path().join("manifests");
    assert!(!revision(&manifests).dirty);
    fs::remove_file(manifests.join("link.yaml")).unwrap();
    symlink("deep/b ü.yaml", manifests.join("link.yaml")).unwrap();
    assert!(revision(&manifests).dirty);
}

#[test]
fn outside_of_git_there_is_no_revision_and_no_word_about_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.yaml"), target("a")).unwrap();
    let snapshot = read(dir.path());
    assert_eq!((snapshot.revision, snapshot.problems), (None, vec![]));
}

#[test]
fn a_repository_that_git_can_not_read_is_a_note() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.yaml"), target("a")).unwrap();
    let note = |what: &str| {
        let snapshot = read(dir.path());
        assert_eq!(snapshot.documents.len(), 1, "{what}");
        assert_eq!(snapshot.revision, None, "{what}");
        let problem = &snapshot.problems[0];
        assert_eq!((problem.severity, problem.reason), (Severity::Note, reason::NO_REVISION), "{what}");
    };
    fs::create_dir(dir.path().join(".git")).unwrap();
    note("an empty .git");
    fs::remove_dir(dir.path().join(".git")).unwrap();
    git(dir.path(), &["init", "-q"]);
    note("no commit");
    fs::write(dir.path().join(".git/HEAD"), "ref: refs/../../x\n").unwrap();
    note("a bad HEAD");
}

#[test]
fn a_second_root_outside_the_work_tree_is_dirty() {
    let dir = repository("sha1");
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("c.yaml"), target("c")).unwrap();
    let snapshot = load(&[dir.path().join("manifests"), other.path().to_owned()], None);
    assert!(snapshot.revision.unwrap().dirty);
}

/// Everything in a repository's own hands that makes ordinary git commands run a program.
#[test]
fn nothing_that_a_repository_configures_runs() {
    let dir = repository("sha1");
    let top = dir.path();
    let marker = top.join("it-ran");
    let program = top.join(".git/program");
    fs::write(&program, format!("#!/bin/sh\necho \"$@\" >> {}\ncat\n", marker.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.to_str().unwrap();
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "diff.external",
        "diff.x.textconv",
        "diff.x.command",
        "merge.x.driver",
        "gpg.program",
        "pager.ls-tree",
        "pager.rev-parse",
        "alias.rev-parse",
        "alias.ls-tree",
        "credential.helper",
        "sequence.editor",
        "interactive.diffFilter",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
        "trace2.eventTarget",
    ] {
        let value =
            if key.starts_with("alias") || key == "credential.helper" { format!("!{program}") } else { program.to_owned() };
        git(top, &["config", key, &value]);
    }
    fs::write(top.join(".git/info/attributes"), "* filter=x diff=x merge=x\n").unwrap();
    fs::create_dir_all(top.join(".git/hooks")).unwrap();
    for hook in ["post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"] {
        fs::copy(program, top.join(".git/hooks").join(hook)).unwrap();
    }
    // A promised object that is missing would be fetched with the configured program.
    git(top, &["config", "extensions.partialClone", "origin"]);
    git(top, &["config", "remote.origin.url", &format!("ext::{program} %S")]);
    git(top, &["config", "protocol.ext.allow", "always"]);
    git(top, &["config", "remote.origin.promisor", "true"]);
    let manifests = top.join("manifests");
    fs::write(manifests.join("a.yaml"), target("z")).unwrap();
    // Setting this up with git's own commands may have run some of it.
    let _ = fs::remove_file(&marker);
    assert!(revision(&manifests).dirty);
    assert!(!marker.exists(), "{}", fs::read_to_string(&marker).unwrap_or_default());
    let _ = Command::new("git").arg("-C").arg(top).arg("status").output();
    assert!(marker.exists(), "the traps do not even catch git status");
    fs::remove_file(&marker).unwrap();
    let tree = fs::read_dir(top.join(".git/objects")).unwrap().map(|entry| entry.unwrap().path());
    for folder in tree.filter(|path| path.file_name().unwrap().len() == 2) {
        fs::remove_dir_all(folder).unwrap();
    }
    assert_eq!(read(&manifests).revision, None, "the objects are gone");
    assert!(!marker.exists(), "{}", fs::read_to_string(&marker).unwrap_or_default());
}
