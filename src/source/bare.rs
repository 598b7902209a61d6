//! PATHs from which nothing comes: not there, or without a word in any manifest file.
//!
//! A volume that is not mounted, a checkout that failed half-way and a disk that was full leave that behind, and none of them is a wish. A
//! comment is a word: somebody wrote it.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

use super::discover::{Discovery, place};
use crate::api::{Place, Problem, reason};

/// One PATH as it was given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// As the user wrote it.
    pub path: PathBuf,
    /// Free of symlinks; `None` when it is not there.
    pub real: Option<PathBuf>,
    /// Files that were found below it and not before.
    pub files: Range<usize>,
    /// What could not be looked at below it.
    pub problems: Range<usize>,
}

/// The PATHs from which nothing comes, when all that is there was seen. `blank`: real paths of files without a word.
pub(super) fn bare(discovery: &Discovery, blank: &HashSet<PathBuf>) -> Vec<Place> {
    let nothing = |given: &&Given| {
        let Some(real) = &given.real else { return true };
        let own = discovery.files.get(given.files.clone()).unwrap_or_default();
        given.problems.is_empty()
            && own.iter().all(|file| blank.contains(&file.real))
            // Another PATH may have been the first to come upon what is below this one.
            && discovery.files.iter().all(|file| !file.real.starts_with(real) || blank.contains(&file.real))
    };
    if discovery.is_full() {
        return Vec::new();
    }
    // One PATH may be given twice.
    let mut told = HashSet::new();
    discovery.given.iter().filter(nothing).map(|given| place(&given.path)).filter(|place| told.insert(place.clone())).collect()
}

/// Says of each of them that is there that nothing comes from it: a wish, or a mistake that is made before anything was wanted.
pub(super) fn warnings<'a>(discovery: &'a Discovery, bare: &'a [Place]) -> impl Iterator<Item = Problem> + 'a {
    let there: HashSet<_> = discovery.given.iter().filter(|given| given.real.is_some()).map(|given| place(&given.path)).collect();
    bare.iter().filter(move |place| there.contains(*place)).map(|place| {
        Problem::warning(reason::EMPTY_PATH, "there is nothing in it, so nothing is wanted from it")
            .help("write manifests to it, or mount what belongs here; a comment in a manifest file says that nothing is wanted")
            .at(place.clone())
    })
}

/// Whether there is no word in it.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().is_empty()
}
