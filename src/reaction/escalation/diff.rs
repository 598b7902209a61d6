//! What is different in the facts of two runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::context::{CHANGES_MAX, FactChange};

/// Deepest member that is looked into; what lies deeper is compared as a whole.
const DEPTH_MAX: usize = 16;
/// Longest value that is shown, in characters.
const VALUE_MAX: usize = 120;
/// Characters that are shown before the first that differs, where the begin is the same.
const BEFORE: usize = 24;
/// Stands for what was cut.
const CUT: char = '…';
/// Members of the envelope: they say how much was seen, which the finding says already, or which contract it is.
const ENVELOPE: [&str; 8] = ["assessment", "complete", "contract", "coverage", "healthy", "non_claims", "schema_ref", "scope"];

/// What stands at a path on either side.
type Sides<'v> = (Option<&'v Value>, Option<&'v Value>);
/// Paths at which something differs.
type Differing<'v> = BTreeMap<String, Sides<'v>>;

/// The facts that differ, at most [`CHANGES_MAX`], and how many do. What is different in `earlier`, a healthy run before the last
/// healthy one, changes by itself (an uptime, a load) and comes last. Values are compared whole and cut only to be shown.
pub fn fact_changes(was: &Value, now: &Value, earlier: Option<&Value>) -> (Vec<FactChange>, u64) {
    let restless: BTreeSet<String> = earlier.map(|earlier| differing(earlier, was).into_keys().collect()).unwrap_or_default();
    let differing = differing(was, now);
    let total = u64::try_from(differing.len()).unwrap_or(u64::MAX);
    let (first, last): (Vec<_>, Vec<_>) = differing.into_iter().partition(|(path, _)| !restless.contains(path));
    (first.into_iter().chain(last).take(CHANGES_MAX).map(|(path, sides)| change(path, sides)).collect(), total)
}

fn differing<'v>(was: &'v Value, now: &'v Value) -> Differing<'v> {
    let mut out = Differing::new();
    let facts = |value: &'v Value| value.as_object().into_iter().flatten();
    let keys: BTreeSet<&String> = facts(was).chain(facts(now)).map(|(key, _)| key).collect();
    for key in keys.into_iter().filter(|key| !ENVELOPE.contains(&key.as_str())) {
        descend(key.clone(), (was.get(key), now.get(key)), 0, &mut out);
    }
    out
}

fn descend<'v>(path: String, (was, now): Sides<'v>, depth: usize, out: &mut Differing<'v>) {
    if was == now {
        return;
    }
    let members = |value: Option<&'v Value>| -> Option<&'v Map<String, Value>> {
        value.and_then(Value::as_object).filter(|members| depth < DEPTH_MAX && !members.is_empty())
    };
    let (left, right) = (members(was), members(now));
    let keys: BTreeSet<&String> = left.into_iter().chain(right).flat_map(Map::keys).collect();
    for key in keys {
        let at = |members: Option<&'v Map<String, Value>>| members.and_then(|members| members.get(key));
        descend(format!("{path}.{key}"), (at(left), at(right)), depth + 1, out);
    }
    // Members on one side only: on the other there is a value, or nothing.
    let sides = (was.filter(|_| left.is_none()), now.filter(|_| right.is_none()));
    if sides != (None, None) {
        out.insert(path, sides);
    }
}

fn change(path: String, (was, now): Sides<'_>) -> FactChange {
    let (was, now) = (was.map(Value::to_string), now.map(Value::to_string));
    let from = match (&was, &now) {
        (Some(was), Some(now)) => begin(was, now),
        _ => 0,
    };
    let shown = |text: Option<String>| text.map(|text| cut(&text, from));
    FactChange { path, was: shown(was), now: shown(now) }
}

/// From which character on two texts are shown: from the first, unless they differ only behind what would be shown of them.
fn begin(was: &str, now: &str) -> usize {
    let same = was.chars().zip(now.chars()).take_while(|(was, now)| was == now).count();
    if same < VALUE_MAX { 0 } else { same - BEFORE }
}

fn cut(text: &str, from: usize) -> String {
    let mut rest = text.chars().skip(from);
    let shown: String = rest.by_ref().take(VALUE_MAX).collect();
    let before = (from > 0).then_some(CUT);
    let behind = rest.next().map(|_| CUT);
    before.into_iter().chain(shown.chars()).chain(behind).collect()
}
