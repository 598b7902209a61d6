//! What the helper is told on its command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::SandboxLevel;

/// First argument of the helper. The command line of a user never gets to see it: [`super::helper`] is asked before.
pub(super) const WORD: &str = "__sandbox";
/// Second argument: shut yourself in and run a command.
pub(super) const RUN: &str = "run";
/// Second argument: end at once; what a probe runs.
pub(super) const NOTHING: &str = "nothing";

/// A command and how to shut it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// The level to reach; less is a refusal.
    pub(super) level: SandboxLevel,
    /// Seconds of processor time for each process.
    pub(super) cpu_seconds: u64,
    /// The one folder that may be written to.
    pub(super) folder: PathBuf,
    /// The executable.
    pub(super) path: PathBuf,
    /// Its arguments, its own name first.
    pub(super) argv: Vec<OsString>,
}

impl Order {
    /// The arguments that say so, after the program's name.
    pub(super) fn words(level: SandboxLevel, timeout: Duration, folder: &Path, path: &Path) -> [OsString; 6] {
        let cpu_seconds = timeout.as_secs().saturating_add(1);
        [
            WORD.into(),
            RUN.into(),
            level.as_str().into(),
            cpu_seconds.to_string().into(),
            folder.as_os_str().to_owned(),
            path.as_os_str().to_owned(),
        ]
    }

    /// Reads what follows [`RUN`]; the command's own arguments come last.
    pub(super) fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let level = words.next()?;
        let level = SandboxLevel::ALL.into_iter().find(|known| level == known.as_str())?;
        let cpu_seconds = words.next()?.to_str()?.parse().ok()?;
        let folder = words.next().map(PathBuf::from).filter(|path| path.is_absolute())?;
        let path = words.next().map(PathBuf::from)?;
        let argv: Vec<OsString> = words.collect();
        (!argv.is_empty()).then_some(Self { level, cpu_seconds, folder, path, argv })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]
#[allow(clippy::disallowed_methods, reason = "tests look at files")]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;
    use std::time::Duration;

    use super::Order;
    use crate::api::SandboxLevel;

    #[test]
    fn what_is_written_is_read() {
        let words = Order::words(SandboxLevel::Full, Duration::from_millis(2500), Path::new("/state/7"), Path::new("/bin/df"));
        let argv = ["df", "-P", "/"].map(OsString::from);
        let order = Order::parse(words.into_iter().skip(2).chain(argv.clone())).unwrap();
        let expected = Order {
            level: SandboxLevel::Full,
            cpu_seconds: 3,
            folder: "/state/7".into(),
            path: "/bin/df".into(),
            argv: argv.to_vec(),
        };
        assert_eq!(order, expected);
    }

    #[test]
    fn what_is_not_an_order_is_none() {
        for words in [&[][..], &["full"], &["full", "1", "/t", "/bin/df"], &["half", "1", "/t", "/bin/df", "df"]] {
            assert_eq!(Order::parse(words.iter().map(OsString::from)), None, "{words:?}");
        }
        let relative = ["full", "1", "t", "/bin/df", "df"];
        assert_eq!(Order::parse(relative.into_iter().map(OsString::from)), None);
    }
}
