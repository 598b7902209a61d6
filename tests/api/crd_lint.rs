//! Every CRD is one that an API server takes, and none of what it takes is unbounded.

use std::collections::BTreeSet;

use crate::support::schemas::{crds, structural};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};

/// Words a node may have. Everything else is unknown to a structural schema, or we forbid it (`nullable`, `oneOf`, `not`, `$ref`).
const WORDS: [&str; 21] = [
    "type",
    "description",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "enum",
    "default",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "maxProperties",
    "minimum",
    "maximum",
    "x-kubernetes-validations",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
];
/// Formats that API servers know.
const FORMATS: [&str; 3] = ["int32", "int64", "date-time"];
fn lint(node: &Value, path: &str, found: &mut Vec<String>) {
    let Some(schema) = node.as_object() else {
        found.push(format!("{path}: not an object"));
        return;
    };
    let mut bad = |text: String| found.push(format!("{path}: {text}"));
    for word in schema.keys() {
        if !WORDS.contains(&word.as_str()) {
            bad(format!("word {word}"));
        }
    }
    let number = |word: &str| schema.get(word).and_then(Value::as_u64);
    let properties = schema.get("properties").and_then(Value::as_object);
    let free = path.ends_with(".metadata") || path.ends_with(".metadata.name");
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => {
            let closed = schema.get("enum").is_some_and(|words| words.as_array().unwrap().iter().all(Value::is_string));
            if !closed && number("maxLength").is_none() {
                bad("string without maxLength".into());
            }
        }
        Some("array") => {
            if number("maxItems").is_none() {
                bad("array without maxItems".into());
            }
            if !schema.contains_key("items") {
                bad("array without items".into());
            }
            lint_list(schema, &mut bad);
        }
        Some("object") => {
            if let Some(values) = schema.get("additionalProperties") {
                if !values.is_object() {
                    bad("additionalProperties is not a schema".into());
                }
                if properties.is_some() {
                    bad("additionalProperties beside properties".into());
                }
                if number("maxProperties").is_none() {
                    bad("map without maxProperties".into());
                }
            }
        }
        Some("integer" | "boolean") => {}
        other => bad(format!("type {other:?}")),
    }
    for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !properties.is_some_and(|all| all.contains_key(required.as_str().unwrap())) {
            bad(format!("required {required} is no property"));
        }
    }
    if let Some(format) = schema.get("format").and_then(Value::as_str)
        && !FORMATS.contains(&format)
    {
        bad(format!("format {format}"));
    }
    if let Some(default) = schema.get("default") {
        if !jsonschema::is_valid(node, default) {
            bad(format!("default {default} is not valid"));
        }
        if let Some(default) = default.as_object()
            && default.keys().any(|key| !properties.is_some_and(|all| all.contains_key(key)))
        {
            bad("default has unknown fields".into());
        }
    }
    for rule in schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten() {
        if rule.get("message").and_then(Value::as_str).is_none_or(str::is_empty) {
            bad("rule without message".into());
        }
        // `x` and `c` are bound by `filter` and `all`.
        match kube_cel::cel::Program::compile(rule["rule"].as_str().unwrap()) {
            Err(error) => bad(format!("rule does not compile: {error}")),
            Ok(program) => {
                for name in program.references().variables() {
                    if !["self", "oldSelf", "x", "c"].contains(&name) {
                        bad(format!("rule out of scope: {name}"));
                    }
                }
            }
        }
    }
    let words = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    if words.contains("[`") || words.contains("::") {
        bad("description has a link of the source".into());
    }
    if words.is_empty() && !free {
        bad("no description".into());
    }
    for (name, property) in properties.into_iter().flatten() {
        lint(property, &format!("{path}.{name}"), found);
    }
    if let Some(items) = schema.get("items") {
        // The item of a list of plain strings says nothing that the list does not say.
        lint_item(items, &format!("{path}[]"), found);
    }
    if let Some(values @ Value::Object(_)) = schema.get("additionalProperties") {
        lint_item(values, &format!("{path}[]"), found);
    }
}

fn lint_item(node: &Value, path: &str, found: &mut Vec<String>) {
    let mut node = node.clone();
    if let Some(schema) = node.as_object_mut() {
        schema.entry("description").or_insert_with(|| "item".into());
    }
    lint(&node, path, found);
}

