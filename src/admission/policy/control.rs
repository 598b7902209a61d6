//! Obligations and constraints of a rule of the Python stack.

use serde_json::{Map, Value};

use super::forbidden;
use super::refused::{Refused, Step};
use super::rule::{Constraint, Obligation};
use super::value::{first_text, text, truthy};

/// The obligations of a rule.
pub(super) fn obligations(rule: &Map<String, Value>) -> Result<Vec<Obligation>, Refused> {
    let entries = entries(rule, "obligation")?.into_iter();
    let obligation = |Entry { id, kind, metadata, map }: Entry<'_>| Obligation {
        id,
        kind,
        description: text(map.get("description")),
        metadata,
    };
    Ok(entries.map(obligation).collect())
}

/// The constraints of a rule.
pub(super) fn constraints(rule: &Map<String, Value>) -> Result<Vec<Constraint>, Refused> {
    let entries = entries(rule, "constraint")?.into_iter();
    let constraint = |Entry { id, kind, metadata, map }: Entry<'_>| Constraint {
        id,
        kind,
        value: map.get("value").cloned().unwrap_or_default(),
        metadata,
    };
    Ok(entries.map(constraint).collect())
}

/// What obligations and constraints have in common.
struct Entry<'m> {
    id: String,
    kind: String,
    metadata: Map<String, Value>,
    map: &'m Map<String, Value>,
}

fn entries<'m>(rule: &'m Map<String, Value>, noun: &str) -> Result<Vec<Entry<'m>>, Refused> {
    let list = format!("{noun}s");
    let items = match rule.get(&list) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Refused::new(format!("invalid_policy_rule_{list}")).at(&list)),
    };
    let at = |index: usize| [Step::Key(list.clone()), Step::Item(index)];
    items.iter().enumerate().map(|(index, item)| entry(item, noun).map_err(|refused| refused.inside(at(index)))).collect()
}

fn entry<'m>(item: &'m Value, noun: &str) -> Result<Entry<'m>, Refused> {
    let Value::Object(map) = item else { return Err(Refused::new(format!("invalid_policy_{noun}"))) };
    let missing = |what: &str| Refused::new(format!("missing_policy_{noun}_{what}"));
    let id = first_text(map, &[&format!("{noun}_id"), "id"]).ok_or_else(|| missing("id"))?;
    let kind = first_text(map, &["kind", "type"]).ok_or_else(|| missing("kind"))?;
    let metadata = match map.get("metadata") {
        None | Some(Value::Null) => Map::new(),
        Some(value @ Value::Object(metadata)) => {
            forbidden::check(value).map_err(|refused| refused.at("metadata"))?;
            metadata.clone()
        }
        Some(value) if !truthy(value) => Map::new(),
        Some(_) => return Err(Refused::new(format!("invalid_policy_{noun}_metadata")).at("metadata")),
    };
    Ok(Entry { id, kind, metadata, map })
}
