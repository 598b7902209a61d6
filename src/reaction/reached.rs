//! The questions that a run may lead to.

use std::collections::BTreeSet;

use super::pack::{Pack, Rule};

/// Every intent that a run of `intent` may lead to, `intent` among them: what the rules of its pack name, and what the packs of those
/// name. `pack` finds the pack of an intent.
pub fn reached<'p>(intent: &str, pack: &dyn Fn(&str) -> Option<&'p Pack>) -> BTreeSet<String> {
    let (mut seen, mut ahead) = (BTreeSet::from([intent.to_owned()]), vec![intent.to_owned()]);
    while let Some(next) = ahead.pop() {
        let Some(pack) = pack(&next) else { continue };
        for named in pack.rules().iter().chain([pack.fallback()]).filter_map(Rule::intent) {
            if seen.insert(named.to_owned()) {
                ahead.push(named.to_owned());
            }
        }
    }
    seen
}
