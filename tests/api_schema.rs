//! Samples, editor schemas and Rust types agree on what a document may be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "a test reads the work tree")]

mod api_support;

use std::collections::BTreeSet;
use std::fs;

use api_support::{documents, editor, modeline, root, strict, to_json, typed, value, yaml_blocks, yaml_files};
use serde_json::{Value, json};
use tecrax::api;

/// (where, text) of every sample document, those in the pages of the kinds included.
fn samples() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for directory in ["manifests", "examples"] {
        for path in yaml_files(&root().join(directory)) {
            for (index, text) in documents(&fs::read_to_string(&path).unwrap()).into_iter().enumerate() {
                found.push((format!("{} #{index}", path.display()), text));
            }
        }
    }
    for page in pages() {
        for block in yaml_blocks(&fs::read_to_string(&page).unwrap()) {
            for (index, text) in documents(&block).into_iter().enumerate() {
                found.push((format!("{} #{index}", page.display()), text));
            }
        }
    }
    found
}

fn pages() -> Vec<std::path::PathBuf> {
    let mut pages: Vec<_> = fs::read_dir(root().join("docs/spec")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

fn written_by_tecrax(document: &Value) -> Option<&'static str> {
    match document["kind"].as_str() {
        Some("Observation") => Some("observation.schema.json"),
        Some("Escalation") => Some("escalation.schema.json"),
        _ => None,
    }
}

#[test]
fn every_sample_is_valid_and_survives_a_round_trip() {
    let combined = editor(api::schema::COMBINED);
    let samples = samples();
    assert!(samples.len() >= 20, "only {} samples found", samples.len());
    for (place, text) in samples {
        let loose = value(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
        if let Some(file) = written_by_tecrax(&loose) {
            let errors: Vec<String> = editor(file).iter_errors(&loose).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{place}: {errors:?}");
            continue;
        }
        let errors: Vec<String> = combined.iter_errors(&loose).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{place}: {errors:?}");
        let object = strict(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(typed(&text).unwrap_or_else(|error| panic!("{place}: {error}")), object, "{place}");
        let json = to_json(&object);
        let again = strict(&serde_json::to_string(&json).unwrap()).unwrap();
        assert_eq!(again, object, "{place}");
        assert_eq!(to_json(&again), json, "{place}");
        assert!(combined.is_valid(&json), "{place}: what serializes is not valid");
    }
}

#[test]
fn every_sample_file_starts_with_the_modeline() {
    let mut count = 0;
    for (directory, depth) in [("manifests", 1), ("examples", 2)] {
        for path in yaml_files(&root().join(directory)) {
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(text.lines().next(), Some(modeline(depth).as_str()), "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} files");
}

#[test]
fn every_example_folder_has_a_readme_and_a_manifest() {
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.starts_with("# ") && readme.contains("tecrax reconcile"), "{}", folder.display());
        assert!(!yaml_files(&folder).is_empty(), "{}", folder.display());
    }
}

#[test]
fn every_kind_has_a_page_with_an_example_of_every_field() {
    let schemas = api::schema::render();
    for (file, text) in &schemas {
        let Some(kind) = file.strip_suffix(".schema.json").filter(|kind| *kind != "tecrax") else { continue };
        let schema: Value = serde_json::from_str(text).unwrap();
        let page = fs::read_to_string(root().join(format!("docs/spec/{kind}.md"))).unwrap_or_else(|e| panic!("{kind}: {e}"));
        let mut shown = BTreeSet::new();
        for block in yaml_blocks(&page) {
            for text in documents(&block) {
                paths(&value(&text).unwrap()["spec"], "", &mut shown);
            }
        }
        let mut all = BTreeSet::new();
        fields(&schema["properties"]["spec"], "", &mut all);
        let missing: Vec<&String> = all.difference(&shown).collect();
        assert!(missing.is_empty(), "docs/spec/{kind}.md shows no {missing:?}");
    }
}

fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{path}.{key}");
                paths(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// Every field of a schema. The template of a TargetSet is a Target, and a reference or value source is shown once on its page.
fn fields(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let stop = path.starts_with(".template.spec.") || name.ends_with("From") || name.ends_with("Ref");
        if !stop {
            fields(property, &path, found);
        }
        if !path.starts_with(".template.spec.") || path == ".template.spec.connections" {
            found.insert(path);
        }
    }
    if let Some(items) = schema.get("items") {
        fields(items, &format!("{path}[]"), found);
    }
}

fn target(spec: &str) -> String {
    format!("{{apiVersion: tecrax.io/v1alpha1, kind: Target, metadata: {{name: a}}, spec: {{{spec}}}}}")
}

fn os(connection: &str) -> String {
    target(&format!("type: Host, connections: [{{name: os, {connection}}}]"))
}

fn check(spec: &str) -> String {
    format!(
        "{{apiVersion: tecrax.io/v1alpha1, kind: Check, metadata: {{name: a}}, spec: {{intent: i, targetRef: {{name: t}}, {spec}}}}}"
    )
}

fn set(spec: &str) -> String {
    format!("{{apiVersion: tecrax.io/v1alpha1, kind: TargetSet, metadata: {{name: a}}, spec: {{{spec}}}}}")
}

fn policy(spec: &str) -> String {
    format!("{{apiVersion: tecrax.io/v1alpha1, kind: Policy, metadata: {{name: a}}, spec: {{{spec}}}}}")
}

fn meta(metadata: &str) -> String {
    format!("{{apiVersion: tecrax.io/v1alpha1, kind: Target, metadata: {{{metadata}}}, spec: {{type: Host}}}}")
}

/// Documents that both sides take.
fn good() -> Vec<String> {
    let long = "x".repeat(253);
    vec![
        target("type: Host"),
        os("local: {}"),
        os("ssh: {host: h, port: 65535}"),
        os("ssh: {host: h, port: null, identity: {agent: {}}}"),
        os(&format!("ssh: {{host: {long}}}")),
        os("fixture: {readings: []}"),
        os("ssh: {host: h, hostKeys: {inline: [k]}}"),
        os("ssh: null, local: {}"),
        check("interval: 1h30m"),
        check("interval: null, schedule: {cron: '* * * * *'}"),
        check("retry: {attempts: 10, 'on': [Timeout]}"),
        check("accept: [{finding: f, reason: r, owner: o, expires: '2027-03-01T00:00:00+01:00'}]"),
        check("escalation: {severity: null}"),
        set("template: {spec: {type: Host, connections: [{name: os, ssh: {}}]}}, items: []"),
        policy("rules: []"),
        meta("name: a.b-c, namespace: x, labels: {a/b: '', c: D_e.f}, uid: 7, creationTimestamp: null"),
        format!("{{status: {{anything: 1}}, {}", &target("type: Host")[1..]),
    ]
}

/// Documents that both sides refuse.
fn bad() -> Vec<String> {
    let long = "x".repeat(254);
    let many = |count: usize, item: &str| vec![item; count].join(", ");
    vec![
        // The root.
        format!("{{extra: 1, {}", &target("type: Host")[1..]),
        target("type: Host").replace("v1alpha1", "v1"),
        target("type: Host").replace("Target", "Targets"),
        target("type: Host").replace("apiVersion: tecrax.io/v1alpha1, ", ""),
        "{apiVersion: tecrax.io/v1alpha1, kind: Target, metadata: {name: a}}".into(),
        "{apiVersion: tecrax.io/v1alpha1, kind: Target, spec: {type: Host}}".into(),
        // Metadata.
        meta("namespace: x"),
        meta("name: A"),
        meta("name: a_b"),
        meta("name: ''"),
        meta("name: a..b"),
        meta(&format!("name: {}", "a.".repeat(95) + "a")),
        meta("name: a, namespace: a.b"),
        meta("name: a, label: {}"),
        meta("name: a, labels: null"),
        meta("name: a, labels: {a: 1}"),
        meta("name: a, labels: {a: null}"),
        meta("name: a, labels: {'-a': b}"),
        meta("name: a, labels: {A/b: c}"),
        meta("name: a, labels: {a/b/c: d}"),
        meta("name: a, labels: {a: 'b c'}"),
        meta(&format!("name: a, labels: {{a: {}}}", "b".repeat(64))),
        meta(&format!("name: a, labels: {{{}}}", (0..65).map(|i| format!("k{i}: v")).collect::<Vec<_>>().join(", "))),
        // Target.
        target(""),
        target("type: host"),
        target("type: null"),
        target("type: Host, criticality: low"),
        target("type: Host, suspend: 'true'"),
        target("type: Host, suspend: null"),
        target("type: Host, suspended: true"),
        target("type: Host, dependsOn: [a]"),
        target(&format!(
            "type: Host, dependsOn: [{}]",
            (0..17).map(|i| format!("{{name: a{i}}}")).collect::<Vec<_>>().join(", ")
        )),
        target("type: Host, connections: null"),
        target("type: Host, connections: {}"),
        target("type: Host, connections: [{local: {}}]"),
        target("type: Host, connections: [{name: OS, local: {}}]"),
        // Connections.
        os("ssh: {host: h}, local: {}"),
        os("parameters: []"),
        os("local: null"),
        os("local: {x: 1}"),
        os("local: true"),
        os("ssh: {}"),
        os("ssh: {host: null}"),
        os("ssh: {host: ''}"),
        os("ssh: {host: 5}"),
        os(&format!("ssh: {{host: {long}}}")),
        os("ssh: {host: h, hostFrom: {file: f}}"),
        os("ssh: {hostFrom: {}}"),
        os("ssh: {hostFrom: f}"),
        os("ssh: {host: h, port: 0}"),
        os("ssh: {host: h, port: 65536}"),
        os("ssh: {host: h, port: -1}"),
        os("ssh: {host: h, port: '22'}"),
        os("ssh: {host: h, port: 22.5}"),
        os("ssh: {host: h, identity: {}}"),
        os("ssh: {host: h, identity: {agent: null}}"),
        os("ssh: {host: h, identity: {agent: {x: 1}}}"),
        os("ssh: {host: h, identity: {agent: {}, file: f}}"),
        os("ssh: {host: h, hostKeys: {inline: []}}"),
        os("ssh: {host: h, hostKeys: {file: f, inline: [k]}}"),
        os("ssh: {host: h, connectTimeout: 5}"),
        os("ssh: {host: h, connectTimeout: 5d}"),
        os("ssh: {host: h, connectTimeout: 1.5s}"),
        os("ssh: {host: h, connectTimeout: ''}"),
        os("ssh: {host: h, connectTimeout: 123456s}"),
        os(&format!("ssh: {{host: h, viaRefs: [{}]}}", many(9, "{name: b}"))),
        os("wrapper: {}"),
        os("dns: {server: s, port: 0}"),
        os("http: {}"),
        os("http: {baseURL: u, baseURLFrom: {file: f}}"),
        os("http: {baseURL: u, auth: {mode: Auto}}"),
        os("http: {baseURL: u, auth: {mode: auto, tokenFrom: {file: f}}}"),
        os("fixture: {}"),
        os("fixture: {readings: [{stdout: x}]}"),
        os("fixture: {readings: [{shape: s, exitCode: 256}]}"),
        os("fixture: {readings: [{shape: s, exitCode: -1}]}"),
        os("local: {}, parameters: [{name: n}]"),
        // Check.
        check("targetSelector: {}"),
        check("interval: 5m, schedule: {cron: '* * * * *'}"),
        check("schedule: {}"),
        check("interval: 5 m"),
        check("retry: {attempts: 11}"),
        check("retry: {attempts: 256}"),
        check("retry: {'on': [Other]}"),
        check("retry: {'on': [Timeout, Timeout]}"),
        check("retry: {on_: [Timeout]}"),
        check("expect: [{name: a, key: k, operator: lt}]"),
        check("expect: [{name: a, key: k, operator: Lt, values: [90]}]"),
        check("expect: [{name: a, key: k, operator: Lt, otherwise: unknown}]"),
        check("expect: [{name: a, key: '', operator: Lt}]"),
        check("accept: [{finding: f, reason: r, owner: o}]"),
        check("accept: [{finding: f, reason: r, owner: o, expires: '2027-03-01'}]"),
        check("accept: [{finding: f, reason: r, owner: o, expires: '2027-02-31T00:00:00Z'}]"),
        check("accept: [{finding: f, reason: r, owner: o, expires: '2027-03-01 00:00:00Z'}]"),
        check("confirmations: {failures: 0}"),
        check("confirmations: {failures: 11}"),
        check("escalation: {severity: Severe}"),
        check("escalation: {runbookUrl: u}"),
        check("targetRef_: 1"),
        check("a: 1").replace("targetRef: {name: t}, a: 1", ""),
        check("suspend: false").replace("targetRef: {name: t}, ", ""),
        check("suspend: false").replace("targetRef: {name: t}", "targetRef: null"),
        check("suspend: false").replace("targetRef: {name: t}", "targetSelector: {matchLabel: {}}"),
        check("suspend: false").replace("targetRef: {name: t}", "targetSelector: {matchExpressions: [{key: a, operator: in}]}"),
        check("suspend: false").replace("targetRef: {name: t}", "targetSelector: {matchExpressions: [{key: '', operator: In}]}"),
        check("suspend: false").replace("intent: i", "intent: ''"),
        check("suspend: false").replace("name: a", "name: a.b"),
        // TargetSet.
        set("items: []"),
        set("template: {spec: {type: Host}}"),
        set("template: {spec: {type: Host}}, items: [{host: h}]"),
        set("template: {spec: {type: Host}}, items: [{name: a, user: u}]"),
        set("template: {metadata: {name: x}, spec: {type: Host}}, items: []"),
        set("template: {spec: {type: Host, connections: [{name: os, ssh: {host: h, hostFrom: {file: f}}}]}}, items: []"),
        set(&format!(
            "template: {{spec: {{type: Host}}}}, items: [{}]",
            (0..1001).map(|i| format!("{{name: a{i}}}")).collect::<Vec<_>>().join(", ")
        )),
        // Policy.
        policy(""),
        policy("rules: [{name: a}]"),
        policy("rules: [{name: a, effect: allow}]"),
        policy("rules: [{name: a, effect: Deny, priority: 10001}]"),
        policy("rules: [{name: a, effect: Deny, conditions: [{key: k, values: [true]}]}]"),
        policy("rules: [{name: a, effect: Deny, constraints: [{name: n, kind: k, value: 5}]}]"),
        policy("rules: [], targetSelector: null"),
    ]
}

#[test]
fn schema_and_types_are_equally_strict() {
    let combined = editor(api::schema::COMBINED);
    let mut disagree = Vec::new();
    for (documents, wanted) in [(good(), true), (bad(), false)] {
        for text in documents {
            let schema = value(&text).is_ok_and(|value| combined.is_valid(&value));
            let types = strict(&text);
            if schema != wanted || types.is_ok() != wanted {
                let short: String = text.chars().take(200).collect();
                let types = types.map_or_else(|error| error, |_| "take it".into());
                disagree.push(format!("wanted {wanted}, schema {schema}, types {types}: {short}"));
            }
        }
    }
    assert!(disagree.is_empty(), "{}", disagree.join("\n"));
}

/// What JSON Schema can not say: the items of a list map are told apart by their key.
#[test]
fn repeated_list_map_keys_are_refused_by_the_types() {
    for text in [
        target("type: Host, connections: [{name: os, local: {}}, {name: os, ssh: {host: h}}]"),
        target("type: Host, dependsOn: [{name: a}, {name: a}]"),
        os("local: {}, parameters: [{name: n, value: a}, {name: n, value: b}]"),
        set("template: {spec: {type: Host}}, items: [{name: a}, {name: a, host: h}]"),
        check("expect: [{name: a, key: k, operator: Exists}, {name: a, key: l, operator: Exists}]"),
        check(
            "accept: [{finding: f, reason: r, owner: o, expires: '2027-03-01T00:00:00Z'}, \
             {finding: f, reason: s, owner: o, expires: '2027-03-01T00:00:00Z'}]",
        ),
    ] {
        let error = strict(&text).unwrap_err();
        assert!(error.contains("two items have the same"), "{text}: {error}");
    }
}

#[test]
fn violations_name_place_and_remedy() {
    for (text, wanted) in [
        (os("ssh: {host: h, port: 0}"), "spec.connections[0].ssh.port: smaller than 1"),
        (os("parameters: []"), "spec.connections[0]: set exactly one of local, ssh, wrapper, http, dns, fixture; none is set"),
        (os("ssh: {}"), "spec.connections[0].ssh: set exactly one of host, hostFrom; none is set"),
        (
            os("ssh: {host: h, hostFrom: {file: f}}"),
            "spec.connections[0].ssh: set exactly one of host, hostFrom; `host` and `hostFrom` are set",
        ),
        (
            check("interval: 5m, schedule: {cron: x}"),
            "spec: set at most one of interval, schedule; `interval` and `schedule` are set",
        ),
        (check("retry: {attempts: 11}"), "spec.retry.attempts: larger than 10"),
        (check("expect: [{name: a, key: '', operator: Lt}]"), "spec.expect[0].key: empty"),
    ] {
        assert_eq!(strict(&text).unwrap_err(), wanted);
    }
}

#[test]
fn schemas_are_valid_draft_2020_12_and_closed() {
    for (file, text) in api::schema::render() {
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{file}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(!text.contains("\"x-"), "{file} holds a mark");
        closed(&schema, &file);
    }
}

/// Every object with fields refuses other fields. Parts of a union (`oneOf`, `not`) only ask for presence.
fn closed(schema: &Value, path: &str) {
    if schema["type"] == json!("object") || schema["type"] == json!(["object", "null"]) {
        let closed = schema["additionalProperties"] == json!(false) || schema["additionalProperties"].is_object();
        assert!(closed, "{path} is open");
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        closed(property, &format!("{path}.{name}"));
    }
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        closed(definition, &format!("{path}#{name}"));
    }
    if schema["items"].is_object() {
        closed(&schema["items"], &format!("{path}[]"));
    }
}

#[test]
fn a_list_of_manifests_is_a_manifest() {
    let combined = editor(api::schema::COMBINED);
    let target: Value = value(&target("type: Host")).unwrap();
    assert!(combined.is_valid(&json!({"apiVersion": "v1", "kind": "List", "items": [target, target]})));
    assert!(!combined.is_valid(&json!({"apiVersion": "v1", "kind": "List", "items": [{"kind": "Target"}]})));
}
