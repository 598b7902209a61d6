//! The helper as tecrax talks to it: any command, shut in at a level.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The PATH of every local command.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Every account there is, mapped to itself.
const EVERYBODY: &str = "0 0 4294967295";

/// A helper that was started.
pub struct ShutIn {
    pub child: Child,
    pub control: UnixStream,
}

/// `program` with `argv`, as a command of a local connection is started without a sandbox.
pub fn plain(program: &Path, argv: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.arg0(argv[0]).args(&argv[1..]).stdin(Stdio::null()).process_group(0);
    as_local(&mut command);
    command
}

/// The helper `tecrax` with the order to shut `program` in.
pub fn order(tecrax: &str, level: &str, folder: &Path, program: &Path, argv: &[&str]) -> Command {
    let mut command = Command::new(tecrax);
    command.arg0("tecrax").args(["__sandbox", "run", level, "60"]).args([folder.as_os_str(), program.as_os_str()]);
    command.args(argv.iter().map(OsStr::new));
    as_local(&mut command);
    command.env("TMPDIR", folder).env("MIMALLOC_ARENA_RESERVE", "32M");
    command
}

fn as_local(command: &mut Command) {
    command.env_clear().env("PATH", PATH).env("LC_ALL", "C").current_dir("/");
}

impl ShutIn {
    pub fn start(mut order: Command) -> Self {
        let (control, theirs) = UnixStream::pair().unwrap();
        let child = order.stdin(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
        Self { child, control }
    }

    /// Writes maps when it is asked to, until the helper has ended. Answers its last line.
    pub fn listen(&mut self) -> String {
        let (mut told, mut some) = (String::new(), [0; 256]);
        loop {
            let count = self.control.read(&mut some).unwrap();
            if count == 0 {
                break;
            }
            told.push_str(std::str::from_utf8(&some[..count]).unwrap());
            if told == "maps\n" {
                told.clear();
                let written = ["uid_map", "gid_map"]
                    .iter()
                    .all(|map| std::fs::write(format!("/proc/{}/{map}", self.child.id()), EVERYBODY).is_ok());
                self.control.write_all(if written { b"+" } else { b"-" }).unwrap();
            }
        }
        self.child.wait().unwrap();
        told.trim_end().to_owned()
    }
}
