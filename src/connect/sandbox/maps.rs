//! Accounts inside a user namespace are the accounts outside: what a command sees of owners does not change.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Every account number there is. Only a process of root outside the namespace may write this.
const ALL: &str = "0 0 4294967295";

/// Maps this account and group to themselves, for a process that has just made its own namespace and is not root.
pub(super) fn write_own(uid: u32, gid: u32) -> io::Result<()> {
    write("self", "uid_map", &format!("{uid} {uid} 1"))?;
    write("self", "setgroups", "deny")?;
    write("self", "gid_map", &format!("{gid} {gid} 1"))
}

/// Maps every account and group to itself, for the helper with this process number.
pub(super) fn write_all(pid: u32) -> io::Result<()> {
    write(pid, "uid_map", ALL)?;
    write(pid, "gid_map", ALL)
}

#[expect(clippy::disallowed_methods, reason = "maps are written through files of /proc")]
fn write(whose: impl Display, name: &str, text: &str) -> io::Result<()> {
    // One write: the kernel takes a map whole or not at all.
    std::fs::File::options().write(true).open(format!("/proc/{whose}/{name}"))?.write_all(text.as_bytes())
}
