//! Waits for the command, and ends everything that it left behind.

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, getpid, kill_process, kill_process_group, pidfd_open, wait, waitpid,
};

use super::first::CROWDED;
use super::limits::MAX_PROCESSES;
use super::report::End;

/// How often a process is looked at on kernels without descriptors of processes (before Linux 5.3).
const BETWEEN_LOOKS: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
/// How long the first process of a namespace may take to be gone when its end was that of the command, too.
const OWN_DEATH: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// How long the last process may take to die; one that waits for a disk that never answers can not be killed.
const LONGEST_DEATH: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// How often what is left behind is looked for again: each time one generation of it dies.
const SWEEPS: usize = 200;
/// Pause between two looks.
const BETWEEN_SWEEPS: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// Waits until the command has ended or tecrax has let go of the socket.
pub(super) fn await_end(command: Pid, control: &UnixStream) -> Option<WaitStatus> {
    let handle = pidfd_open(command, PidfdFlags::empty()).ok();
    let mut seen = false;
    loop {
        if let Ok(Some((_, status))) = waitpid(Some(command), WaitOptions::NOHANG) {
            return Some(status);
        }
        // tecrax never says anything after the command has started: whatever is there to read is the end.
        match any_ready([Some(control.as_fd()), handle.as_ref().map(OwnedFd::as_fd)]) {
            Some(0) => return None,
            Some(_) if !seen => seen = true,
            // Somebody who traces it hears of its end before its parent does.
            _ => drop(poll(&mut [], Some(&BETWEEN_LOOKS))),
        }
    }
}

/// Which of them is ready first; without a descriptor in the second place it also looks up from time to time.
fn any_ready(descriptors: [Option<BorrowedFd<'_>>; 2]) -> Option<usize> {
    let mut ends: Vec<PollFd<'_>> = descriptors.iter().flatten().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    let longest = descriptors.iter().any(Option::is_none).then_some(&BETWEEN_LOOKS);
    poll(&mut ends, longest).ok()?;
    ends.iter().position(|end| !end.revents().is_empty())
}

/// How a namespace came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demise {
    /// Nobody ended it before its time.
    Asked,
    /// Its first process had counted too many.
    Crowded,
    /// Something ended its first process, and the command with that.
    CutOff,
}

/// Ends the PID namespace by its first process and waits until nobody is left.
///
/// The first process is not gone before its namespace is empty, and a `command` that nobody has asked how it ended is still in there. One that
/// ended by `status` may have been killed by the kernel, since the first process was: that one is gone a moment later, without having been asked.
pub(super) fn end_namespace(first: Pid, command: Option<Pid>, status: Option<WaitStatus>) -> Demise {
    let killed = status.is_some_and(|status| status.terminating_signal() == Some(Signal::KILL.as_raw()));
    if killed && let Some(status) = left_alone(first) {
        return if status.exit_status() == Some(i32::from(CROWDED)) { Demise::Crowded } else { Demise::CutOff };
    }
    // One that has counted too many is ending already, and keeps its own status.
    let _ = kill_process(first, Signal::KILL);
    if let Some(command) = command {
        let _ = kill_process(command, Signal::KILL);
        let _ = death(command);
    }
    if crowded(death(first)) { Demise::Crowded } else { Demise::Asked }
}

/// How a child ended that nobody here has killed; `None` when it goes on.
fn left_alone(child: Pid) -> Option<WaitStatus> {
    if let Ok(handle) = pidfd_open(child, PidfdFlags::empty()) {
        let _ = poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&OWN_DEATH));
    } else {
        let _ = poll(&mut [], Some(&OWN_DEATH));
    }
    Some(waitpid(Some(child), WaitOptions::NOHANG).ok()??.1)
}

/// How a child that has been killed ended, once it has.
fn death(child: Pid) -> rustix::io::Result<Option<(Pid, WaitStatus)>> {
    let Ok(handle) = pidfd_open(child, PidfdFlags::empty()) else { return waitpid(Some(child), WaitOptions::empty()) };
    let _ = poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&LONGEST_DEATH));
    waitpid(Some(child), WaitOptions::NOHANG)
}

fn crowded(waited: rustix::io::Result<Option<(Pid, WaitStatus)>>) -> bool {
    matches!(waited, Ok(Some((_, status))) if status.exit_status() == Some(i32::from(CROWDED)))
}

/// Ends the command's process group, and then every process that has come to this one because its parent is gone.
pub(super) fn sweep(command: Pid) {
    let _ = kill_process_group(command, Signal::KILL);
    for _ in 0..SWEEPS {
        // Only so many at once: they may come faster than they can be asked how they ended.
        for _ in 0..MAX_PROCESSES {
            match wait(WaitOptions::NOHANG) {
                Ok(Some(_)) => {}
                Err(Errno::CHILD) => return,
                Ok(None) | Err(_) => break,
            }
        }
        for child in children().unwrap_or_default() {
            let _ = kill_process(child, Signal::KILL);
        }
        let _ = poll(&mut [], Some(&BETWEEN_SWEEPS));
    }
}

/// The processes whose parent this is.
#[expect(clippy::disallowed_methods, reason = "the kernel lists children in a file of /proc")]
fn children() -> io::Result<Vec<Pid>> {
    let number = |word: &str| Pid::from_raw(word.parse().ok()?);
    if let Ok(text) = fs::read_to_string("/proc/thread-self/children") {
        return Ok(text.split_ascii_whitespace().filter_map(number).collect());
    }
    // Kernels without that file: every process names its parent.
    let own = getpid().as_raw_nonzero().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let (Some(pid), Ok(stat)) = (entry.file_name().to_str().and_then(number), fs::read_to_string(entry.path().join("stat")))
        else {
            continue;
        };
        // The name in parentheses may hold anything; state and parent follow its end.
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(1));
        if parent == Some(&own) {
            found.push(pid);
        }
    }
    Ok(found)
}

/// How the command ended, as it is reported.
pub(super) fn end_of(status: WaitStatus) -> End {
    let signal = || End::Signal(status.terminating_signal().unwrap_or_default());
    status.exit_status().map_or_else(signal, End::Status)
}
