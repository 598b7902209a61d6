//! The commands of the profile as an account without privileges runs them over SSH: the PATH that sshd gives, which has no
//! `/usr/sbin`, and nothing that only root may read.

#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

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
