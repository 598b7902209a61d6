//! The profile that the commands of the stack ask: one of theirs, one of ours, or the built-in one.
#![expect(clippy::disallowed_methods, reason = "reads the profile that the user named")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::catalog;
use super::{Context, Failure, problem, refused};
use crate::profile::Profile;
use crate::reaction::Packs;
use crate::reaction::pack::{Pack, Vocabulary};

/// The pack of a profile of the stack.
const PACK: &str = "reactions/reaction_pack.yaml";
/// File that makes a directory a profile.
const PROFILE: &str = "profile.yaml";
/// Largest pack, in bytes: the bound of the format.
const MAX_BYTES: usize = 262_144;

/// A profile by what reactions need of it.
pub(super) struct Known {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What its intents declare, by id.
    intents: BTreeMap<String, Value>,
    rules: Rules,
}

enum Rules {
    /// One pack for everything, in a file, with what its rules may name.
    Stack(PathBuf, Vocabulary),
    /// One pack an intent.
    Ours(Packs),
}

impl Known {
    /// Loads the profile that `--profile` names: a directory or its `profile.yaml`; without it the built-in one.
    ///
    /// # Errors
    /// It is not there or not in order.
    pub(super) fn load(context: &Context<'_>) -> Result<Self, Failure> {
        match context.global.profile.as_deref() {
            None => Self::ours(&*context.profile()?),
            Some(named) => match root(named)? {
                root if is_stack(&root) => Self::stack(&root),
                _ => Self::ours(&*context.profile()?),
            },
        }
    }

    fn ours(profile: &Profile) -> Result<Self, Failure> {
        let unusable = || refused("the reaction packs can not be used");
        let packs = Packs::of(profile).map_err(|problems| problems.first().map_or_else(unusable, problem))?;
        let modes = profile.operations.iter().map(|(id, operation)| (id.clone(), serde_json::json!({"modes": operation.modes})));
        Ok(Self {
            name: profile.name.clone(),
            version: profile.version.clone(),
            intents: modes.collect(),
            rules: Rules::Ours(packs),
        })
    }

    fn stack(root: &Path) -> Result<Self, Failure> {
        let profile = catalog::stack_profile(root).map_err(|fault| problem(&fault))?;
        let contract = catalog::contract(&profile).map_err(|fault| problem(&fault))?;
        let mut intents = BTreeMap::new();
        for id in &profile.intents {
            intents.insert(id.clone(), catalog::intent(&profile, id).map_err(|fault| problem(&fault))?);
        }
        let rules = Rules::Stack(root.join(PACK), Vocabulary { contract, intents: intents.clone() });
        Ok(Self { name: profile.name, version: profile.version, intents, rules })
    }

    /// The pack that decides about observations of an intent.
    ///
    /// # Errors
    /// There is none, or it does not compile.
    pub(super) fn pack(&self, intent: &str) -> Result<Pack, Failure> {
        match &self.rules {
            Rules::Ours(packs) => {
                let pack = packs.for_intent(intent).ok_or_else(|| refused(format!("intent not found: {intent}")))?;
                Ok(Pack::clone(pack))
            }
            Rules::Stack(path, vocabulary) => {
                let shown = path.display().to_string();
                if !path.is_file() {
                    return Err(refused(format!("reaction pack not found: {shown}")));
                }
                let bytes = super::super::input::bytes(path, MAX_BYTES + 1)
                    .map_err(|_| refused(format!("reaction pack exceeds {MAX_BYTES} bytes")))?;
                let text = String::from_utf8(bytes).map_err(|_| refused(format!("{shown} is not text in UTF-8")))?;
                Pack::compile(&text, &shown, vocabulary).map_err(|fault| problem(&fault))
            }
        }
    }

    /// What an intent declares.
    ///
    /// # Errors
    /// There is no such intent.
    pub(super) fn intent(&self, id: &str) -> Result<&Value, Failure> {
        self.intents.get(id).ok_or_else(|| refused(format!("intent not found: {id}")))
    }

    /// The modes that an intent declares.
    ///
    /// # Errors
    /// As [`Known::intent`].
    pub(super) fn modes(&self, id: &str) -> Result<Vec<String>, Failure> {
        let modes = self.intent(id)?.get("modes").and_then(Value::as_array).into_iter().flatten();
        Ok(modes.filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// The directory of a profile.
fn root(named: &Path) -> Result<PathBuf, Failure> {
    let shown = named.display();
    if named.is_dir() {
        return Ok(named.to_owned());
    }
    if !named.exists() {
        return Err(refused(format!("profile not found: {shown}")));
    }
    named.parent().map(Path::to_owned).ok_or_else(|| refused(format!("profile file not found: {shown}")))
}

/// Whether `named`, a directory or its `profile.yaml`, is a profile of the stack: it has one pack for everything, and ours have one for
/// each intent.
pub(in crate::cli) fn is_stack(named: &Path) -> bool {
    let root = if named.is_dir() { Some(named) } else { named.parent() };
    root.is_some_and(|root| root.join(PROFILE).is_file() && (root.join(PACK).is_file() || !root.join("reactions").is_dir()))
}
