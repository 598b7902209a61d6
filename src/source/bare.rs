//! PATHs from which nothing comes: not there, or without a word in any manifest file.
//!
//! A volume that is not mounted, a checkout that failed half-way and a disk that was full leave that behind, and none of them is a wish. A
//! comment is a word: somebody wrote it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::discover::{Discovery, place};
use crate::api::{Place, Problem, reason};

/// One PATH as it was given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// As the user wrote it.
    pub path: PathBuf,
    /// Free of symlinks; `None` when it is not there.
    pub real: Option<PathBuf>,
}

/// The PATHs from which nothing comes, when all that is there was seen. `blank`: real paths of files without a word.
pub(super) fn bare(discovery: &Discovery, blank: &HashSet<PathBuf>) -> Vec<Place> {
    if discovery.is_full() {
        return Vec::new();
    }
    // Whichever PATH was the first to come upon it: another one may lie above or below.
    let worded = discovery.files.iter().map(|file| file.real.as_path()).filter(|real| !blank.contains(*real));
    let mut something: HashSet<&Path> =
        worded.chain(discovery.unseen.iter().map(PathBuf::as_path)).flat_map(Path::ancestors).collect();
    // What a symlink leads to was found at its own place, and is where the link is, too. One may lead to where another one lies, which was
    // followed after it.
    loop {
        let before = something.len();
        for (link, target) in discovery.targets.iter().rev() {
            if something.contains(target.as_path()) {
                something.extend(link.ancestors());
            }
        }
        if something.len() == before {
            break;
        }
    }
    let nothing = |given: &&Given| given.real.as_ref().is_none_or(|real| !something.contains(real.as_path()));
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
