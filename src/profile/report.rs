//! Collects every fault of a profile, so that one pass names them all.

use serde_yaml::Location;

use super::files::Files;
use super::yaml;
use crate::api::Problem;

/// The files under check and what is wrong with them so far.
pub(super) struct Report<'a> {
    pub(super) files: &'a Files,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self { files, problems: Vec::new() }
    }

    /// Records a fault of `path`; `location` is where in it.
    pub(super) fn fault(&mut self, path: &str, location: Option<Location>, message: impl Into<String>) {
        self.problems.push(yaml::at(self.files, path, location, message));
    }

    /// Records a fault with what to do about it.
    pub(super) fn fault_with_help(
        &mut self,
        path: &str,
        location: Option<Location>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(yaml::at(self.files, path, location, message).help(help));
    }

    /// Reads one file; a fault is recorded and gives `None`, and so does an absent file without a fault.
    pub(super) fn read<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> Option<T> {
        let text = self.files.texts.get(path)?;
        match yaml::typed(self.files, path, text) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                self.problems.push(*problem);
                None
            }
        }
    }

    /// Reads a file that every profile must have.
    pub(super) fn read_required<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> Option<T> {
        if !self.files.texts.contains_key(path) {
            self.fault_with_help(path, None, "the file is missing", "every profile has it; see `tecrax profile export`");
        }
        self.read(path)
    }

    /// Paths directly inside `folder` with their stems.
    pub(super) fn folder(&self, folder: &str, suffix: &str) -> Vec<(String, String)> {
        self.files
            .texts
            .keys()
            .filter_map(|path| {
                let name = path.strip_prefix(folder)?.strip_prefix('/')?;
                let stem = name.strip_suffix(suffix)?;
                (!name.contains('/')).then(|| (path.clone(), stem.to_owned()))
            })
            .collect()
    }
}

/// Whether `path` is a file of this extension; names are lower-case, like everything a profile names.
pub(super) fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(stem, found)| !stem.is_empty() && found == extension)
}

/// Whether `text` is an identifier of the profile: lower-case letters, digits, `_`, `-` and `.`, at most 128 characters, no
/// leading or doubled dot. Identifiers are looked up, never joined into a path.
pub(super) fn is_token(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.split('.').all(|part| !part.is_empty())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte))
}
