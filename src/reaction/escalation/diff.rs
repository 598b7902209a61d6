//! What is different in the facts of two runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::context::{CHANGES_MAX, FactChange};

/// Most leaves that are compared.
const LEAVES_MAX: usize = 4_096;
/// Deepest member that is looked into.
const DEPTH_MAX: usize = 16;
/// Longest value that is shown, in characters.
const VALUE_MAX: usize = 120;
/// Members of the envelope: they say how much was seen, which the finding says already, or which contract it is.
const ENVELOPE: [&str; 8] = ["assessment", "complete", "contract", "coverage", "healthy", "non_claims", "schema_ref", "scope"];

/// The facts that differ, at most [`CHANGES_MAX`], and how many do. What is different in `earlier`, a healthy run before the last
/// healthy one, changes by itself (an uptime, a load) and comes last.
pub fn fact_changes(was: &Value, now: &Value, earlier: Option<&Value>) -> (Vec<FactChange>, u64) {
    let (was, now) = (leaves(was), leaves(now));
    let restless: BTreeSet<String> = earlier.map_or_else(BTreeSet::new, |earlier| differing(&leaves(earlier), &was));
    let (mut first, mut last): (Vec<String>, Vec<String>) =
        differing(&was, &now).into_iter().partition(|path| !restless.contains(path));
    let total = u64::try_from(first.len() + last.len()).unwrap_or(u64::MAX);
    first.append(&mut last);
    let change = |path: String| FactChange { was: was.get(&path).cloned(), now: now.get(&path).cloned(), path };
    (first.into_iter().take(CHANGES_MAX).map(change).collect(), total)
}

fn differing(was: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> BTreeSet<String> {
    was.keys().chain(now.keys()).filter(|path| was.get(*path) != now.get(*path)).cloned().collect()
}

fn leaves(facts: &Value) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (key, value) in facts.as_object().into_iter().flatten().filter(|(key, _)| !ENVELOPE.contains(&key.as_str())) {
        descend(key.clone(), value, 0, &mut out);
    }
    out
}

fn descend(path: String, value: &Value, depth: usize, out: &mut BTreeMap<String, String>) {
    if out.len() >= LEAVES_MAX {
        return;
    }
    match value {
        Value::Object(members) if depth < DEPTH_MAX && !members.is_empty() => {
            members.iter().for_each(|(key, value)| descend(format!("{path}.{key}"), value, depth + 1, out));
        }
        other => {
            let text = other.to_string();
            let cut = text.char_indices().nth(VALUE_MAX).and_then(|(end, _)| text.get(..end)).map(|text| format!("{text}…"));
            out.insert(path, cut.unwrap_or(text));
        }
    }
}
