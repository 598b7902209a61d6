//! Open files: how many this process may have, and what it means when there are none left.

use std::io;
use std::sync::OnceLock;

use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};

use super::reading::Failure;
use crate::api::ErrorClass;

/// As many as a service of systemd usually may have, and far more than all places taken by local commands need: 256 Targets with 16 runs
/// and five files each.
const WANTED: u64 = 65_536;

/// The limit that this process was started with.
static FIRST: OnceLock<Rlimit> = OnceLock::new();

/// Lets this process have as many open files as it needs, where it may: the usual 1,024 are fewer than its own limits allow for. What it
/// starts gets the limit that this process was started with.
pub fn raise_open_files() {
    let held = getrlimit(Resource::Nofile);
    let most = held.maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if held.current.is_some_and(|current| current < most) && FIRST.set(held).is_ok() {
        // Refused, it works with what it has.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: held.maximum });
    }
}

/// Takes it back for a process that was started: programs that wait by `select` break above 1,024, and others close every number.
pub(super) fn give_first_limit(process: Option<u32>) {
    let process = process.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let (Some(first), Some(process)) = (FIRST.get(), process) {
        // One that has ended already needs none.
        let _ = prlimit(Some(process), Resource::Nofile, *first);
    }
}

/// The failure, when it is this machine that has no more open files, and not the target that gives no answer.
pub(super) fn shortage(error: &io::Error, what: &str) -> Option<Failure> {
    let short = matches!(Errno::from_io_error(error)?, Errno::MFILE | Errno::NFILE);
    short.then(|| {
        Failure::new(ErrorClass::Transient, format!("{what}: {error}"))
            .next_step("Raise the limit of open files of tecrax (`LimitNOFILE=`, `ulimit -n`), or lower `--max-targets`.")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "what is missing fails the test, which starts a program")]
mod tests {
    use std::io;
    use std::process::Command;

    use rustix::io::Errno;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::{give_first_limit, raise_open_files, shortage};
    use crate::api::ErrorClass;

    #[test]
    fn this_process_gets_more_open_files_and_what_it_starts_as_many_as_before() {
        let before = Rlimit { current: Some(256), ..getrlimit(Resource::Nofile) };
        setrlimit(Resource::Nofile, before).unwrap();
        raise_open_files();
        assert!(getrlimit(Resource::Nofile).current > Some(1024));
        let mut child = Command::new("/bin/sleep").arg("60").spawn().unwrap();
        give_first_limit(Some(child.id()));
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
        assert_eq!(files.split_whitespace().next(), Some("256"), "{limits}");
    }

    #[test]
    fn a_machine_without_open_files_says_nothing_of_the_target() {
        for errno in [Errno::MFILE, Errno::NFILE] {
            let failure = shortage(&errno.into(), "`df` could not be started");
            assert!(failure.is_some_and(|failure| failure.class == ErrorClass::Transient && failure.transient));
        }
        assert!(shortage(&Errno::CONNREFUSED.into(), "it").is_none());
        assert!(shortage(&io::Error::other("it"), "it").is_none());
    }
}
