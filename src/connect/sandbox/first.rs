//! The first process of a command's PID namespace. When it ends, the kernel ends every other process in there.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::process::ExitCode;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitOptions, setpriority_process, test_kill_process, wait};

use super::limits::{MAX_PROCESSES, MAX_STARTED, counts};

/// Exit status that says: there were too many processes.
pub(super) const CROWDED: u8 = 3;
/// How often processes are counted.
const BETWEEN_COUNTS: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
/// The highest priority there is.
const FIRST_OF_ALL: i32 = -20;

/// Stays until the helper closes the other end of standard input, by design or by dying, or until there are too many processes.
///
/// The kernel's own limit of processes does not hold for root, so they are counted here, whoever runs them.
#[expect(clippy::disallowed_methods, reason = "counts processes in /proc")]
pub(super) fn watch() -> ExitCode {
    // Whoever counts must not wait for those who are counted. Only root may do this, and only for root is it needed.
    let _ = setpriority_process(None, FIRST_OF_ALL);
    let stdin = std::io::stdin();
    let Ok(load) = File::open("/proc/loadavg") else { return ExitCode::FAILURE };
    loop {
        let mut ends = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut ends, Some(&BETWEEN_COUNTS)) {
            Ok(0) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Ok(_) | Err(_) => return ExitCode::SUCCESS,
        }
        // Orphans come to us, and count as processes until somebody asks how they ended.
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        if is_crowded(&load) {
            return ExitCode::from(CROWDED);
        }
    }
}

fn is_crowded(load: &File) -> bool {
    let mut text = [0; 128];
    let Ok(length) = load.read_at(&mut text, 0) else { return true };
    let text = text.get(..length).and_then(|text| std::str::from_utf8(text).ok());
    let Some((_, started)) = text.and_then(counts) else { return true };
    if started <= MAX_PROCESSES {
        return false;
    }
    let here = (2..=started).filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    started > MAX_STARTED || here.filter(|pid| lives(*pid)).nth(MAX_PROCESSES as usize).is_some()
}

/// Processes and threads, whoever owns them.
fn lives(pid: Pid) -> bool {
    test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}
