//! Running `git`: fixed words, cleared environment, bounded time and output.
#![expect(clippy::disallowed_methods, reason = "asks git two fixed questions")]

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Time for one command.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of one command's output.
const MAX_OUTPUT: u64 = 64 * 1024 * 1024;
/// Where `git` is looked for: never in the working directory, whatever the caller's PATH says.
const SEARCH_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/run/current-system/sw/bin";

/// `git` in one work tree.
pub(super) struct Git<'a> {
    top: &'a Path,
}

impl<'a> Git<'a> {
    /// For the work tree whose top directory holds `.git`.
    pub const fn new(top: &'a Path) -> Self {
        Self { top }
    }

    /// Runs one command: its output, `None` when it failed, or why it could not run.
    pub fn run(&self, arguments: &[&OsStr]) -> Result<Option<Vec<u8>>, String> {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(self.top)
            // A daemon may read what another user owns; nothing that this command line reads can run a program.
            .arg("-c")
            .arg(joined("safe.directory=", self.top))
            .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"])
            .args(arguments)
            .env_clear()
            .env("PATH", SEARCH_PATH)
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CEILING_DIRECTORIES", self.top.parent().unwrap_or(self.top))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|_| "git can not be run")?;
        let (sender, receiver) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut output = Vec::new();
                let read = stdout.take(MAX_OUTPUT + 1).read_to_end(&mut output);
                // Nobody listens any more after the time-out.
                let _ = sender.send(read.map(|_| output));
            });
        }
        let output = receiver.recv_timeout(TIMEOUT);
        let bounded = matches!(&output, Ok(Ok(output)) if output.len() as u64 <= MAX_OUTPUT);
        if !bounded {
            // The child may have ended by itself; then there is nothing to end.
            let _ = child.kill();
        }
        let status = child.wait().map_err(|_| "git can not be waited for")?;
        match output {
            Ok(Ok(output)) if bounded => Ok(status.success().then_some(output)),
            Ok(Ok(_)) => Err("git lists too many files".into()),
            Ok(Err(_)) => Err("git's output can not be read".into()),
            Err(_) => Err(format!("git did not answer within {} seconds", TIMEOUT.as_secs())),
        }
    }
}

fn joined(prefix: &str, path: &Path) -> OsString {
    let mut word = OsString::from(prefix);
    word.push(path);
    word
}
