//! How many open files this process may have, and the commands that it starts.

use std::sync::OnceLock;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};

/// As many as a service of systemd usually may have, and far more than all places taken by local commands need: 256 Targets with 16 runs
/// and five files each.
const WANTED: u64 = 65_536;

/// The limit that this process was started with.
static FIRST: OnceLock<Rlimit> = OnceLock::new();

/// Lets this process have as many open files as it needs, where it may: the usual 1,024 are fewer than its own limits allow for. Commands
/// of Targets do not get them: one that is shut in has a limit of its own, any other the one that this process was started with.
pub fn raise_open_files() {
    let held = getrlimit(Resource::Nofile);
    let most = held.maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if held.current.is_some_and(|current| current < most) && FIRST.set(held).is_ok() {
        // Refused, it works with what it has.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: held.maximum });
    }
}

/// Takes it back for a command that was started and that nothing shuts in: programs that wait by `select` break above 1,024, and others
/// close every number. The command may have begun by then, with the higher one.
pub(super) fn give_first_limit(process: Option<u32>) {
    let process = process.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let (Some(first), Some(process)) = (FIRST.get(), process) {
        // One that has ended already needs none.
        let _ = prlimit(Some(process), Resource::Nofile, *first);
    }
}
