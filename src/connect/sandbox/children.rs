//! The template's helpers: asked how they ended as soon as they have.

use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, WaitOptions, pidfd_open, wait};

/// How often children are looked at on kernels without descriptors of processes (before Linux 5.3).
const BETWEEN_LOOKS: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Those that live.
#[derive(Default)]
pub(super) struct Children(Vec<(Pid, Option<OwnedFd>)>);

impl Children {
    /// A child with this process number, as it was just made.
    pub(super) fn add(&mut self, child: i32) {
        let child = Pid::from_raw(child).into_iter();
        self.0.extend(child.map(|child| (child, pidfd_open(child, PidfdFlags::empty()).ok())));
    }

    /// Waits until there is something to read from `socket`, or a child has ended; answers the first. For as long as neither happens,
    /// this process does nothing at all.
    pub(super) fn wait(&self, socket: impl AsFd) -> bool {
        let socket = socket.as_fd();
        let handles = self.0.iter().filter_map(|(_, handle)| handle.as_ref());
        let mut ends: Vec<PollFd<'_>> = std::iter::once(PollFd::from_borrowed_fd(socket, PollFlags::IN))
            .chain(handles.map(|handle| PollFd::new(handle, PollFlags::IN)))
            .collect();
        let longest = self.0.iter().any(|(_, handle)| handle.is_none()).then_some(&BETWEEN_LOOKS);
        poll(&mut ends, longest).is_ok() && ends.first().is_some_and(|end| !end.revents().is_empty())
    }

    /// Lets go of those that have ended.
    pub(super) fn reap(&mut self) {
        while let Ok(Some((ended, _))) = wait(WaitOptions::NOHANG) {
            self.0.retain(|(child, _)| *child != ended);
        }
    }
}
