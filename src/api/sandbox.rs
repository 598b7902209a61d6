//! How far a local command was shut in.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// What stood between a command on this machine and the machine. Ordered: a higher level holds everything of the lower ones.
/// Written in lower case in evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SandboxLevel {
    /// A cleared environment and a process group of its own; nothing more.
    None,
    /// Limits, no new privileges, a read-only file system and refused system calls where the kernel has Landlock and seccomp, and a
    /// subreaper that ends what stays.
    Basic,
    /// All of it without exception, and user, PID and IPC namespaces: nothing outlives the command or reaches other processes.
    Full,
}

impl SandboxLevel {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::None, Self::Basic, Self::Full];

    /// The word in evidence and policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "basic",
            Self::Full => "full",
        }
    }
}

/// The level that commands may hope for on this machine: the highest until it is known. Clones share what becomes known.
#[derive(Debug, Clone, Default)]
pub struct Available(Arc<OnceLock<SandboxLevel>>);

impl Available {
    /// It is known from here on. Only the first word counts.
    pub fn become_known(&self, level: SandboxLevel) {
        let _ = self.0.set(level);
    }

    /// The level, as far as it is known at this moment.
    pub fn level(&self) -> SandboxLevel {
        self.0.get().copied().unwrap_or(SandboxLevel::Full)
    }
}

impl From<SandboxLevel> for Available {
    fn from(level: SandboxLevel) -> Self {
        let known = Self::default();
        known.become_known(level);
        known
    }
}
