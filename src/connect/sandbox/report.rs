//! What the helper says last over the socket between it and tecrax: one line of ASCII.

use std::fmt;
use std::io;

use rustix::io::Errno;

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connect) enum End {
    /// The command ended with this exit status.
    Status(i32),
    /// A signal ended it.
    Signal(i32),
    /// It had started more processes than it may, and was ended with all of them.
    Crowded,
    /// The command could not be started: the error number of the system.
    NotStarted(i32),
    /// It was not started, because the machine would not shut it in.
    Refused(Refusal),
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
    /// What makes helpers.
    Template,
}

impl Part {
    const ALL: [Self; 6] = [Self::Namespaces, Self::Landlock, Self::Seccomp, Self::Limits, Self::Helper, Self::Template];

    const fn word(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
            Self::Limits => "limits",
            Self::Helper => "helper",
            Self::Template => "template",
        }
    }

    /// What a person reads.
    const fn says(self) -> &'static str {
        match self {
            Self::Namespaces => "this machine allows no user and PID namespaces",
            Self::Landlock => "this kernel has no Landlock",
            Self::Seccomp => "this kernel has no filter of system calls",
            Self::Limits => "limits and privileges could not be lowered",
            Self::Helper => "the helper of the sandbox did not answer",
            Self::Template => "the template of the sandbox did not take the order",
        }
    }
}

impl Refusal {
    pub(super) const fn of(part: Part, error: i32) -> Self {
        Self { part, error }
    }

    /// What the system said.
    pub(in crate::connect) fn cause(self) -> io::Error {
        io::Error::from_raw_os_error(self.error)
    }

    /// Whether the machine was short of something at that moment, so that it tells nothing of any other.
    pub(super) fn is_short(self) -> bool {
        [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE, Errno::INTR]
            .iter()
            .any(|error| error.raw_os_error() == self.error)
    }

    /// Whether it may pass by itself: the next template will do better. A machine whose limit of namespaces is 0 says what one says whose
    /// namespaces are all taken.
    pub(in crate::connect) fn may_pass(self) -> bool {
        self.is_short()
            || self.part == Part::Template
            || [Errno::NOSPC, Errno::USERS].iter().any(|error| error.raw_os_error() == self.error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part.says())?;
        if self.error == 0 {
            return Ok(());
        }
        write!(f, " ({})", self.cause())
    }
}

/// The last line: how it went, and what the machine lacked at level `basic`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) end: End,
    pub(super) lacking: Vec<Part>,
}

impl Report {
    /// The line, with its end.
    pub(super) fn line(&self) -> String {
        let mut line = match self.end {
            End::Status(status) => format!("status {status}"),
            End::Signal(signal) => format!("signal {signal}"),
            End::Crowded => "crowded 0".to_owned(),
            End::NotStarted(error) => format!("not-started {error}"),
            End::Refused(Refusal { part, error }) => format!("refused-{} {error}", part.word()),
        };
        for part in &self.lacking {
            line.push(' ');
            line.push_str(part.word());
        }
        line.push('\n');
        line
    }

    /// Reads a line without its end.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let kind = words.next()?;
        let number: i32 = words.next()?.parse().ok()?;
        let part = |word: &str| Part::ALL.into_iter().find(|part| part.word() == word);
        let end = match kind {
            "status" => End::Status(number),
            "signal" => End::Signal(number),
            "crowded" => End::Crowded,
            "not-started" => End::NotStarted(number),
            other => End::Refused(Refusal::of(part(other.strip_prefix("refused-")?)?, number)),
        };
        Some(Self { end, lacking: words.map(part).collect::<Option<_>>()? })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]
#[allow(clippy::disallowed_methods, reason = "tests look at files")]
mod tests {
    use super::{End, Part, Refusal, Report};

    #[test]
    fn what_is_said_is_read() {
        let refusals = Part::ALL.map(|part| End::Refused(Refusal::of(part, 13)));
        let ends = [End::Status(127), End::Signal(9), End::Crowded, End::NotStarted(2)].into_iter().chain(refusals);
        for end in ends {
            for lacking in [vec![], vec![Part::Landlock, Part::Seccomp]] {
                let report = Report { end, lacking };
                let line = report.line();
                assert!(line.len() < super::super::told::MAX_LINE, "{line}");
                assert_eq!(Report::read(line.strip_suffix('\n').unwrap()), Some(report));
            }
        }
    }

    #[test]
    fn what_nobody_says_is_refused() {
        for line in ["", "status", "status x", "status 1 moon", "refused-moon 1", "maps"] {
            assert_eq!(Report::read(line), None, "{line}");
        }
    }
}
