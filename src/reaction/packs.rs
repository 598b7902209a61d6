//! The packs of a profile.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pack::{Pack, Vocabulary};
use super::words;
use crate::api::{Place, Problem, reason};
use crate::profile::Profile;

/// One pack for each intent of a profile.
#[derive(Debug, Clone, Default)]
pub struct Packs {
    packs: BTreeMap<String, Arc<Pack>>,
    profile: (String, String),
}

impl Packs {
    /// Compiles every pack of a profile.
    ///
    /// # Errors
    /// The first thing that is wrong with each, words that no finding and no facts have, and every intent without a pack; each with
    /// its place and reason `BadProfile`.
    pub fn of(profile: &Profile) -> Result<Self, Vec<Problem>> {
        let vocabulary = Vocabulary::of(profile);
        let (mut packs, mut problems) = (BTreeMap::new(), Vec::new());
        for (id, intent) in &profile.intents {
            let Some(file) = profile.reactions.get(id) else {
                problems.push(missing(profile, id));
                continue;
            };
            match Pack::compile(&file.text, &file.path, &vocabulary) {
                Ok(pack) => {
                    problems.extend(words::check(profile, intent, file, &pack));
                    packs.insert(id.clone(), Arc::new(pack));
                }
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.is_empty() {
            Ok(Self { packs, profile: (profile.name.clone(), profile.version.clone()) })
        } else {
            Err(problems)
        }
    }

    /// Name and version of the profile.
    pub fn profile(&self) -> (&str, &str) {
        (&self.profile.0, &self.profile.1)
    }

    /// The pack that decides about runs of an intent; `None` for one that the profile does not have.
    pub fn for_intent(&self, id: &str) -> Option<&Arc<Pack>> {
        self.packs.get(id)
    }

    /// Every pack with the id of its intent.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Arc<Pack>)> {
        self.packs.iter().map(|(id, pack)| (id.as_str(), pack))
    }
}

fn missing(profile: &Profile, id: &str) -> Problem {
    let path = format!("reactions/{id}.yaml");
    let place = Place { file: profile.file(&path).into(), line: 0, column: 0 };
    Problem::error(reason::BAD_PROFILE, format!("intent {id} has no reaction pack: {path} is missing"))
        .at(place)
        .help("`tecrax profile export DIR` writes the packs of the built-in profile; copy the one of the nearest intent")
}
