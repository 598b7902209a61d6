//! A profile from memory, for fuzzers.

use super::Profile;
use super::files::Files;
use super::load::check;
use crate::api::Problem;

/// The profile whose files are `files`, each a path relative to its root and a text.
///
/// # Errors
/// Every fault, as of a profile in a directory.
pub fn profile(files: impl IntoIterator<Item = (String, String)>, known: &dyn Fn(&str) -> bool) -> Result<Profile, Vec<Problem>> {
    check(&Files { label: "profile".to_owned(), texts: files.into_iter().collect() }, known)
}
