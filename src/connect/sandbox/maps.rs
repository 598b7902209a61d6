//! Accounts inside a user namespace are the accounts outside: what a command sees of owners does not change.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write as _};

/// Every account number there is. Only a process of root outside the namespace may write this.
const ALL: &str = "0 0 4294967295";

/// Maps this account and group to themselves, for a process that has just made its own namespace and is not root.
pub(super) fn write_own(uid: u32, gid: u32) -> io::Result<()> {
    write("self", "uid_map", &format!("{uid} {uid} 1"))?;
    write("self", "setgroups", "deny")?;
    write("self", "gid_map", &format!("{gid} {gid} 1"))
}

/// The maps of another process. Once open they are its own, whoever gets its number later.
pub(super) struct Maps(File, File);

impl Maps {
    /// Those of the helper with this process number.
    pub(super) fn of(pid: u32) -> io::Result<Self> {
        Ok(Self(open(pid, "uid_map")?, open(pid, "gid_map")?))
    }

    /// Maps every account and group to itself.
    pub(super) fn write_all(self) -> io::Result<()> {
        let Self(mut accounts, mut groups) = self;
        accounts.write_all(ALL.as_bytes())?;
        groups.write_all(ALL.as_bytes())
    }
}

fn write(whose: impl Display, name: &str, text: &str) -> io::Result<()> {
    // One write: the kernel takes a map whole or not at all.
    open(whose, name)?.write_all(text.as_bytes())
}

#[expect(clippy::disallowed_methods, reason = "maps are written through files of /proc")]
fn open(whose: impl Display, name: &str) -> io::Result<File> {
    File::options().write(true).open(format!("/proc/{whose}/{name}"))
}
