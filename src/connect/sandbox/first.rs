//! The first process of a command's PID namespace. When it ends, the kernel ends every other process in there.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::process::ExitCode;

use fork::{Fork, fork};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, WaitOptions, getpriority_process, setpgid, setpriority_process, test_kill_process, wait};

use super::limits::{MAX_PROCESSES, MAX_STARTED, counts};

/// Exit status that says: there were too many processes.
pub(super) const CROWDED: u8 = 3;
/// How often processes are counted.
const BETWEEN_COUNTS: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
/// The urgency of the first process: whoever has to end a thousand others must get its turn among them.
const URGENT: i32 = -20;

/// The first process as the helper holds it. It stays as long as the other end of its pipe is open, which is here.
pub(super) struct Namespace {
    pub(super) first: Pid,
    _open: OwnedFd,
}

/// Which process this is, once there may be two.
pub(super) enum Half {
    /// The helper, and the first process when there is one.
    Helper(Option<Namespace>),
    /// The first process, with what it watches.
    First(Watched),
}

/// What the first process watches. It is there before that process is: a machine that is too short of something refuses the command
/// before it has started, and does not end it in the middle.
pub(super) struct Watched {
    /// The end of the pipe that tells of the helper's end.
    helper: OwnedFd,
    /// Tells of processes, in the namespace of whoever reads.
    load: File,
}

/// Makes a copy of the helper, which becomes the first process of the PID namespace by [`watch`].
///
/// Only what has a single thread may be copied and go on: the helper has.
#[expect(clippy::disallowed_methods, reason = "processes are counted in /proc")]
pub(super) fn split() -> io::Result<Half> {
    let (helper, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let load = File::open("/proc/loadavg")?;
    match fork()? {
        Fork::Child => Ok(Half::First(Watched { helper, load })),
        Fork::Parent(pid) => {
            let first = Pid::from_raw(pid).ok_or(Errno::SRCH)?;
            Ok(Half::Helper(Some(Namespace { first, _open: writer })))
        }
    }
}

/// Stays until the helper lets go of the other end of its pipe, by design or by dying, or until there are too many processes.
///
/// Whoever calls it has closed what else the helper had open; the standard streams are the template's, `/dev/null`. The kernel's own limit
/// of processes does not hold for root, so they are counted here, whoever runs them.
pub(super) fn watch(watched: &Watched) -> ExitCode {
    // A signal to the helper's group is not meant for this process.
    if setpgid(None, None).is_err() {
        return ExitCode::FAILURE;
    }
    loop {
        let mut ends = [PollFd::new(&watched.helper, PollFlags::IN)];
        match poll(&mut ends, Some(&BETWEEN_COUNTS)) {
            Ok(0) => {}
            Err(Errno::INTR) => continue,
            Ok(_) | Err(_) => return ExitCode::SUCCESS,
        }
        match is_crowded(&watched.load) {
            Some(false) => {}
            Some(true) => return ExitCode::from(CROWDED),
            // Nobody would be counted any more: that is no fault of the command's.
            None => return ExitCode::FAILURE,
        }
        // Orphans come to us, and count as processes until somebody asks how they ended. Only so many at once: they may come faster
        // than they can be asked, and then nobody would be counted any more.
        let mut left = MAX_PROCESSES;
        while left > 0 && matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {
            left -= 1;
        }
    }
}

/// `None` when the kernel does not say it.
fn is_crowded(load: &File) -> Option<bool> {
    let mut text = [0; 128];
    let length = load.read_at(&mut text, 0).ok()?;
    let (_, started) = counts(std::str::from_utf8(text.get(..length)?).ok()?)?;
    if started <= MAX_PROCESSES {
        return Some(false);
    }
    let here = (2..=started).filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    Some(started > MAX_STARTED || here.filter(|pid| lives(*pid)).nth(MAX_PROCESSES as usize).is_some())
}

/// Makes this process and what comes of it urgent, if it may, which root may outside a user namespace. Answers what to go back to.
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
    test_kill_process(pid) != Err(Errno::SRCH)
}
