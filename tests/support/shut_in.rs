//! The template as tecrax talks to it: any command, shut in at a level.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs::File;
use std::io::{IoSlice, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, sendmsg, socketpair,
};

/// The PATH of every local command.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Every account there is, mapped to itself.
const EVERYBODY: &str = "0 0 4294967295";

/// A template that was started.
pub struct Template {
    pub child: Child,
    socket: OwnedFd,
}

/// A command that was ordered.
pub struct ShutIn {
    pub control: UnixStream,
    /// The helper's process number, once it has said so.
    pub helper: Option<u32>,
    told: String,
}

/// `program` with `argv`, as a command of a local connection is started without a sandbox.
pub fn plain(program: &Path, argv: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.arg0(argv[0]).args(&argv[1..]).stdin(Stdio::null()).process_group(0);
    command.env_clear().env("PATH", PATH).env("LC_ALL", "C").current_dir("/");
    command
}

/// The template `tecrax`, before it is started.
pub fn template(tecrax: &str) -> Command {
    let mut command = Command::new(tecrax);
    command.arg0("tecrax").args(["__sandbox", "template", "/"]).env_clear().env("MIMALLOC_ARENA_RESERVE", "32M");
    command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Template {
    pub fn start(mut command: Command) -> Self {
        let (socket, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
        let child = command.stdin(theirs).spawn().unwrap();
        Self { child, socket }
    }

    /// Orders `program` with `argv`, which writes to `out` and `err`.
    pub fn order(&self, level: &str, folder: &Path, program: &Path, argv: &[&str], streams: [&File; 2]) -> ShutIn {
        self.order_without("", level, folder, program, argv, streams)
    }

    /// The same for a machine that is known to lack these parts.
    pub fn order_without(
        &self,
        parts: &str,
        level: &str,
        folder: &Path,
        program: &Path,
        argv: &[&str],
        [out, err]: [&File; 2],
    ) -> ShutIn {
        let folder = folder.to_str().unwrap();
        let (count, temporary, path) = (argv.len().to_string(), format!("TMPDIR={folder}"), format!("PATH={PATH}"));
        let head = [level, parts, "60", folder, program.to_str().unwrap(), &count];
        let words = head.iter().chain(argv).copied().chain([temporary.as_str(), &path, "LC_ALL=C"]);
        let message: String = words.flat_map(|word| [word, "\0"]).collect();
        self.send(message.as_bytes(), [out, err])
    }

    /// Sends these bytes as an order.
    pub fn send(&self, message: &[u8], [out, err]: [&File; 2]) -> ShutIn {
        let (control, theirs) = UnixStream::pair().unwrap();
        let given = [out.as_fd(), err.as_fd(), theirs.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut rights = SendAncillaryBuffer::new(&mut space);
        assert!(rights.push(SendAncillaryMessage::ScmRights(&given)));
        sendmsg(&self.socket, &[IoSlice::new(message)], &mut rights, SendFlags::NOSIGNAL).unwrap();
        ShutIn { control, helper: None, told: String::new() }
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl ShutIn {
    /// Listens for who the helper is, and writes its maps when it is asked to.
    pub fn meet(&mut self) {
        while self.helper.is_none() && self.hear() {}
    }

    /// Listens until the helper has said how it went, or has ended. Answers that line.
    pub fn listen(&mut self) -> String {
        while !self.told.ends_with('\n') && self.hear() {}
        self.told.trim_end().to_owned()
    }

    /// Waits until the helper has ended.
    pub fn bury(mut self) {
        while self.hear() {}
    }

    fn hear(&mut self) -> bool {
        let mut some = [0; 256];
        let count = self.control.read(&mut some).unwrap();
        self.told.push_str(std::str::from_utf8(&some[..count]).unwrap());
        let who = self.told.split_once('\n').and_then(|(line, rest)| Some((line.split_once(' ')?, rest)));
        if let Some(((what @ ("here" | "maps"), pid), rest)) = who {
            let (what, pid, rest) = (what.to_owned(), pid.parse().unwrap(), rest.to_owned());
            self.told = rest;
            self.helper = Some(pid);
            if what == "maps" {
                let write = |map: &&str| std::fs::write(format!("/proc/{pid}/{map}"), EVERYBODY).is_ok();
                let answer = if ["uid_map", "gid_map"].iter().all(write) { b"+" } else { b"-" };
                self.control.write_all(answer).unwrap();
            }
        }
        count > 0
    }
}
