//! A command and how to shut it in, as the template is told: one message.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::refusal::Part;
use crate::api::SandboxLevel;

/// First argument of the template. The command line of a user never gets to see it: [`super::template`] is asked before.
pub(super) const WORD: &str = "__sandbox";
/// Second argument: wait for orders. Whose template it is follows, for people who look at lists of processes.
pub(super) const TEMPLATE: &str = "template";
/// Second argument: end at once; what a probe runs.
pub(super) const NOTHING: &str = "nothing";
/// Longest message, in bytes. No shape comes near it.
pub(super) const MAX_MESSAGE: usize = 64 * 1024;

/// A command and how to shut it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// The level to reach; less is a refusal.
    pub(super) level: SandboxLevel,
    /// What this machine is known to lack: the command may do without these parts, and without no other.
    pub(super) without: Vec<Part>,
    /// Seconds of processor time for each process.
    pub(super) cpu_seconds: u64,
    /// The one folder that may be written to.
    pub(super) folder: PathBuf,
    /// The executable.
    pub(super) path: CString,
    /// Its arguments, its own name first.
    pub(super) argv: Vec<CString>,
    /// Its environment, as `NAME=value`.
    pub(super) environment: Vec<CString>,
}

impl Order {
    /// An order for at most `timeout`; the command still has neither arguments nor an environment.
    ///
    /// # Errors
    /// The path has a zero byte.
    pub(super) fn new(level: SandboxLevel, timeout: Duration, folder: &Path, path: &Path) -> io::Result<Self> {
        Ok(Self {
            level,
            without: Vec::new(),
            cpu_seconds: timeout.as_secs().saturating_add(1),
            folder: folder.to_owned(),
            path: CString::new(path.as_os_str().as_bytes())?,
            argv: Vec::new(),
            environment: Vec::new(),
        })
    }

    /// The same for a machine that lacks these parts.
    pub(super) fn without(self, parts: Vec<Part>) -> Self {
        Self { without: parts, ..self }
    }

    /// With these arguments, its own name first.
    ///
    /// # Errors
    /// One of them has a zero byte.
    pub(super) fn with_arguments<'a>(mut self, argv: impl IntoIterator<Item = &'a str>) -> io::Result<Self> {
        self.argv = argv.into_iter().map(CString::new).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// With one more variable.
    ///
    /// # Errors
    /// It has a zero byte.
    pub(super) fn with_variable(mut self, name: &str, value: impl AsRef<OsStr>) -> io::Result<Self> {
        let line = [name.as_bytes(), b"=", value.as_ref().as_bytes()].concat();
        self.environment.push(CString::new(line)?);
        Ok(self)
    }

    /// The message that says so: words that each end with a zero byte. A count stands before the arguments; all that follows them is
    /// the environment.
    ///
    /// # Errors
    /// It would be longer than [`MAX_MESSAGE`] (`E2BIG`).
    pub(super) fn message(&self) -> io::Result<Vec<u8>> {
        let without: Vec<&str> = self.without.iter().map(|part| part.word()).collect();
        let head = [
            self.level.as_str().as_bytes(),
            without.join(" ").as_bytes(),
            self.cpu_seconds.to_string().as_bytes(),
            self.folder.as_os_str().as_bytes(),
            self.path.as_bytes(),
            self.argv.len().to_string().as_bytes(),
        ]
        .map(<[u8]>::to_vec);
        let tail = self.argv.iter().chain(&self.environment).map(|word| word.as_bytes().to_vec());
        let message: Vec<u8> = head.into_iter().chain(tail).flat_map(|word| [word, vec![0]].concat()).collect();
        if message.len() > MAX_MESSAGE { Err(rustix::io::Errno::TOOBIG.into()) } else { Ok(message) }
    }

    /// Reads a message.
    pub(super) fn parse(message: &[u8]) -> Option<Self> {
        let mut words = message.strip_suffix(&[0])?.split(|byte| *byte == 0);
        let text = |word: Option<&[u8]>| word.and_then(|word| str::from_utf8(word).ok()).map(str::to_owned);
        let path = |word: Option<&[u8]>| word.map(|word| PathBuf::from(OsStr::from_bytes(word)));
        let level = text(words.next())?;
        let level = SandboxLevel::ALL.into_iter().find(|known| level == known.as_str())?;
        let without = text(words.next())?.split_ascii_whitespace().map(Part::named).collect::<Option<_>>()?;
        let cpu_seconds = text(words.next())?.parse().ok()?;
        let folder = path(words.next()).filter(|path| path.is_absolute())?;
        let executable = CString::new(words.next()?).ok()?;
        let count: usize = text(words.next())?.parse().ok()?;
        let mut rest = words.map(CString::new).collect::<Result<Vec<_>, _>>().ok()?;
        if count == 0 || count > rest.len() {
            return None;
        }
        let environment = rest.split_off(count);
        Some(Self { level, without, cpu_seconds, folder, path: executable, argv: rest, environment })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]
#[allow(clippy::disallowed_methods, reason = "tests look at files")]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{MAX_MESSAGE, Order, Part};
    use crate::api::SandboxLevel;

    fn order(argv: &[&str]) -> Order {
        let order = Order::new(SandboxLevel::Full, Duration::from_millis(2500), Path::new("/state/7"), Path::new("/bin/df"));
        order.unwrap().with_arguments(argv.iter().copied()).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let order = order(&["df", "", "-P", "/"]);
        assert_eq!((order.cpu_seconds, order.argv.len()), (3, 4));
        for environment in [&[][..], &[("A", ""), ("B", "c=d")]] {
            let order = order.clone().without(vec![Part::Landlock, Part::Seccomp]);
            let order = environment.iter().fold(order, |order, (name, value)| order.with_variable(name, value).unwrap());
            assert_eq!(Order::parse(&order.message().unwrap()), Some(order));
        }
    }

    #[test]
    fn what_is_not_an_order_is_none() {
        let whole = order(&["df"]).message().unwrap();
        for length in 0..whole.len() {
            assert_eq!(Order::parse(&whole[..length]), None, "{length}");
        }
        for words in [
            &["full", "", "1", "/t", "/bin/df", "0"][..],
            &["full", "", "1", "/t", "/bin/df", "2", "df"],
            &["half", "", "1", "/t", "/bin/df", "1", "df"],
            &["full", "", "one", "/t", "/bin/df", "1", "df"],
            &["full", "", "1", "t", "/bin/df", "1", "df"],
            &["full", "moon", "1", "/t", "/bin/df", "1", "df"],
        ] {
            let message: String = words.iter().flat_map(|word| [*word, "\0"]).collect();
            assert_eq!(Order::parse(message.as_bytes()), None, "{words:?}");
        }
    }

    #[test]
    fn what_can_not_be_said_is_an_error() {
        let long = "x".repeat(MAX_MESSAGE);
        assert!(order(&["df", &long]).message().is_err());
        assert!(order(&["df"]).with_arguments(["a\0b"]).is_err());
        assert!(order(&["df"]).with_variable("A", "b\0c").is_err());
    }
}
