//! Parts that are right become a pack that is right.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fault::{Fault, Faults, with_help};
use super::identity::canonical_digest;
use super::model::Pack;
use super::questions::Questions;
use super::read::{Written, document, pack};
use super::rule::Rule;
use super::vocabulary::Vocabulary;
use crate::api::did_you_mean;
use crate::source::Located;

/// Modes of an intent that change nothing.
const READ_ONLY_MODES: [&str; 4] = ["observe", "dry_run", "emergency_readonly", "read_only"];

impl Pack {
    /// Compiles the text of a pack; `file` is what places are told in.
    ///
    /// # Errors
    /// The first thing that is wrong, in the words of the Python stack, with file, line and column: what is no pack, exceeds a bound,
    /// names an intent that is unknown or not read-only, rules with one id, and rules that can never be told apart.
    pub fn compile(text: &str, file: &str, vocabulary: &Vocabulary) -> Result<Self, Fault> {
        let faults = Faults::of(file);
        let document = document(&faults, text)?;
        let written = pack(&faults, &document)?;
        intents(&faults, &written, vocabulary)?;
        distinct(&faults, &written.rules)?;
        Ok(assemble(written, vocabulary))
    }
}

fn named<'w, 'a>(written: &'w Written<'a>) -> impl Iterator<Item = (&'w str, &'a Located)> {
    let all = written.rules.iter().chain([&written.fallback]);
    all.filter_map(|(rule, at)| Some((rule.intent.as_deref()?, at.get("intent_ref").unwrap_or(at))))
}

fn intents(faults: &Faults, written: &Written<'_>, vocabulary: &Vocabulary) -> Result<(), Fault> {
    for (id, at) in named(written) {
        let shown = id.escape_debug();
        let Some(intent) = vocabulary.intents.get(id) else {
            let near = did_you_mean(id, vocabulary.intents.keys().map(String::as_str));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            return Err(with_help(faults.at(at, format!("intent not found: {shown}")), help));
        };
        let modes = intent.get("modes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if modes.is_empty() {
            return Err(faults.at(at, format!("reaction intent must declare read-only modes: {shown}")));
        }
        let read_only = |mode: &Value| mode.as_str().is_some_and(|mode| READ_ONLY_MODES.contains(&mode));
        if !modes.iter().all(read_only) {
            return Err(faults.at(at, format!("reaction intent may not declare mutating modes: {shown}")));
        }
    }
    Ok(())
}

/// No id stands twice, and no list of conditions. The fallback may share the id of a rule.
fn distinct(faults: &Faults, rules: &[(Rule, &Located)]) -> Result<(), Fault> {
    let mut ids = BTreeSet::new();
    for (rule, at) in rules {
        if !ids.insert(rule.id.as_str()) {
            let fault = faults.at(at.get("id").unwrap_or(at), "reaction rule ids must be unique");
            return Err(with_help(fault, Some(format!("another rule is called `{}`", rule.id.escape_debug()))));
        }
    }
    let mut conditions = BTreeMap::new();
    for (rule, at) in rules {
        if let Some(first) = conditions.insert(rule.conditions_digest(), rule.id.as_str()) {
            let (first, second) = (first.escape_debug(), rule.id.escape_debug());
            let fault = faults.at(at.get("when").unwrap_or(at), format!("ambiguous reaction conditions: {first}, {second}"));
            return Err(with_help(fault, Some("only the first of the two would ever decide; let them differ".to_owned())));
        }
    }
    Ok(())
}

fn assemble(written: Written<'_>, vocabulary: &Vocabulary) -> Pack {
    let digest = canonical_digest(&written.root.json());
    let intents: BTreeMap<&str, &Value> = named(&written).filter_map(|(id, _)| Some((id, vocabulary.intents.get(id)?))).collect();
    let profile_digest = canonical_digest(&json!({
        "contract": vocabulary.contract,
        "reaction_pack_digest": digest,
        "intents": intents,
    }));
    let Written { id, version, budgets, rules, fallback: (fallback, _), .. } = written;
    let mut rules: Vec<Rule> = rules.into_iter().map(|(rule, _)| rule).collect();
    rules.sort_by(|left, right| (left.priority, &left.id).cmp(&(right.priority, &right.id)));
    let questions = Questions::of(&rules);
    Pack { id, version, budgets, rules, fallback, digest, profile_digest, questions }
}
