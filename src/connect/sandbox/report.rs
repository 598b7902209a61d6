//! What the helper says last over the socket between it and tecrax: one line of ASCII.

use super::refusal::{Part, Refusal};

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connect) enum End {
    /// The command ended with this exit status.
    Status(i32),
    /// A signal ended it.
    Signal(i32),
    /// It had started more processes than it may, and was ended with all of them.
    Crowded,
    /// Something ended the first process of its PID namespace, and it with that.
    CutOff,
    /// The command could not be started: the error number of the system.
    NotStarted(i32),
    /// It was not started, because the machine would not shut it in.
    Refused(Refusal),
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
            End::CutOff => "cut-off 0".to_owned(),
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
        let end = match kind {
            "status" => End::Status(number),
            "signal" => End::Signal(number),
            "crowded" => End::Crowded,
            "cut-off" => End::CutOff,
            "not-started" => End::NotStarted(number),
            other => End::Refused(Refusal::of(Part::named(other.strip_prefix("refused-")?)?, number)),
        };
        Some(Self { end, lacking: words.map(Part::named).collect::<Option<_>>()? })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what does not hold fails the test")]
mod tests {
    use super::{End, Part, Refusal, Report};

    #[test]
    fn what_is_said_is_read() {
        let refusals = Part::ALL.map(|part| End::Refused(Refusal::of(part, 13)));
        let ends = [End::Status(127), End::Signal(9), End::Crowded, End::CutOff, End::NotStarted(2)].into_iter().chain(refusals);
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
