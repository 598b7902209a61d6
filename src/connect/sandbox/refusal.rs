//! Why a command could not be shut in, and whether that may pass.

use std::error::Error;
use std::fmt;
use std::io;

use rustix::io::Errno;

use crate::api::ErrorClass;
use crate::connect::Failure;

/// What to do where the machine was short of something.
const LATER: &str = "The next run tries again; look at memory, processes and limits of this machine if it stays.";
/// What to do where all namespaces were taken.
const NAMESPACES: &str = "The next run tries again; look at `user.max_user_namespaces`, `user.max_pid_namespaces` and \
    `user.max_ipc_namespaces` of this machine, and at who makes so many, if it stays.";
/// What to do where something ended what shuts commands in, or a command that does nothing.
const ENDED: &str = "The next run tries again; if it stays, look for what ends processes here: memory, or a filter of system calls that \
    kills. In a unit of systemd let `SystemCallFilter=` have `landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp \
    unshare`, and set `SystemCallErrorNumber=EPERM`.";
/// The machine is short of something at this moment, and says nothing of any other.
const SHORT: [Errno; 5] = [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE, Errno::INTR];
/// All of something are taken. A machine whose limit of namespaces is 0 says the same, so a probe looks at the limits.
const TAKEN: [Errno; 3] = [Errno::NOSPC, Errno::USERS, Errno::DQUOT];

/// Whether an error says that this machine is short of something at this moment.
pub(in crate::connect) fn is_short(error: &io::Error) -> bool {
    Errno::from_io_error(error).is_some_and(|error| SHORT.contains(&error))
}

/// What the machine refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connect) struct Refusal {
    /// The part of the sandbox.
    pub(in crate::connect) part: Part,
    /// The error number of the system; 0 where there is none.
    pub(in crate::connect) error: i32,
}

/// Parts of the sandbox that a machine may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connect) enum Part {
    /// User, PID and IPC namespaces.
    Namespaces,
    /// The read-only file system.
    Landlock,
    /// The filter of system calls.
    Seccomp,
    /// Limits, dropped powers, no new privileges.
    Limits,
    /// The helper itself.
    Helper,
    /// The order on its way to a template that was started.
    Template,
    /// The program that templates are.
    Program,
    /// The private folder.
    Folder,
    /// The order itself.
    Order,
}

impl Part {
    pub(super) const ALL: [Self; 9] = [
        Self::Namespaces,
        Self::Landlock,
        Self::Seccomp,
        Self::Limits,
        Self::Helper,
        Self::Template,
        Self::Program,
        Self::Folder,
        Self::Order,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
            Self::Limits => "limits",
            Self::Helper => "helper",
            Self::Template => "template",
            Self::Program => "program",
            Self::Folder => "folder",
            Self::Order => "order",
        }
    }

    /// The part with this word.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }

    /// What a person reads.
    const fn says(self, without_error: bool) -> &'static str {
        match self {
            Self::Namespaces => "this machine allows no user and PID namespaces",
            Self::Landlock if without_error => "this kernel has no Landlock",
            Self::Landlock => "the file system could not be made read-only by Landlock",
            Self::Seccomp if without_error => "this kernel has no filter of system calls",
            Self::Seccomp => "the filter of system calls could not be set",
            Self::Limits => "limits and privileges could not be lowered",
            Self::Helper => "there could be no helper of the sandbox",
            Self::Template => "the template of the sandbox did not take the order",
            Self::Program => "the template of the sandbox can not be started",
            Self::Folder => "the private folder could not be made",
            Self::Order => "the command can not be ordered",
        }
    }
}

impl Refusal {
    /// A part, and the error number that the system gave.
    pub(in crate::connect) const fn of(part: Part, error: i32) -> Self {
        Self { part, error }
    }

    /// The same for an error that may come from the system or from what wraps it.
    pub(super) fn because(part: Part, error: &(dyn Error + 'static)) -> Self {
        let mut causes = std::iter::successors(Some(error), |cause: &&'_ (dyn Error + 'static)| (*cause).source());
        let code = causes.find_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error());
        Self::of(part, code.unwrap_or_default())
    }

    /// What the system said.
    fn cause(self) -> io::Error {
        io::Error::from_raw_os_error(self.error)
    }

    /// Whether the machine was short of something at that moment.
    pub(super) fn is_short(self) -> bool {
        is_short(&self.cause())
    }

    /// Whether there was no room for another namespace: for good, or because all were taken.
    pub(super) fn is_about_room(self) -> bool {
        self.part == Part::Namespaces && self.is_taken()
    }

    fn is_taken(self) -> bool {
        Errno::from_io_error(&self.cause()).is_some_and(|error| TAKEN.contains(&error))
    }

    /// Whether it may pass by itself. The next template may do better than one that did not take the order.
    pub(in crate::connect) fn may_pass(self) -> bool {
        self.is_short() || self.is_taken() || self.part == Part::Template
    }

    /// The failure of a reading that came to nothing because of it.
    pub(in crate::connect) fn failure(self, message: impl Into<String>) -> Failure {
        if self.is_about_room() {
            of_the_moment(message).next_step(NAMESPACES)
        } else if self.may_pass() {
            of_the_moment(message).because(&self.cause())
        } else {
            Failure::new(ErrorClass::NotConfined, message)
        }
    }
}

/// The failure of a reading that says nothing of its Target, nor of what this machine can do.
pub(in crate::connect) fn of_the_moment(message: impl Into<String>) -> Failure {
    Failure::new(ErrorClass::Transient, message).next_step(LATER)
}

/// The same where something ended what was to say it.
pub(super) fn ended(message: impl Into<String>) -> Failure {
    of_the_moment(message).next_step(ENDED)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part.says(self.error == 0))?;
        if self.error == 0 {
            return Ok(());
        }
        write!(f, " ({})", self.cause())
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::{Part, Refusal};
    use crate::api::ErrorClass;

    /// Whoever meets a shortage, and wherever: people are called for what stays.
    #[test]
    fn one_shortage_has_one_class_whatever_part_met_it() {
        for part in Part::ALL {
            for error in [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE, Errno::NOSPC] {
                let failure = Refusal::of(part, error.raw_os_error()).failure("m");
                assert_eq!((failure.class, failure.transient), (ErrorClass::Transient, true), "{part:?} {error}");
            }
            let failure = Refusal::of(part, Errno::PERM.raw_os_error()).failure("m");
            let stays = part != Part::Template;
            assert_eq!((failure.class == ErrorClass::NotConfined, failure.transient), (stays, !stays), "{part:?}");
        }
    }
}
