//! From a schema tree to the structural schema that an API server takes.
//!
//! The rules come from the documentation of CustomResourceDefinitions (apiextensions.k8s.io/v1, "Specifying a structural
//! schema"): one type per node, no `oneOf` with types, no `additionalProperties: false`, no `$ref`, list types spelled out.

use serde_json::{Map, Value, json};

use super::kind::{self, AT_MOST_ONE_OF, IMMUTABLE, LIST_TYPE, ONE_OF};

/// Words of JSON Schema and of ours that a structural schema does not have.
const DROPPED: [&str; 8] =
    ["$schema", "title", "propertyNames", "additionalProperties", "oneOf", ONE_OF, AT_MOST_ONE_OF, IMMUTABLE];

/// Makes `node` and everything below it structural. `field` is its name, for messages.
pub(super) fn structural(node: &mut Value, field: &str) {
    let Some(schema) = node.as_object_mut() else { return };
    lift_optional(schema);
    flatten_enum(schema);
    narrow(schema);
    let rules = rules(schema, field);
    let values = schema.get("additionalProperties").filter(|values| values.is_object()).cloned();
    schema.retain(|key, _| !DROPPED.contains(&key.as_str()));
    if let Some(mut values) = values {
        structural(&mut values, field);
        schema.insert("additionalProperties".into(), values);
    }
    if !rules.is_empty() {
        schema.insert("x-kubernetes-validations".into(), rules.into());
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            structural(property, name);
        }
    }
    if let Some(items) = schema.get_mut("items") {
        structural(items, field);
        schema.entry(LIST_TYPE).or_insert_with(|| "atomic".into());
    }
}

/// Removes every default: a status is written, never filled in.
pub(super) fn without_defaults(node: &mut Value) {
    if let Some(schema) = node.as_object_mut() {
        schema.remove("default");
        for below in ["properties", "items"] {
            match schema.get_mut(below) {
                Some(Value::Object(properties)) if below == "properties" => {
                    properties.values_mut().for_each(without_defaults);
                }
                Some(items) => without_defaults(items),
                None => {}
            }
        }
    }
}

/// `anyOf: [X, null]` becomes X: an API server drops a null before it looks at the schema.
fn lift_optional(schema: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = schema.remove("anyOf") else { return };
    for branch in branches {
        if let Value::Object(branch) = branch
            && branch.get("type") != Some(&json!("null"))
        {
            for (key, value) in branch {
                schema.entry(key).or_insert(value);
            }
        }
    }
}

/// `oneOf` of constants becomes `enum`; what the constants mean moves into the description.
fn flatten_enum(schema: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = schema.get("oneOf") else { return };
    let mut words = Vec::new();
    let mut lines = Vec::new();
    for variant in variants {
        if let Some(word) = variant.get("const") {
            if let (Some(word), Some(text)) = (word.as_str(), variant.get("description").and_then(Value::as_str)) {
                lines.push(format!("{word}: {text}"));
            }
            words.push(word.clone());
        }
    }
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{description}\n\n{}", lines.join("\n"));
    schema.insert("description".into(), description.into());
    schema.insert("enum".into(), words.into());
    schema.insert("type".into(), "string".into());
}

/// One type, a format that API servers know, no null default.
fn narrow(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get("type")
        && let Some(one) = types.iter().find(|word| *word != "null").cloned()
    {
        schema.insert("type".into(), one);
    }
    if schema.get("default") == Some(&Value::Null) {
        schema.remove("default");
    }
    let format = schema.get("format").and_then(Value::as_str).map(str::to_owned);
    match format.as_deref() {
        Some("uint8" | "int8" | "uint16" | "int16") => {
            schema.insert("format".into(), "int32".into());
        }
        Some("uint32" | "uint64") => {
            schema.insert("format".into(), "int64".into());
        }
        _ => {}
    }
}

/// The CEL rules for the marks of a node.
fn rules(schema: &Map<String, Value>, field: &str) -> Vec<Value> {
    let mut rules = Vec::new();
    let one_of = kind::fields(schema, ONE_OF);
    if !one_of.is_empty() {
        let present: Vec<String> = one_of.iter().map(|name| format!("has(self.{name})")).collect();
        let rule = match present.as_slice() {
            [left, right] => format!("{left} != {right}"),
            _ => format!("[{}].filter(x, x).size() == 1", present.join(", ")),
        };
        rules.push(json!({"rule": rule, "message": format!("set exactly one of {}", one_of.join(", "))}));
    }
    if let [left, right] = kind::fields(schema, AT_MOST_ONE_OF).as_slice() {
        rules.push(json!({
            "rule": format!("!(has(self.{left}) && has(self.{right}))"),
            "message": format!("set at most one of {left}, {right}"),
        }));
    }
    if schema.get(IMMUTABLE) == Some(&Value::Bool(true)) {
        rules.push(json!({"rule": "self == oldSelf", "message": format!("{field} is immutable: use a new name")}));
    }
    rules
}
