//! A helper as it named itself. It is a child of the template, so its process number may be somebody else's as soon as it has ended.
//!
//! Nobody but the helper holds the other end of its control socket, and it holds it until it ends. What is opened under its number while
//! that end is held is therefore the helper's: first it is opened, then the socket is looked at, and only then it is used.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};

use super::maps::Maps;
use super::refusal::is_short;
use super::told::{NO, SHORT, WITHOUT_FILES, YES};
use crate::http::no_files;

/// The number that a helper gave as its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HelperId(pub(super) u32);

impl HelperId {
    /// Writes the maps of its namespace, and says whether that went well.
    pub(super) fn answer(self, control: impl AsFd) -> u8 {
        let written =
            Maps::of(self.0).and_then(|maps| if is_over(control.as_fd()) { Ok(NO) } else { maps.write_all().map(|()| YES) });
        written.unwrap_or_else(|error| match error {
            error if no_files(&error) => WITHOUT_FILES,
            error if is_short(&error) => SHORT,
            _ => NO,
        })
    }

    /// Ends it, if it has not ended yet.
    pub(super) fn kill(self, control: impl AsFd) {
        let Some(pid) = i32::try_from(self.0).ok().and_then(Pid::from_raw) else { return };
        let handle = pidfd_open(pid, PidfdFlags::empty());
        if is_over(control.as_fd()) {
            return;
        }
        // Kernels before Linux 5.3 have no descriptors of processes.
        let _ = handle.map_or_else(|_| kill_process(pid, Signal::KILL), |handle| pidfd_send_signal(handle, Signal::KILL));
    }
}

/// Whether nobody holds the other end of a socket any more, or has let go of it.
pub(super) fn is_over(socket: BorrowedFd<'_>) -> bool {
    let mut ends = [PollFd::from_borrowed_fd(socket, PollFlags::RDHUP)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut ends, Some(&now)).is_ok() && ends.iter().any(|end| end.revents().intersects(PollFlags::HUP | PollFlags::RDHUP))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what does not hold fails the test")]
#[allow(clippy::disallowed_methods, reason = "the test starts a program")]
mod tests {
    use std::os::fd::{AsFd as _, OwnedFd};
    use std::os::unix::net::UnixStream;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};

    use super::{HelperId, is_over};

    #[test]
    fn a_number_is_worth_nothing_once_the_helper_has_let_go() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut sleep = Command::new("/bin/sleep");
        let mut helper = sleep.arg("60").stdin(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
        drop(sleep);
        // Somebody else got the number of one that has gone.
        let (gone, _) = UnixStream::pair().unwrap();
        HelperId(helper.id()).kill(&gone);
        assert_eq!(HelperId(helper.id()).answer(&gone), super::NO);
        assert!(helper.try_wait().unwrap().is_none());
        assert!(!is_over(ours.as_fd()));
        HelperId(helper.id()).kill(&ours);
        assert_eq!(helper.wait().unwrap().signal(), Some(9));
        assert!(is_over(ours.as_fd()));
    }
}