fn lint_list(schema: &serde_json::Map<String, Value>, bad: &mut impl FnMut(String)) {
    match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("atomic") => {}
        Some("set") => {
            if schema["items"]["type"] == "object" {
                bad("set of objects".into());
            }
        }
        Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            if keys.is_none_or(Vec::is_empty) {
                bad("map list without keys".into());
            }
            for key in keys.into_iter().flatten().map(|key| key.as_str().unwrap()) {
                let items = &schema["items"];
                let required = items["required"].as_array().is_some_and(|all| all.iter().any(|word| word == key));
                if !required && items["properties"][key].get("default").is_none() {
                    bad(format!("map key {key} is not required"));
                }
                if items["properties"][key]["type"] == "object" || items["properties"][key]["type"] == "array" {
                    bad(format!("map key {key} is not a scalar"));
                }
            }
        }
        other => bad(format!("list type {other:?}")),
    }
}

#[test]
fn every_crd_is_structural_and_bounded() {
    let mut found = Vec::new();
    for (kind, crd) in crds() {
        lint(structural(&crd), &kind, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_lint_sees_each_construct_it_names() {
    let text = json!({"type": "string", "description": "d", "maxLength": 3});
    let item = json!({"type": "object", "properties": {"name": text}});
    for (wanted, node) in [
        ("word $ref", json!({"$ref": "#/x", "type": "object", "description": "d"})),
        ("word oneOf", json!({"oneOf": [{"type": "string"}], "type": "object", "description": "d"})),
        ("word nullable", json!({"type": "boolean", "nullable": true, "description": "d"})),
        ("word const", json!({"type": "boolean", "const": true, "description": "d"})),
        ("word uniqueItems", json!({"type": "boolean", "uniqueItems": true, "description": "d"})),
        ("type None", json!({"description": "d"})),
        ("type None", json!({"type": ["string", "null"], "description": "d"})),
        ("additionalProperties is not a schema", json!({"type": "object", "additionalProperties": false, "description": "d"})),
        ("map without maxProperties", json!({"type": "object", "additionalProperties": text, "description": "d"})),
        ("string without maxLength", json!({"type": "string", "description": "d"})),
        ("array without maxItems", json!({"type": "array", "items": text, "x-kubernetes-list-type": "set", "description": "d"})),
        ("list type None", json!({"type": "array", "items": text, "maxItems": 1, "description": "d"})),
        (
            "map key name is not required",
            json!({"type": "array", "maxItems": 1, "items": item, "description": "d",
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}),
        ),
        ("required \"x\" is no property", json!({"type": "object", "required": ["x"], "description": "d"})),
        ("default 5 is not valid", json!({"type": "boolean", "default": 5, "description": "d"})),
        ("default has unknown fields", json!({"type": "object", "default": {"x": 1}, "description": "d"})),
        ("format uint16", json!({"type": "integer", "format": "uint16", "description": "d"})),
        (
            "rule does not compile",
            json!({"type": "object", "description": "d", "x-kubernetes-validations": [{"rule": "self.(", "message": "m"}]}),
        ),
        (
            "rule out of scope",
            json!({"type": "object", "description": "d", "x-kubernetes-validations": [{"rule": "object.x", "message": "m"}]}),
        ),
        ("no description", json!({"type": "boolean"})),
    ] {
        let mut found = Vec::new();
        lint(&node, "x", &mut found);
        assert!(found.iter().any(|text| text.contains(wanted)), "{wanted}: {found:?}");
    }
}

#[test]
fn definitions_say_what_kubectl_needs() {
    let mut short = BTreeSet::new();
    let mut kinds = Vec::new();
    for (kind, crd) in crds() {
        let names = &crd["spec"]["names"];
        let plural = names["plural"].as_str().unwrap();
        assert_eq!(crd["apiVersion"], "apiextensions.k8s.io/v1");
        assert_eq!(crd["kind"], "CustomResourceDefinition");
        assert_eq!(crd["metadata"]["name"], format!("{plural}.tecrax.io"));
        assert_eq!(crd["spec"]["scope"], "Namespaced");
        assert_eq!(names["singular"], kind.to_lowercase());
        assert_eq!(names["categories"], json!(["tecrax"]));
        for name in names["shortNames"].as_array().unwrap() {
            assert!(short.insert(name.as_str().unwrap().to_owned()), "{name} twice");
        }
        let versions = crd["spec"]["versions"].as_array().unwrap();
        assert_eq!(versions.len(), 1);
        assert_eq!(versions[0]["name"], "v1alpha1");
        assert_eq!((&versions[0]["served"], &versions[0]["storage"]), (&json!(true), &json!(true)));
        assert_eq!(versions[0]["subresources"], json!({"status": {}}));
        for column in versions[0]["additionalPrinterColumns"].as_array().unwrap() {
            assert_column(structural(&crd), column);
        }
        kinds.push(kind);
    }
    assert_eq!(kinds, ["Target", "TargetSet", "Check", "Policy", "Sink", "Observation", "Escalation"]);
    assert_eq!(short.into_iter().collect::<Vec<_>>(), ["chk", "esc", "obs", "pol", "snk", "tg", "tgs"]);
}

/// The path of a column leads to a field of the schema, and the column has the field's type.
fn assert_column(schema: &Value, column: &Value) {
    let path = column["jsonPath"].as_str().unwrap();
    if path == ".metadata.creationTimestamp" {
        return;
    }
    let mut node = schema;
    for part in path.trim_start_matches('.').replace(".status.conditions[?(@.type==\"", "").split('.') {
        let (name, index) = part.split_once('[').map_or((part, false), |(name, _)| (name, true));
        if name == "type==\"Ready\")]" || name.contains("==") {
            continue;
        }
        node = &node["properties"][name];
        if index {
            node = &node["items"];
        }
        assert!(node.is_object(), "{path}: no {name}");
    }
    let wanted = match column["type"].as_str().unwrap() {
        "date" => "string",
        other => other,
    };
    assert_eq!(node["type"], wanted, "{path}");
}

#[test]
fn the_typed_definition_loses_nothing() {
    for (kind, crd) in crds() {
        let typed: CustomResourceDefinition = serde_json::from_value(crd.clone()).unwrap();
        let back = whole_numbers(serde_json::to_value(typed).unwrap());
        assert!(back == crd, "{kind} has a field that Kubernetes does not know");
    }
}

/// The typed definition keeps bounds as floating-point numbers.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            #[allow(clippy::cast_possible_truncation)]
            Some(float) if number.is_f64() && float.fract() == 0.0 => json!(float as i64),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, whole_numbers(value))).collect(),
        other => other,
    }
}

