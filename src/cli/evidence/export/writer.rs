//! A directory that appears whole or not at all.
#![expect(clippy::disallowed_methods, reason = "the user asked for a directory of files")]

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::super::super::exit::{Exit, Failure};
use super::super::layout::SUMS;
use super::super::sums;
use crate::api::Digest;

/// A directory under construction: beside its later place, under another name. Dropped before its end, it is removed.
#[derive(Debug)]
pub struct Writer {
    place: PathBuf,
    building: PathBuf,
    files: Vec<(String, Digest)>,
    done: bool,
}

impl Writer {
    /// Begins the directory `place`.
    ///
    /// # Errors
    /// [`Exit::Config`] when something is there already, [`Exit::Io`] when it can not be made.
    pub fn begin(place: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::new(Exit::Io, format!("cannot make {}: {error}", place.display()));
        match fs::read_dir(place).map(|mut entries| entries.next().is_some()) {
            Ok(true) => {
                return Err(Failure::new(Exit::Config, format!("{} is not empty", place.display()))
                    .help("name a new directory: an export is written whole and never changed"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(Failure::new(Exit::Config, format!("{} is no directory", place.display())));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // With `a/b/` and `a/b/.` the name is `b`; `..` and `/` have none and are never empty.
        let name = place.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?.to_string_lossy().into_owned();
        let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(failed)?;
        let building = parent.join(format!(".{name}.being-written-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&building).map_err(failed)?;
        Ok(Self { place: place.to_owned(), building, files: Vec::new(), done: false })
    }

    /// Writes one file; `path` has `/` and no `..`.
    ///
    /// # Errors
    /// [`Exit::Io`]
    pub fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let at = self.building.join(path);
        let written = || {
            if let Some(parent) = at.parent() {
                DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&at)?;
            file.write_all(bytes)
        };
        written().map_err(|error: io::Error| Failure::new(Exit::Io, format!("cannot write {}: {error}", at.display())))?;
        self.files.push((path.to_owned(), Digest::of(bytes)));
        Ok(())
    }

    /// Writes the digests of everything and gives the directory its name. Returns the number of files.
    ///
    /// # Errors
    /// [`Exit::Io`]
    pub fn end(mut self) -> Result<usize, Failure> {
        let text = sums::write(std::mem::take(&mut self.files));
        let number = text.lines().count();
        self.file(SUMS, text.as_bytes())?;
        // An empty directory at the place is replaced.
        fs::rename(&self.building, &self.place)
            .map_err(|error| Failure::new(Exit::Io, format!("cannot make {}: {error}", self.place.display())))?;
        self.done = true;
        Ok(number)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.done {
            // Nothing refers to it yet.
            let _ = fs::remove_dir_all(&self.building);
        }
    }
}
