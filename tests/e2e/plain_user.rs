//! The commands of the profile as an account without privileges runs them over SSH: the PATH that sshd gives, which has no
//! `/usr/sbin`, and nothing that only root may read.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tecrax::facts;
use tecrax::profile::Profile;

/// What Debian's sshd gives to everybody but root.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/games";
/// `nobody`.
const PLAIN_USER: u32 = 65_534;
/// Programs that only some systems have.
const MAY_BE_ABSENT: [&str; 4] = ["systemctl", "timedatectl", "ntpq", "/usr/lib/update-notifier/apt-check"];

fn is_here(program: &str) -> bool {
    PATH.split(':').any(|directory| Path::new(directory).join(program).exists())
}

#[test]
fn every_command_is_found_and_allowed_for_a_plain_user() {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    for shape in profile.connectors["monitoring_host"].shapes.values() {
        let (line, name) = (tecrax::connect::ssh::remote_command(shape.argv()), shape.argv()[0].as_str());
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &line]).env_clear().env("PATH", PATH).current_dir("/");
        if rustix::process::geteuid().is_root() {
            command.uid(PLAIN_USER).gid(PLAIN_USER);
        }
        let ended = command.output().unwrap();
        let (status, said) = (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned());
        if MAY_BE_ABSENT.contains(&name) && !is_here(name) {
            assert_eq!(status, Some(127), "{line}: {said}");
            continue;
        }
        assert_ne!(status, Some(127), "{line}: {said}");
        assert!(!said.contains("ermission denied"), "{line}: {said}");
        if !MAY_BE_ABSENT.contains(&name) {
            assert_eq!(status, Some(0), "{line}: {said}");
        }
    }
}

/// Whoever has the same account may otherwise read the memory of a process, and the variables that it was given.
#[test]
fn nobody_looks_into_a_running_tecrax_but_root() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["state", "manifests"] {
        fs::create_dir(path(name)).unwrap();
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o777)).unwrap();
    }
    fs::copy(env!("CARGO_BIN_EXE_tecrax"), path("tecrax")).unwrap();
    let text = "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: here}\nspec: {type: Host, connections: [{name: os, local: {}}]}\n\
                ---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: inventory}\n\
                spec: {intent: collect_basic_host_inventory, targetRef: {name: here}}\n";
    fs::write(path("manifests/here.yaml"), text).unwrap();
    let log = fs::File::create(path("log")).unwrap();
    let mut command = Command::new(path("tecrax"));
    command.args(["reconcile", "manifests"]).current_dir(folder.path()).env_clear().env("PATH", PATH).stderr(log);
    command.env("TECRAX_STATE_DIR", path("state/of")).env("TECRAX_SECRET_A_B", "Canary-Variable-84QpZs");
    if rustix::process::geteuid().is_root() {
        command.uid(PLAIN_USER).gid(PLAIN_USER);
    }
    let mut daemon = command.stdin(std::process::Stdio::null()).spawn().unwrap();
    let said = || fs::read_to_string(path("log")).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    // Sandboxed children are started all the same.
    while !said().contains("inventory.here assessment=\"healthy\"") && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    let environ = fs::metadata(format!("/proc/{}/environ", daemon.id())).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id())).unwrap();
    let pid = rustix::process::Pid::from_child(&daemon);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(daemon.wait().unwrap().success());
    assert!(said().contains("inventory.here assessment=\"healthy\""), "{}", said());
    assert_eq!(environ.uid(), 0, "its files below /proc are root's");
    assert!(limits.lines().any(|line| line.starts_with("Max core file size        0                    0")), "{limits}");
}
