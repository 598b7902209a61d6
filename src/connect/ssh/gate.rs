//! What a target needs to hold the closed list by itself: a line of `authorized_keys` and a script that knows every command.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use russh::keys::PublicKey;
use russh::keys::ssh_key::Algorithm;

use super::command::{quote, remote_command};
use crate::api::Digest;

/// Exit status of a refusal: POSIX's "found, but can not be executed".
const REFUSED: u8 = 126;
/// Longest public key file, in bytes.
pub const MAX_PUBLIC_KEY: usize = 16 * 1024;

/// The commands that a target permits to one login, and where its script lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    target: String,
    path: String,
    commands: BTreeSet<String>,
}

impl Gate {
    /// A gate of `target`, named for people, whose script will be `path` on the target, for these argvs in any order; twice is once.
    ///
    /// `None` when `path` is not absolute or holds anything but ASCII letters, digits and `/ . _ + @ -`: it stands inside two
    /// kinds of quotes and is read by a shell.
    pub fn new<'a>(target: &str, path: &str, argvs: impl IntoIterator<Item = &'a [String]>) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._+@-".contains(&byte);
        let target = target.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let commands = argvs.into_iter().map(remote_command).collect();
        (path.starts_with('/') && !path.ends_with('/') && path.bytes().all(plain)).then(|| Self {
            target,
            path: path.to_owned(),
            commands,
        })
    }

    /// How many commands are permitted.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether nothing is permitted.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Digest of the permitted commands: two scripts with the same one permit the same.
    pub fn digest(&self) -> Digest {
        Digest::of_parts(self.commands.iter().map(String::as_bytes))
    }

    /// The script, for any POSIX shell: it compares `$SSH_ORIGINAL_COMMAND` as a string with each command and, where one is the
    /// same, becomes the program of that command, which stands in the script itself. Whatever was asked is never expanded, split,
    /// evaluated, printed or handed on; anything else ends with 126 and one line on standard error.
    ///
    /// Not `case`: its patterns are matched by rules that a locale and options of the shell may change. The `x` in front keeps
    /// old shells from taking a word for an operator.
    pub fn script(&self) -> String {
        let Self { target, path, commands } = self;
        let (number, digest) = (commands.len(), self.digest());
        let refusal = quote(&format!(
            "tecrax gate of {target}: this command is not on the list; `tecrax ssh forced-command` writes a new one"
        ));
        let mut script = format!(
            "#!/bin/sh\n\
             # tecrax gate of {target}: the commands that a login may run, {number} in all, and nothing else.\n\
             # Written by `tecrax ssh forced-command`; do not edit. List: {digest}\n\
             # Install: install -D -o root -g root -m 755 FILE {path}\n\
             \n\
             is() {{ [ \"x${{SSH_ORIGINAL_COMMAND-}}\" = \"x$1\" ]; }}\n\
             \n"
        );
        for command in commands {
            // The command is what a shell reads as its argv: it was quoted for that.
            let _ = writeln!(script, "is {} && exec {command}", quote_always(command));
        }
        let _ = write!(script, "\nprintf '%s\\n' {refusal} >&2\nexit {REFUSED}\n");
        script
    }

    /// The line of `authorized_keys` for `key`, as [`public_key`] gives it: no terminal, no forwarding of any kind, no rc file, and
    /// the script in place of whatever is asked for.
    pub fn line(&self, key: &str) -> String {
        format!("restrict,command=\"{}\" {key}", self.path)
    }
}

/// In single quotes, needed or not: all lines of the script look alike.
fn quote_always(text: &str) -> String {
    let quoted = quote(text);
    if quoted.starts_with('\'') { quoted } else { format!("'{quoted}'") }
}

/// Type and Base64 of the one key that the text of a `.pub` file holds, without its comment; `None` when it holds none, several, a
/// certificate, or options in front of the key.
pub fn public_key(text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let mut key = PublicKey::from_openssh(line).ok()?;
    if matches!(key.algorithm(), Algorithm::Other(_)) {
        return None;
    }
    key.set_comment("");
    Some(key.to_openssh().ok()?.trim().to_owned())
}
