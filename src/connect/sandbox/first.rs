//! The first process of a command's PID namespace. When it ends, the kernel ends every other process in there.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::process::ExitCode;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitOptions, getpriority_process, setpriority_process, test_kill_process, wait};

use super::limits::{MAX_PROCESSES, MAX_STARTED, counts};

/// Exit status that says: there were too many processes.
pub(super) const CROWDED: u8 = 3;
/// How often processes are counted.
const BETWEEN_COUNTS: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
/// The urgency of the first process: whoever has to end a thousand others must get its turn among them.
const URGENT: i32 = -20;

/// Stays until the helper closes the other end of standard input, by design or by dying, or until there are too many processes.
///
/// The kernel's own limit of processes does not hold for root, so they are counted here, whoever runs them.
#[expect(clippy::disallowed_methods, reason = "counts processes in /proc")]
pub(super) fn watch() -> ExitCode {
    let stdin = std::io::stdin();
    let Ok(load) = File::open("/proc/loadavg") else { return ExitCode::FAILURE };
    loop {
        let mut ends = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut ends, Some(&BETWEEN_COUNTS)) {
            Ok(0) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Ok(_) | Err(_) => return ExitCode::SUCCESS,
        }
        if is_crowded(&load) {
            return ExitCode::from(CROWDED);
        }
        // Orphans come to us, and count as processes until somebody asks how they ended. Only so many at once: they may come faster
        // than they can be asked, and then nobody would be counted any more.
        let mut left = MAX_PROCESSES;
        while left > 0 && matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {
            left -= 1;
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

/// Makes what this process starts next urgent, if it may, which root may outside a user namespace. Answers what to go back to.
pub(super) fn urgent() -> i32 {
    let before = getpriority_process(None).unwrap_or_default();
    let _ = setpriority_process(None, URGENT);
    before
}

/// Goes back to the urgency of before, which everybody may.
pub(super) fn usual(before: i32) {
    let _ = setpriority_process(None, before);
}

/// Processes and threads, whoever owns them.
fn lives(pid: Pid) -> bool {
    test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}
