//! Reaction packs, and what is observed.

use std::sync::LazyLock;

use serde_json::Value;

use super::{lines, pieces, text};
use crate::api::Digest;
use crate::facts;
use crate::profile::Profile;
use crate::reaction::pack::{Context, Pack, Rule, Vocabulary};

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let profile = Profile::embedded(&|name: &str| facts::normalizer(name).is_some());
    profile.map_or_else(|_| Vocabulary::default(), |profile| Vocabulary::of(&profile))
});

/// A pack, an observation, and a byte for how far the chain has gone: three pieces. A decision is one for ever; what exceeds a budget
/// or comes round again runs nothing.
pub(super) fn packs(bytes: &[u8]) {
    let mut parts = pieces(bytes);
    let written = text(parts.next().unwrap_or_default());
    let pack = match Pack::compile(&written, "pack.yaml", &VOCABULARY) {
        Ok(pack) => pack,
        Err(problem) => {
            let stands = problem.place.as_ref().is_some_and(|place| place.line <= lines(&written));
            assert!(stands && !problem.message.is_empty(), "{problem:?}");
            return;
        }
    };
    let observation: Value = parts.next().and_then(|piece| serde_json::from_slice(piece).ok()).unwrap_or_default();
    let depth = u32::from(parts.next().and_then(|piece| piece.first()).map_or(0, |byte| byte % 8));
    let context = Context { depth, reaction_count: depth, visited: Vec::new() };
    let first = pack.evaluate(&observation, &context);
    assert_eq!(pack.evaluate(&observation, &context), first, "two decisions");
    assert_eq!(first.intent.is_some(), first.outcome.runs(), "{first:?}");
    assert!(!first.blocked || !first.outcome.runs(), "blocked, and runs: {first:?}");
    assert!(first.blocked || depth < pack.budgets().max_depth, "beyond the budget: {first:?}");
    let again = pack.evaluate(&observation, &Context { visited: pack.rules().iter().map(Rule::digest).collect(), ..context });
    assert!(again.blocked || !again.matched, "the same rule twice: {again:?}");
    assert!(pack.digest() != Digest::ZERO && pack.rule(first.rule_digest).is_some(), "a rule that is not in the pack");
}
