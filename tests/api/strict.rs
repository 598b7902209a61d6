//! Editor schema and Rust types refuse the same documents.
#![allow(clippy::too_many_lines, reason = "tables read best whole")]

use crate::support::schemas::{editor, strict, value};
use tecrax::api;

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
