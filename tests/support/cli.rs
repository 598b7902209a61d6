//! The program as a user runs it, in a home of its own.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

/// A home directory with manifests and a state directory.
pub struct Home {
    pub dir: TempDir,
}

/// What a command ended with.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("manifests")).unwrap();
        Self { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// Writes a manifest file.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path("manifests").join(name), text).unwrap();
    }

    /// The program with nothing of the caller's environment, working in the home directory; killed after a minute.
    pub fn command(&self) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_tecrax"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.dir.path())
            .current_dir(self.dir.path())
            .timeout(Duration::from_mins(1));
        command
    }

    /// Runs the program on the home's state directory.
    pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Ended {
        ended(self.command().env("TECRAX_STATE_DIR", self.state()).args(arguments))
    }

    /// Runs a command line, split at spaces, on the home's state directory.
    pub fn tecrax(&self, line: &str) -> Ended {
        self.run(line.split(' '))
    }

    /// One pass with recorded readings allowed.
    pub fn once(&self) -> Ended {
        self.tecrax("reconcile --once --allow-fixtures manifests")
    }
}

/// Runs `command` to its end.
pub fn ended(command: &mut assert_cmd::Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ended {
        code: output.status.code().unwrap_or_else(|| panic!("killed: {:?}", output.status)),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Ended {
    /// Code and both streams, for snapshots.
    pub fn screen(&self) -> String {
        format!("exit code: {}\n----- stdout -----\n{}----- stderr -----\n{}", self.code, self.out, self.err)
    }
}

/// Replaces everything in a snapshot that differs from run to run; with `narrow` also the widths of columns that hold some of it.
pub fn settings(home: &Path, narrow: bool) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(&regex_escape(&home.display().to_string()), "[HOME]");
    settings.add_filter(r"\b[0-9a-f]{64}\b", "[DIGEST]");
    settings.add_filter(r"\b[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[UID]");
    settings.add_filter(r"\b[0-9a-f]{12}\b", "[SHORT]");
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]");
    settings.add_filter(r" in \d+\.\d\d s", " in [SECONDS] s");
    settings.add_filter(r"in \d+(h|d|s|m(\d+s)?)\b", "in [SPAN]");
    settings.add_filter(r"\b\d{1,3}s\b", "[AGE]");
    settings.add_filter(r"(?m)^(  read_\w+ +\w+ +\S+) +\d+ +", "$1   [MS]   ");
    settings.add_filter(r"checkpoint=\S+", "checkpoint=[TOKEN]");
    settings.add_filter(r"Log index: +\d+", "Log index: [INDEX]");
    if narrow {
        settings.add_filter(r" {3,}", "   ");
    }
    settings
}

fn regex_escape(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_alphanumeric() || c == '/' { vec![c] } else { vec!['\\', c] }).collect()
}
