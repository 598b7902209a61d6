//! The packs of a profile.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pack::{Pack, Vocabulary};
use crate::api::{Place, Problem, reason};
use crate::profile::Profile;

/// One pack for each intent of a profile.
#[derive(Debug, Clone, Default)]
pub struct Packs(BTreeMap<String, Arc<Pack>>);

impl Packs {
    /// Compiles every pack of a profile.
    ///
    /// # Errors
    /// What is wrong with each, with its place, and every intent without a pack; each with reason `BadProfile`.
    pub fn of(profile: &Profile) -> Result<Self, Vec<Problem>> {
        let vocabulary = Vocabulary::of(profile);
        let (mut packs, mut problems) = (BTreeMap::new(), Vec::new());
        for id in profile.intents.keys() {
            let Some(file) = profile.reactions.get(id) else {
                problems.push(missing(profile, id));
                continue;
            };
            match Pack::compile(&file.text, &file.path, &vocabulary) {
                Ok(pack) => {
                    packs.insert(id.clone(), Arc::new(pack));
                }
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.is_empty() { Ok(Self(packs)) } else { Err(problems) }
    }

    /// The pack that decides about runs of an intent; `None` for one that the profile does not have.
    pub fn for_intent(&self, id: &str) -> Option<&Arc<Pack>> {
        self.0.get(id)
    }

    /// Every pack with the id of its intent.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Arc<Pack>)> {
        self.0.iter().map(|(id, pack)| (id.as_str(), pack))
    }
}

fn missing(profile: &Profile, id: &str) -> Problem {
    let path = format!("reactions/{id}.yaml");
    let place = Place { file: profile.file(&path).into(), line: 0, column: 0 };
    Problem::error(reason::BAD_PROFILE, format!("intent {id} has no reaction pack: {path} is missing"))
        .at(place)
        .help("`tecrax profile export DIR` writes the packs of the built-in profile; copy the one of the nearest intent")
}
