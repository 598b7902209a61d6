//! A file system that can only be read, but for one folder.

use std::error::Error;
use std::io::ErrorKind;
use std::path::Path;

use landlock::{
    ABI, AccessFs, BitFlags, LandlockStatus, PathBeneath, PathFd, PathFdError, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, Scope, make_bitflags,
};

use super::refusal::{Part, Refusal};

/// Devices that swallow or tell nothing.
const DEVICES: [&str; 3] = ["/dev/null", "/dev/zero", "/dev/full"];
/// The newest rules that are known to leave the sockets of the system bus alone.
const NEWEST: ABI = ABI::V8;

/// How much of the file system Landlock holds on this kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing: there is no Landlock.
    Nothing,
    /// All but emptying a file without opening it for writing (before Linux 6.2).
    ButTruncation,
    /// All that changes contents and names.
    All,
}

/// Takes from this process, and from whatever it starts, the right to change files outside `folder`, to signal processes outside,
/// and to reach abstract sockets outside. Reading and running stay as they are.
///
/// # Errors
/// The kernel has Landlock, and it could not be set up.
pub(super) fn shut(folder: &Path) -> Result<Held, Refusal> {
    restrict(folder).map_err(|error| Refusal::because(Part::Landlock, &*error))
}

fn restrict(folder: &Path) -> Result<Held, Box<dyn Error>> {
    let changes = AccessFs::from_write(NEWEST);
    let rules = Ruleset::default().handle_access(changes)?.scope(Scope::Signal | Scope::AbstractUnixSocket)?.create()?;
    let mut rules = allow(rules, folder, changes)?;
    let device = make_bitflags!(AccessFs::{WriteFile | Truncate | IoctlDev});
    for path in DEVICES {
        rules = allow(rules, Path::new(path), device)?;
    }
    let status = rules.restrict_self()?;
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, .. } if effective_abi < ABI::V3 => Held::ButTruncation,
        LandlockStatus::Available { .. } => Held::All,
        _ => Held::Nothing,
    })
}

/// A path that is not there needs no rule.
fn allow(rules: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> Result<RulesetCreated, Box<dyn Error>> {
    match PathFd::new(path) {
        Ok(opened) => Ok(rules.add_rule(PathBeneath::new(opened, access))?),
        Err(PathFdError::OpenCall { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(rules),
        Err(error) => Err(error.into()),
    }
}
