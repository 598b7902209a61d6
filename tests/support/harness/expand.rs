//! The macros of recorded inputs: `{"$repeat": [text, count]}` and `{"$concat": [part, …]}`, at any depth.

use serde_json::Value;

/// `value` with every macro replaced by its text.
pub fn expand(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(expand).collect(),
        Value::Object(map) => match (map.len(), map.get("$repeat"), map.get("$concat")) {
            (1, Some(repeat), _) => {
                let count = repeat[1].as_u64().and_then(|count| usize::try_from(count).ok()).expect("a count");
                Value::String(text(&expand(&repeat[0])).repeat(count))
            }
            (1, _, Some(parts)) => {
                let parts = parts.as_array().expect("a list of parts");
                Value::String(parts.iter().map(|part| text(&expand(part)).to_owned()).collect())
            }
            _ => Value::Object(map.iter().map(|(key, value)| (key.clone(), expand(value))).collect()),
        },
        _ => value.clone(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text or a macro")
}
