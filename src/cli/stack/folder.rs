//! The directories of decisions: one each, named after its reaction, written whole or not at all.
#![expect(clippy::disallowed_methods, reason = "keeps what was decided where the user says")]

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure};
use super::args::Kept;
use super::{Context, input, refused};
use crate::evidence::sclite::layout::{REACTION, REACTION_MANIFEST};
use crate::evidence::sclite::{Bundle, ReactionChain};

/// What every name of a reaction begins with.
const PREFIX: &str = "reaction-";
/// Hex digits behind it.
const DIGITS: usize = 24;

/// The directory of one decision.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The directory of the reaction `id`. A name that is not of the form of one never becomes part of a path.
    ///
    /// # Errors
    /// It is no name of a reaction, or there is no state directory.
    pub(super) fn of(context: &Context<'_>, kept: &Kept, id: &str) -> Result<Self, Failure> {
        let digits = id.strip_prefix(PREFIX).unwrap_or_default();
        if digits.len() != DIGITS || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(refused(format!("reaction not found: {}", id.escape_debug()))
                .help(format!("a reaction is called {PREFIX} and {DIGITS} lower-case hex digits")));
        }
        let top = match &kept.reactions_dir {
            Some(top) => top.clone(),
            None => context.state_dir()?.join("reactions"),
        };
        Ok(Self { path: top.join(id) })
    }

    /// Whether the decision was made before.
    pub(super) fn is_there(&self) -> bool {
        self.path.is_dir()
    }

    /// Writes a chain. When somebody else has just written the same decision, theirs stays.
    ///
    /// # Errors
    /// [`Exit::Io`]
    pub(super) fn write(&self, chain: &ReactionChain) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::new(Exit::Io, format!("cannot write {}: {error}", self.path.display()));
        let (Some(top), Some(name)) = (self.path.parent(), self.path.file_name()) else {
            return Err(failed(io::ErrorKind::InvalidInput.into()));
        };
        DirBuilder::new().recursive(true).mode(0o700).create(top).map_err(failed)?;
        let building = top.join(format!(".{}.being-written-{}", name.to_string_lossy(), std::process::id()));
        let written = files(&building, chain).and_then(|()| fs::rename(&building, &self.path));
        if written.is_err() {
            // Nothing refers to it yet.
            let _ = fs::remove_dir_all(&building);
        }
        if self.is_there() { Ok(()) } else { written.map_err(failed) }
    }

    /// Reads the files of a chain, each within its bound; others are left alone.
    ///
    /// # Errors
    /// There is no such decision, or a file can not be read.
    pub(super) fn read(&self) -> Result<Bundle, Failure> {
        if !self.is_there() {
            let id = self.path.file_name().unwrap_or_default().to_string_lossy();
            let top = self.path.parent().unwrap_or(Path::new(".")).display();
            return Err(refused(format!("reaction not found: {id}")).help(format!("decisions are looked for in {top}")));
        }
        let mut bundle = Bundle::new(self.path.display().to_string());
        for name in REACTION.iter().map(|(_, name)| *name).chain([REACTION_MANIFEST]) {
            let path = self.path.join(name);
            if !path.is_file() {
                continue;
            }
            let bytes = input::bytes(&path)?;
            bundle.insert(name, bytes).map_err(|error| refused(error.to_string()))?;
        }
        Ok(bundle)
    }
}

fn files(building: &Path, chain: &ReactionChain) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(building)?;
    for (name, text) in chain.files() {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(building.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    Ok(())
}
