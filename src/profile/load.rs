//! From files to a checked [`Profile`], or every fault at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::files::{self, Files};
use super::intent::{self, Checked, Context};
use super::model::Profile;
use super::report::{Report, has_extension};
use super::workflow::Vocabulary;
use super::{connector, contract, digest, reaction, roles, root, taxonomy, yaml};
use crate::api::{Digest, Problem};

/// [`Profile::digest`] of the embedded profile: its files are not read a second time for what is known. A test holds it against them.
const EMBEDDED_DIGEST: &str = include_str!("embedded.sha256");

impl Profile {
    /// The profile built into this binary. `known` says whether a normalizer of that name exists.
    ///
    /// # Errors
    /// Every fault, each with reason `BadProfile`.
    pub fn embedded(known: &dyn Fn(&str) -> bool) -> Result<Self, Vec<Problem>> {
        let files = files::embedded();
        match Digest::parse(EMBEDDED_DIGEST.trim_end()) {
            Some(digest) => {
                let schemas = Values::of(&files, true);
                let (profile, faults) = check_types(&files, known, &schemas.contents);
                whole(Profile { digest, ..profile }, [faults, schemas.problems].concat())
            }
            None => check(&files, known),
        }
    }

    /// The profile in a directory; it replaces the embedded one as a whole. `known` says whether a normalizer of that name
    /// exists.
    ///
    /// # Errors
    /// Every fault, each with reason `BadProfile` and its place.
    pub fn load(dir: &Path, known: &dyn Fn(&str) -> bool) -> Result<Self, Vec<Problem>> {
        check(&files::read(dir)?, known)
    }
}

/// Checks everything; pure. Each YAML file is read twice, into its type and as the value that the digest covers: on two cores at once,
/// because every command waits for it.
pub(super) fn check(files: &Files, known: &dyn Fn(&str) -> bool) -> Result<Profile, Vec<Problem>> {
    let schemas = Values::of(files, true);
    std::thread::scope(|scope| {
        let read = || covered(files, &schemas.contents);
        let covered = std::thread::Builder::new().name("tecrax-profile".to_owned()).spawn_scoped(scope, read);
        let (profile, faults) = check_types(files, known, &schemas.contents);
        let (digest, problems) = match covered {
            Ok(covered) => covered.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // No thread is to be had: then one after the other.
            Err(_) => read(),
        };
        whole(Profile { digest, ..profile }, [faults, schemas.problems, problems].concat())
    })
}

/// The profile when nothing is wrong with it.
fn whole(profile: Profile, problems: Vec<Problem>) -> Result<Profile, Vec<Problem>> {
    if problems.is_empty() { Ok(profile) } else { Err(tidy(problems)) }
}

/// Everything but the digest of the profile, and what is wrong.
fn check_types(files: &Files, known: &dyn Fn(&str) -> bool, schemas: &Contents) -> (Profile, Vec<Problem>) {
    let mut report = Report::new(files);
    let (name, version) = root::check(&mut report);
    let taxonomy = taxonomy::check(&mut report);
    let findings = taxonomy::check_findings(&mut report);
    let connectors = connector::check(&mut report, taxonomy.as_ref());
    let contracts = contract::check(&mut report, schemas);
    let roles = roles::check(&mut report, &connectors);
    let context = Context {
        vocabulary: Vocabulary { connectors: &connectors, known_normalizer: known, profile: &name },
        taxonomy: taxonomy.as_ref(),
        contracts: &contracts,
    };
    let Checked { intents, operations, named } = intent::check(&mut report, &context);
    roles::same_parameters(&mut report, &intents);
    let reactions = reaction::check(&mut report, &intents);
    orphans(&mut report, &named);
    let connectors = connectors.into_iter().map(|(name, loaded)| (name, Arc::clone(&loaded.connector))).collect();
    let (digest, label) = (Digest::ZERO, files.label.clone());
    let profile =
        Profile { name, version, label, digest, intents, connectors, contracts, roles, findings, operations, reactions };
    (profile, report.problems)
}

/// What stands in files, by their paths. A schema goes on into the profile as it is.
pub(super) type Contents = BTreeMap<String, Arc<Value>>;

/// The parsed content of files. A YAML file that does not parse is reported where it is read into its type; only what nobody reads
/// that way is reported here.
struct Values {
    contents: Contents,
    problems: Vec<Problem>,
}

impl Values {
    /// Those of the JSON files, or of all others.
    fn of(files: &Files, json: bool) -> Self {
        let mut values = Self { contents: BTreeMap::new(), problems: Vec::new() };
        let is_wanted = |path: &str| has_extension(path, "json") == json && !reaction::is_pack(path);
        for (path, text) in files.texts.iter().filter(|(path, _)| is_wanted(path)) {
            match yaml::value(files, path, text) {
                Ok(content) => {
                    values.contents.insert(path.clone(), Arc::new(content));
                }
                Err(problem) => values.problems.push(*problem),
            }
        }
        values
    }
}

/// The digest over the contents of the YAML files and those of the schemas, of packs their text; and what does not parse.
fn covered(files: &Files, schemas: &Contents) -> (Digest, Vec<Problem>) {
    let Values { contents, problems } = Values::of(files, false);
    let packs = files.texts.iter().filter(|(path, _)| reaction::is_pack(path));
    let packs: Contents = packs.map(|(path, text)| (path.clone(), Arc::new(Value::from(text.as_str())))).collect();
    (digest::profile(contents.iter().chain(schemas).chain(&packs).collect()), problems)
}

/// Files that nothing names, and files with a place of their own nowhere in a profile.
fn orphans(report: &mut Report<'_>, named: &BTreeSet<String>) {
    let paths: Vec<String> = report.files.texts.keys().cloned().collect();
    for path in paths {
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        let known = match folder {
            "" => [root::PATH, taxonomy::PATH, taxonomy::FINDINGS].contains(&path.as_str()),
            "intents" | "connectors" | reaction::FOLDER => has_extension(&path, "yaml") && path.matches('/').count() == 1,
            "contracts" => path.ends_with(".schema.json") && path.matches('/').count() == 1,
            "workflows" | "validation_rules" if has_extension(&path, "yaml") => {
                if !named.contains(&path) {
                    report.fault_with_help(&path, None, "no intent names this file", "remove it, or name it in an intent");
                }
                true
            }
            _ => false,
        };
        if !known {
            let help = "a profile has profile.yaml, taxonomy.yaml, finding_taxonomy.yaml, intents/*.yaml, \
                        workflows/*.yaml, connectors/*.yaml, validation_rules/*.yaml, reactions/*.yaml and \
                        contracts/*.schema.json";
            report.fault_with_help(&path, None, "this file is no part of a profile", help);
        }
    }
}

/// Sorted by place; a syntax error that two readings found is told once.
fn tidy(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|left, right| left.place.cmp(&right.place));
    problems.dedup_by(|later, earlier| later.place == earlier.place && later.message == earlier.message);
    problems
}
