//! The check of an active profile: every rule that the Python stack's lint has, with its strings, over the files as they are.
//!
//! It needs no profile that loads: where the loader stops at what it can not use, this names each rule that is broken. What only
//! the loader knows is the loader's to report; callers run both.

mod row;
mod tokens;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::files::{self, Files};
use super::report::Report;
use super::yaml;
use crate::api::Problem;

/// What a profile is held against besides itself.
pub struct Around<'a> {
    /// Whether a runbook exists; `None` when there is no place to look for it.
    pub runbook: &'a dyn Fn(&str) -> Option<bool>,
}

/// Every broken rule of the profile in `dir` (of the built-in one when `None`), sorted, without duplicates; empty when all hold.
///
/// # Errors
/// Files that can not be read at all.
pub fn lint(dir: Option<&Path>, around: &Around<'_>) -> Result<Vec<String>, Vec<Problem>> {
    let files = match dir {
        Some(dir) => files::read(dir)?,
        None => files::embedded(),
    };
    Ok(check(&files, around))
}

/// The parsed files, those that parse.
struct Parsed<'a> {
    files: &'a Files,
    values: BTreeMap<&'a str, Value>,
}

impl<'a> Parsed<'a> {
    fn of(files: &'a Files) -> Self {
        let parse = |(path, text): (&'a String, &'a String)| Some((path.as_str(), yaml::value(files, path, text).ok()?));
        Self { files, values: files.texts.iter().filter_map(parse).collect() }
    }

    /// The mapping under `root` of a file.
    fn root(&self, path: &str, root: &str) -> Option<&Value> {
        self.values.get(path)?.get(root).filter(|value| value.is_object())
    }

    fn has(&self, path: &str) -> bool {
        self.files.texts.contains_key(path)
    }
}

fn check(files: &Files, around: &Around<'_>) -> Vec<String> {
    let intents = Report::new(files).folder("intents", ".yaml");
    if intents.is_empty() {
        return vec!["active_profile:no_intents".to_owned()];
    }
    let parsed = Parsed::of(files);
    let mut found = BTreeSet::new();
    for (path, stem) in intents {
        row::intent(&parsed, &path, &stem, around, &mut found);
    }
    for path in ["taxonomy.yaml", "finding_taxonomy.yaml"] {
        let text = parsed.values.get(path).map(tokens::identifiers).unwrap_or_default();
        let tokens = tokens::PRODUCTS.iter().filter(|token| text.contains(**token));
        found.extend(tokens.map(|token| format!("taxonomy:forbidden_future_token:{token}")));
    }
    found.into_iter().collect()
}
