//! Starts the command: signals as they are at first, except one, and nothing inherited but the two streams it writes to.

use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd as _, BorrowedFd};

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::Pid;

/// Starts it in a process group of its own, with these standard streams. An error is that of making the process or of executing the
/// program.
///
/// SIGXFSZ is held back, so that writing beyond the bound is an error like any other and not a death; all other signals are as a
/// login would find them.
pub(super) fn spawn(
    path: &CStr,
    argv: &[CString],
    environment: &[CString],
    streams: [BorrowedFd<'_>; 3],
) -> nix::Result<rustix::process::Pid> {
    let mut actions = PosixSpawnFileActions::init()?;
    for (stream, number) in streams.iter().zip(0..) {
        actions.add_dup2(stream.as_raw_fd(), number)?;
    }
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_pgroup(Pid::from_raw(0))?;
    let mut defaults = SigSet::all();
    defaults.remove(Signal::SIGKILL);
    defaults.remove(Signal::SIGSTOP);
    attributes.set_sigdefault(&defaults)?;
    let mut held = SigSet::empty();
    held.add(Signal::SIGXFSZ);
    attributes.set_sigmask(&held)?;
    attributes.set_flags(
        PosixSpawnFlags::POSIX_SPAWN_SETPGROUP | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK,
    )?;
    let pid = posix_spawn(path, &actions, &attributes, argv, environment)?;
    rustix::process::Pid::from_raw(pid.as_raw()).ok_or(nix::Error::ESRCH)
}
