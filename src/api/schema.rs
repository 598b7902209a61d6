//! Editor schemas (JSON Schema draft 2020-12): as strict as the types, with the field docs as descriptions.

use serde_json::{Map, Value, json};

use super::kind::{self, ALL, AT_MOST_ONE_OF, Kind, LIST_TYPE, ONE_OF};
use super::{API_VERSION, WebhookBody};

/// The dialect of every schema.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// File with every kind that a user writes.
pub const COMBINED: &str = "tecrax.schema.json";

/// File with what a webhook is sent.
pub const WEBHOOK: &str = "webhook.schema.json";

/// Words of the tree that say nothing to an editor.
const DROPPED: [&str; 3] = ["$schema", "title", "writeOnly"];

/// Every editor schema as (file name, JSON text): one per kind, then [`COMBINED`] and [`WEBHOOK`].
pub fn render() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = ALL
        .iter()
        .map(|kind| {
            let mut schema = document(kind);
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("$schema".into(), DIALECT.into());
            }
            (format!("{}.schema.json", kind.name.to_lowercase()), text(&schema))
        })
        .collect();
    files.push((COMBINED.into(), text(&combined())));
    files.push((WEBHOOK.into(), text(&webhook())));
    files
}

fn text(schema: &Value) -> String {
    // Plain JSON always serializes; an empty file could not pass the drift test.
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Any document that a user may write, a `List` of them included.
fn combined() -> Value {
    let written: Vec<&Kind> = ALL.iter().filter(|kind| kind.written_by_user).collect();
    let references: Vec<Value> = written.iter().map(|kind| json!({"$ref": format!("#/$defs/{}", kind.name)})).collect();
    let mut definitions: Map<String, Value> = written.iter().map(|kind| (kind.name.to_owned(), document(kind))).collect();
    definitions.insert(
        "List".into(),
        json!({
            "type": "object",
            "description": "Several documents in one.",
            "required": ["apiVersion", "kind", "items"],
            "additionalProperties": false,
            "properties": {
                "apiVersion": {"const": "v1"},
                "kind": {"const": "List"},
                "metadata": true,
                "items": {"type": "array", "items": {"oneOf": references.clone()}},
            },
        }),
    );
    let mut any = references;
    any.push(json!({"$ref": "#/$defs/List"}));
    json!({"$schema": DIALECT, "title": "tecrax manifest", "oneOf": any, "$defs": definitions})
}

/// The schema of what a webhook is sent. Open: a receiver must bear fields that a later version adds.
fn webhook() -> Value {
    let mut tree = kind::tree::<WebhookBody>();
    strict(&mut tree);
    open(&mut tree);
    if let Some(schema) = tree.as_object_mut() {
        schema.insert("$schema".into(), DIALECT.into());
        schema.insert("title".into(), "tecrax webhook".into());
    }
    tree
}

/// Takes back that unknown fields are errors.
fn open(node: &mut Value) {
    match node {
        Value::Object(schema) => {
            if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
                schema.remove("additionalProperties");
            }
            schema.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

/// The editor schema of one kind, without the dialect.
fn document(kind: &Kind) -> Value {
    let mut tree = kind.complete_document();
    if !kind.written_by_user
        && let Some(status) = tree.pointer_mut("/properties/status")
    {
        *status = (kind.status)();
    }
    strict(&mut tree);
    if let Some(schema) = tree.as_object_mut() {
        schema.insert("title".into(), kind.name.into());
        schema.insert("description".into(), kind.about().into());
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("apiVersion".into(), json!({"const": API_VERSION}));
            properties.insert("kind".into(), json!({"const": kind.name}));
        }
    }
    tree
}

/// Turns marks into JSON Schema and drops what only an API server reads.
fn strict(node: &mut Value) {
    let Some(schema) = node.as_object_mut() else { return };
    let one_of = kind::fields(schema, ONE_OF);
    let arms: Vec<Value> = one_of.iter().map(|field| set(&[*field])).collect();
    let both = match kind::fields(schema, AT_MOST_ONE_OF).as_slice() {
        [] => None,
        fields => Some(set(fields)),
    };
    let is_set = schema.get(LIST_TYPE).is_some_and(|word| word == "set");
    let is_integer_format = schema.get("format").and_then(Value::as_str).is_some_and(|format| format.contains("int"));
    schema.retain(|key, _| !key.starts_with("x-") && !DROPPED.contains(&key.as_str()));
    if !arms.is_empty() {
        // A nullable union keeps its null.
        let mut arms = arms;
        if schema.get("type").and_then(Value::as_array).is_some_and(|types| types.contains(&json!("null"))) {
            arms.push(json!({"type": "null"}));
        }
        schema.insert("oneOf".into(), arms.into());
    }
    if let Some(both) = both {
        schema.insert("not".into(), both);
    }
    if is_set {
        schema.insert("uniqueItems".into(), true.into());
    }
    if is_integer_format {
        schema.remove("format");
    }
    for below in ["properties", "items", "additionalProperties", "anyOf", "oneOf"] {
        match (below, schema.get_mut(below)) {
            ("properties", Some(Value::Object(properties))) => properties.values_mut().for_each(strict),
            ("anyOf" | "oneOf", Some(Value::Array(branches))) => branches.iter_mut().for_each(strict),
            (_, Some(child)) => strict(child),
            (_, None) => {}
        }
    }
}

/// A schema that holds when every one of `fields` is present and not null: a null counts as absent, as on an API server.
fn set(fields: &[&str]) -> Value {
    let present: Map<String, Value> =
        fields.iter().map(|field| ((*field).to_owned(), json!({"not": {"type": "null"}}))).collect();
    json!({"required": fields, "properties": present, "type": "object"})
}
