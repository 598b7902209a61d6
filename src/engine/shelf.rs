//! The reaction packs of a profile, each compiled when a run of its intent first asks for it: a pass over one question waits for one
//! pack.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::profile::Profile;
use crate::reaction::pack::{Pack, Rule, Vocabulary};

/// What decides about runs, by intent.
#[derive(Debug)]
pub(super) struct Shelf {
    profile: Arc<Profile>,
    vocabulary: Vocabulary,
    slots: BTreeMap<String, Slot>,
}

/// What is known of the pack of one intent.
#[derive(Debug, Default)]
struct Slot {
    pack: OnceLock<Option<Pack>>,
    reruns: OnceLock<u32>,
}

impl Shelf {
    pub(super) fn new(profile: Arc<Profile>) -> Self {
        let slots = profile.intents.keys().map(|id| (id.clone(), Slot::default())).collect();
        Self { vocabulary: Vocabulary::of(&profile), profile, slots }
    }

    /// Name and version of the profile.
    pub(super) fn profile(&self) -> (&str, &str) {
        (&self.profile.name, &self.profile.version)
    }

    /// The pack that decides about runs of an intent; `None` where there is none that can be used, and that calls a person. Who
    /// reads a profile from a directory has had its faults told before.
    pub(super) fn for_intent(&self, id: &str) -> Option<&Pack> {
        let compile = || {
            let file = self.profile.reactions.get(id)?;
            let compiled = Pack::compile(&file.text, &file.path, &self.vocabulary);
            compiled.map_err(|problem| tracing::error!("{problem}")).ok()
        };
        self.slots.get(id)?.pack.get_or_init(compile).as_ref()
    }

    /// Most reruns that follow one run of an intent: as many as the pack allows that allows most, of those that decide about the run
    /// and about what its rules ask for.
    pub(super) fn reruns(&self, id: &str) -> u32 {
        let longest = || {
            let (mut seen, mut ahead, mut longest) = (BTreeSet::from([id]), vec![id], 0);
            while let Some(next) = ahead.pop() {
                let Some(pack) = self.for_intent(next) else { continue };
                longest = longest.max(pack.budgets().max_depth);
                let named = pack.rules().iter().chain([pack.fallback()]).filter_map(Rule::intent);
                ahead.extend(named.filter(|id| seen.insert(*id)));
            }
            longest
        };
        self.slots.get(id).map_or(0, |slot| *slot.reruns.get_or_init(longest))
    }
}
