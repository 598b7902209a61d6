//! `reactions/<intent>.yaml`: what is done about a run of the intent. Compiled by the stage that uses them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::Intent;
use super::report::Report;

/// Folder of the packs.
pub(super) const FOLDER: &str = "reactions";

/// A reaction pack as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionFile {
    /// The file as places name it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Whether a file is a pack. Nothing here reads what is in one: most commands never ask it, and they all load the profile.
pub(super) fn is_pack(path: &str) -> bool {
    path.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/'))
}

/// Every pack by the id of its intent; one that belongs to no intent is a fault.
pub(super) fn check(report: &mut Report<'_>, intents: &BTreeMap<String, Arc<Intent>>) -> BTreeMap<String, ReactionFile> {
    let mut packs = BTreeMap::new();
    for (path, stem) in report.folder(FOLDER, ".yaml") {
        let unread = report.files.texts.contains_key(&format!("intents/{stem}.yaml"));
        if !intents.contains_key(&stem) && !unread {
            report.fault_with_help(&path, None, "the file name is no intent", "call it reactions/<intent>.yaml");
        }
        if let Some(text) = report.files.texts.get(&path) {
            packs.insert(stem, ReactionFile { path: report.files.place(&path).file.to_string(), text: text.clone() });
        }
    }
    packs
}
