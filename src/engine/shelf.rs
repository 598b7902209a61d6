//! The reaction packs of a profile, each compiled when a run of its intent first asks for it: a pass over one question waits for one
//! pack.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::profile::Profile;
use crate::reaction::pack::{Pack, Vocabulary};
use crate::reaction::reached;

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
            let reached = reached(id, &|id| self.for_intent(id));
            let packs = reached.iter().filter_map(|id| self.for_intent(id));
            packs.map(|pack| pack.budgets().max_depth).max().unwrap_or_default()
        };
        self.slots.get(id).map_or(0, |slot| *slot.reruns.get_or_init(longest))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]
mod tests {
    use super::{Arc, Profile, Shelf};

    const INTENT: &str = "check_ntp_health";

    fn profile() -> Profile {
        Profile::embedded(&|_| true).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn a_pack_is_compiled_when_it_is_asked_for_and_not_before() {
        let shelf = Shelf::new(Arc::new(profile()));
        let compiled = || shelf.slots.iter().filter(|(_, slot)| slot.pack.get().is_some()).map(|(id, _)| id.as_str());
        assert_eq!(compiled().count(), 0);
        assert!(shelf.for_intent(INTENT).is_some());
        assert_eq!(compiled().collect::<Vec<_>>(), [INTENT]);
        assert!(shelf.for_intent("check_the_weather").is_none());
    }

    #[test]
    fn as_many_reruns_may_follow_as_the_most_generous_pack_allows_that_a_rule_leads_to() {
        let mut profile = profile();
        let file = |profile: &Profile, id: &str| profile.reactions.get(id).unwrap().text.clone();
        // Its own budget is small; that of the intent which it asks for is not.
        let own = file(&profile, INTENT).replace("max_depth: 3", "max_depth: 1").replacen(
            "outcome: escalate",
            "outcome: run_intent\n    intent_ref: collect_basic_host_inventory",
            1,
        );
        let other = file(&profile, "collect_basic_host_inventory").replace("max_depth: 3", "max_depth: 7");
        profile.reactions.get_mut(INTENT).unwrap().text = own;
        profile.reactions.get_mut("collect_basic_host_inventory").unwrap().text = other;
        let shelf = Shelf::new(Arc::new(profile));
        assert!(shelf.for_intent(INTENT).is_some());
        assert_eq!((shelf.reruns(INTENT), shelf.reruns("check_the_weather")), (7, 0));
    }

    #[test]
    fn a_pack_that_can_not_be_used_is_none_and_costs_no_other() {
        let mut profile = profile();
        profile.reactions.get_mut(INTENT).unwrap().text = "reaction_pack: {}".to_owned();
        let shelf = Shelf::new(Arc::new(profile));
        assert!(shelf.for_intent(INTENT).is_none());
        assert_eq!(shelf.reruns(INTENT), 0);
        assert!(shelf.for_intent("check_portainer_health").is_some());
    }
}
