//! Starts a program as the helper starts it: signals as they are at first, except one, and nothing inherited.

use std::ffi::CString;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::Pid;

/// Standard streams that replace the helper's own.
pub(super) struct Streams<'f> {
    pub(super) input: BorrowedFd<'f>,
    /// Output and errors; the helper's own when `None`.
    pub(super) output: Option<BorrowedFd<'f>>,
}

/// Starts it in a process group of its own. An error is that of making the process or of executing the program.
///
/// SIGXFSZ is held back, so that writing beyond the bound is an error like any other and not a death; all other signals are as a
/// login would find them.
pub(super) fn spawn(
    path: &Path,
    argv: &[CString],
    environment: &[CString],
    streams: &Streams<'_>,
) -> nix::Result<rustix::process::Pid> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| nix::Error::EINVAL)?;
    let mut actions = PosixSpawnFileActions::init()?;
    actions.add_dup2(streams.input.as_raw_fd(), 0)?;
    if let Some(output) = streams.output {
        actions.add_dup2(output.as_raw_fd(), 1)?;
        actions.add_dup2(output.as_raw_fd(), 2)?;
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
    let pid = posix_spawn(path.as_c_str(), &actions, &attributes, argv, environment)?;
    rustix::process::Pid::from_raw(pid.as_raw()).ok_or(nix::Error::ESRCH)
}
