//! Files that belong to no bundle.

use super::super::layout::{MANIFEST, OPTIONAL_FILES, PROPOSAL, REVIEW_FILES};
use super::FindingCode;
use super::case::Case;

pub(super) fn inspect(case: &mut Case<'_>) {
    let roles = case.roles();
    let known = |file: &str| roles.iter().any(|(_, known)| *known == file);
    let beside =
        |file: &str| file == MANIFEST || REVIEW_FILES.iter().any(|(_, known)| *known == file) || OPTIONAL_FILES.contains(&file);
    for (file, _) in case.files.bundle().iter() {
        let beside = if case.is_reaction() { file == PROPOSAL } else { beside(file) };
        let belongs = known(file) || file == case.manifest_file() || beside;
        if !belongs {
            case.find(FindingCode::ExtraFile, file, "no part of a bundle: nothing vouches for it");
        }
    }
}