#[test]
fn names_are_bounded_by_kind() {
    let bounds: Vec<(String, u64)> = crds()
        .into_iter()
        .map(|(kind, crd)| {
            let max = structural(&crd).pointer("/properties/metadata/properties/name/maxLength").unwrap().as_u64().unwrap();
            (kind, max)
        })
        .collect();
    let wanted = [
        ("Target", 189),
        ("TargetSet", 189),
        ("Check", 63),
        ("Policy", 189),
        ("Sink", 189),
        ("Observation", 253),
        ("Escalation", 253),
    ];
    assert_eq!(bounds, wanted.map(|(kind, max)| (kind.to_owned(), max)));
}

const DEFAULTS: [&str; 19] = [
    "Target.spec.connections[].fixture.readings[].exitCode 0",
    r#"Target.spec.connections[].fixture.readings[].stdout """#,
    r#"Target.spec.connections[].http.auth.mode "Auto""#,
    r#"Target.spec.criticality "Low""#,
    "TargetSet.spec.template.metadata {}",
    "TargetSet.spec.template.spec.connections[].fixture.readings[].exitCode 0",
    r#"TargetSet.spec.template.spec.connections[].fixture.readings[].stdout """#,
    r#"TargetSet.spec.template.spec.connections[].http.auth.mode "Auto""#,
    r#"TargetSet.spec.template.spec.criticality "Low""#,
    "Check.spec.confirmations.failures 1",
    "Check.spec.confirmations.recoveries 1",
    r#"Check.spec.expect[].otherwise "unhealthy""#,
    "Check.spec.retry.attempts 1",
    r#"Check.spec.retry.on ["Timeout","Transient"]"#,
    "Policy.spec.checkSelector {}",
    "Policy.spec.rules[].priority 0",
    "Policy.spec.targetSelector {}",
    r#"Sink.spec.minSeverity "Low""#,
    "Sink.spec.selector {}",
];

/// Defaults are constants: the interval depends on `schedule` and is applied in code.
#[test]
fn defaults_are_the_documented_constants() {
    fn collect(node: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(default) = node.get("default") {
            found.push(format!("{path} {default}"));
        }
        for (name, property) in node["properties"].as_object().into_iter().flatten() {
            collect(property, &format!("{path}.{name}"), found);
        }
        if let Some(items) = node.get("items") {
            collect(items, &format!("{path}[]"), found);
        }
    }
    let mut found = Vec::new();
    for (kind, crd) in crds() {
        collect(structural(&crd), &kind, &mut found);
    }
    assert_eq!(found, DEFAULTS, "\n{}", found.join("\n"));
}
