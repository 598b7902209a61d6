//! Every CEL rule of every CRD, run: one object it accepts, one it refuses.
#![allow(clippy::needless_pass_by_value, clippy::too_many_lines, reason = "tables read best whole")]

use std::collections::BTreeMap;

use crate::support::schemas::{crds, structural};
use kube_cel::Validator;
use serde_json::{Value, json};

/// A rule: the place of its node in the schema, and its message.
type Site = (String, String);

/// Every rule of `node`, list steps as `[]`.
fn sites(node: &Value, path: &str, found: &mut Vec<Site>) {
    for rule in node["x-kubernetes-validations"].as_array().into_iter().flatten() {
        found.push((path.to_owned(), rule["message"].as_str().unwrap().to_owned()));
    }
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        sites(property, &format!("{path}.{name}"), found);
    }
    if let Some(items) = node.get("items") {
        sites(items, &format!("{path}[]"), found);
    }
}

/// The rules that `object` breaks, as sites; `old` makes it an update.
fn broken(kind: &str, object: &Value, old: Option<&Value>) -> Vec<Site> {
    let (_, crd) = crds().into_iter().find(|(name, _)| name == kind).unwrap();
    let errors = match Validator::new().validate(structural(&crd), object, old) {
        Ok(()) => return Vec::new(),
        Err(errors) => errors,
    };
    errors
        .iter()
        .map(|error| {
            let mut path = format!("{kind}.{}", error.field_path);
            while let Some((head, tail)) = path.split_once('[').filter(|(_, tail)| !tail.starts_with(']')) {
                // A digit list becomes `[]`; what is already `[]` stays behind the search.
                let (_, tail) = tail.split_once(']').unwrap();
                path = format!("{head}\u{1}{tail}");
            }
            (path.replace('\u{1}', "[]"), error.message.clone())
        })
        .collect()
}

fn host(connections: Value) -> Value {
    json!({"metadata": {"name": "a"}, "spec": {"type": "Host", "connections": connections}})
}

fn set(connections: Value) -> Value {
    json!({"metadata": {"name": "a"}, "spec": {
        "template": {"spec": {"type": "Host", "connections": connections}},
        "items": [{"name": "b"}],
    }})
}

fn check(patch: Value) -> Value {
    let mut spec = json!({"intent": "check_ntp_health", "targetRef": {"name": "a"}});
    for (key, value) in patch.as_object().unwrap() {
        if value.is_null() {
            spec.as_object_mut().unwrap().remove(key);
        } else {
            spec[key] = value.clone();
        }
    }
    json!({"metadata": {"name": "c"}, "spec": spec})
}

struct Case {
    kind: &'static str,
    path: &'static str,
    message: &'static str,
    good: Vec<Value>,
    bad: Vec<Value>,
    old: Option<Value>,
}

const VALUE_FROM: &str = "set exactly one of file, secretKeyRef, configMapKeyRef";

/// Connections for one place of a `ValueFrom`: good and bad.
fn value_from(place: fn(Value) -> Value) -> (Vec<Value>, Vec<Value>) {
    let key = json!({"name": "s", "key": "k"});
    let good = [json!({"file": "f"}), json!({"secretKeyRef": key}), json!({"configMapKeyRef": key})];
    let bad = [json!({}), json!({"file": "f", "secretKeyRef": key}), json!({"secretKeyRef": key, "configMapKeyRef": key})];
    (good.map(place).to_vec(), bad.map(place).to_vec())
}

/// Cases of the connections of a Target or of a TargetSet's template: path below `spec`, message, good and bad connections.
#[allow(clippy::type_complexity)]
fn connection_cases() -> Vec<(&'static str, &'static str, Vec<Value>, Vec<Value>)> {
    let http = |value: Value| json!([{"name": "zabbix", "http": value}]);
    let ssh = |value: Value| json!([{"name": "os", "ssh": value}]);
    let key = json!({"name": "s", "key": "k"});
    let (token_good, token_bad) =
        value_from(|v| json!([{"name": "zabbix", "http": {"baseURL": "https://z", "auth": {"tokenFrom": v}}}]));
    let (base_good, base_bad) = value_from(|v| json!([{"name": "zabbix", "http": {"baseURLFrom": v}}]));
    let (header_good, header_bad) =
        value_from(|v| json!([{"name": "zabbix", "http": {"baseURL": "https://z", "headers": [{"name": "X", "valueFrom": v}]}}]));
    let (ca_good, ca_bad) = value_from(|v| json!([{"name": "zabbix", "http": {"baseURL": "https://z", "tls": {"caFrom": v}}}]));
    let (cert_good, cert_bad) =
        value_from(|v| json!([{"name": "zabbix", "http": {"baseURL": "https://z", "tls": {"clientCertFrom": v}}}]));
    let (host_good, host_bad) = value_from(|v| json!([{"name": "os", "ssh": {"hostFrom": v}}]));
    let fixture = json!({"readings": []});
    vec![
        (
            "connections[]",
            "set exactly one of local, ssh, wrapper, http, dns, fixture",
            vec![
                json!([{"name": "os", "local": {}}]),
                ssh(json!({"host": "h"})),
                json!([{"name": "cli", "wrapper": {"path": "/w"}}]),
                http(json!({"baseURL": "https://z"})),
                json!([{"name": "adguard-dns", "dns": {"server": "s"}}]),
                json!([{"name": "os", "fixture": fixture}]),
            ],
            vec![
                json!([{"name": "os"}]),
                json!([{"name": "os", "local": {}, "fixture": fixture}]),
                json!([{"name": "os", "local": {}}, {"name": "cli", "ssh": {"host": "h"}, "wrapper": {"path": "/w"}}]),
            ],
        ),
        ("connections[].http.auth.tokenFrom", VALUE_FROM, token_good, token_bad),
        ("connections[].http.baseURLFrom", VALUE_FROM, base_good, base_bad),
        ("connections[].http.headers[].valueFrom", VALUE_FROM, header_good, header_bad),
        ("connections[].http.tls.caFrom", VALUE_FROM, ca_good, ca_bad),
        ("connections[].http.tls.clientCertFrom", VALUE_FROM, cert_good, cert_bad),
        ("connections[].ssh.hostFrom", VALUE_FROM, host_good, host_bad),
        (
            "connections[].http",
            "set exactly one of baseURL, baseURLFrom",
            vec![http(json!({"baseURL": "https://z"})), http(json!({"baseURLFrom": {"file": "f"}}))],
            vec![http(json!({})), http(json!({"baseURL": "https://z", "baseURLFrom": {"file": "f"}}))],
        ),
        (
            "connections[].ssh.hostKeys",
            "set exactly one of file, inline, configMapKeyRef",
            vec![
                ssh(json!({"host": "h", "hostKeys": {"file": "f"}})),
                ssh(json!({"host": "h", "hostKeys": {"inline": ["l"]}})),
                ssh(json!({"host": "h", "hostKeys": {"configMapKeyRef": key}})),
            ],
            vec![
                ssh(json!({"host": "h", "hostKeys": {}})),
                ssh(json!({"host": "h", "hostKeys": {"file": "f", "inline": ["l"]}})),
            ],
        ),
        (
            "connections[].ssh.identity",
            "set exactly one of agent, file, secretKeyRef",
            vec![
                ssh(json!({"host": "h", "identity": {"agent": {}}})),
                ssh(json!({"host": "h", "identity": {"file": "f"}})),
                ssh(json!({"host": "h", "identity": {"secretKeyRef": key}})),
            ],
            vec![ssh(json!({"host": "h", "identity": {}})), ssh(json!({"host": "h", "identity": {"agent": {}, "file": "f"}}))],
        ),
        (
            "connections[].ssh",
            "set at most one of host, hostFrom",
            vec![ssh(json!({"host": "h"})), ssh(json!({"hostFrom": {"file": "f"}}))],
            vec![ssh(json!({"host": "h", "hostFrom": {"file": "f"}}))],
        ),
    ]
}

/// Cases of Sinks: rules of the kind, of each receiver, and of every place for a secret.
#[allow(clippy::type_complexity)]
fn sink_cases() -> Vec<Case> {
    let sink = |spec: Value| json!({"metadata": {"name": "s"}, "spec": spec});
    let alertmanager = |key: &str, value: Value| json!({"alertmanager": {"urls": ["https://a"], key: value}});
    let webhook = |key: &str, value: Value| json!({"webhook": {"url": "https://a", key: value}});
    let basic = |from: Value| json!({"basic": {"username": "u", "passwordFrom": from}});
    let mut cases = Vec::new();
    let mut case = |path: &'static str, message, good: Vec<Value>, bad: Vec<Value>| {
        let (good, bad) = (good.into_iter().map(sink).collect(), bad.into_iter().map(sink).collect());
        cases.push(Case { kind: "Sink", path, message, good, bad, old: None });
    };
    let (file, both) =
        (json!({"file": "f"}), json!({"tokenFrom": {"file": "f"}, "basic": {"username": "u", "passwordFrom": {"file": "f"}}}));
    case(
        "Sink.spec",
        "set exactly one of alertmanager, webhook",
        vec![json!({"alertmanager": {"urls": ["https://a"]}}), json!({"webhook": {"url": "https://a"}})],
        vec![json!({}), json!({"alertmanager": {"urls": ["https://a"]}, "webhook": {"url": "https://a"}})],
    );
    case(
        "Sink.spec.webhook",
        "set exactly one of url, urlFrom",
        vec![json!({"webhook": {"url": "https://a"}}), json!({"webhook": {"urlFrom": file}})],
        vec![json!({"webhook": {}}), json!({"webhook": {"url": "https://a", "urlFrom": file}})],
    );
    let auths = |place: &dyn Fn(Value) -> Value| {
        let good = vec![place(json!({"tokenFrom": file})), place(basic(file.clone()))];
        (good, vec![place(json!({})), place(both.clone())])
    };
    let (good, bad) = auths(&|auth| alertmanager("auth", auth));
    case("Sink.spec.alertmanager.auth", "set exactly one of tokenFrom, basic", good, bad);
    let (good, bad) = auths(&|auth| webhook("auth", auth));
    case("Sink.spec.webhook.auth", "set exactly one of tokenFrom, basic", good, bad);
    let places: [(&'static str, fn(Value) -> Value); 10] = [
        ("alertmanager.auth.tokenFrom", |v| json!({"alertmanager": {"urls": ["https://a"], "auth": {"tokenFrom": v}}})),
        (
            "alertmanager.auth.basic.passwordFrom",
            |v| json!({"alertmanager": {"urls": ["https://a"], "auth": {"basic": {"username": "u", "passwordFrom": v}}}}),
        ),
        ("alertmanager.tls.caFrom", |v| json!({"alertmanager": {"urls": ["https://a"], "tls": {"caFrom": v}}})),
        ("alertmanager.tls.clientCertFrom", |v| json!({"alertmanager": {"urls": ["https://a"], "tls": {"clientCertFrom": v}}})),
        ("webhook.auth.tokenFrom", |v| json!({"webhook": {"url": "https://a", "auth": {"tokenFrom": v}}})),
        (
            "webhook.auth.basic.passwordFrom",
            |v| json!({"webhook": {"url": "https://a", "auth": {"basic": {"username": "u", "passwordFrom": v}}}}),
        ),
        ("webhook.tls.caFrom", |v| json!({"webhook": {"url": "https://a", "tls": {"caFrom": v}}})),
        ("webhook.tls.clientCertFrom", |v| json!({"webhook": {"url": "https://a", "tls": {"clientCertFrom": v}}})),
        ("webhook.hmacFrom", |v| json!({"webhook": {"url": "https://a", "hmacFrom": v}})),
        ("webhook.urlFrom", |v| json!({"webhook": {"urlFrom": v}})),
    ];
    for (path, place) in places {
        let (good, bad) = value_from(place);
        case(format!("Sink.spec.{path}").leak(), VALUE_FROM, good, bad);
    }
    cases
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (path, message, good, bad) in connection_cases() {
        for (kind, base, wrap) in
            [("Target", "spec", host as fn(Value) -> Value), ("TargetSet", "spec.template.spec", set as fn(Value) -> Value)]
        {
            cases.push(Case {
                kind,
                path: format!("{kind}.{base}.{path}").leak(),
                message,
                good: good.iter().cloned().map(wrap).collect(),
                bad: bad.iter().cloned().map(wrap).collect(),
                old: None,
            });
        }
    }
    let ssh = |value: Value| host(json!([{"name": "os", "ssh": value}]));
    cases.push(Case {
        kind: "Target",
        path: "Target.spec",
        message: "every ssh connection needs exactly one of host, hostFrom",
        good: vec![
            json!({"metadata": {"name": "a"}, "spec": {"type": "Host"}}),
            host(json!([])),
            host(json!([{"name": "os", "local": {}}])),
            ssh(json!({"host": "h"})),
            ssh(json!({"hostFrom": {"file": "f"}})),
        ],
        bad: vec![
            ssh(json!({"user": "u"})),
            ssh(json!({"host": "h", "hostFrom": {"file": "f"}})),
            host(json!([{"name": "os", "ssh": {"host": "h"}}, {"name": "x", "ssh": {}}])),
        ],
        old: None,
    });
    let mut device = host(json!([]));
    device["spec"]["type"] = json!("NetworkDevice");
    cases.push(Case {
        kind: "Target",
        path: "Target.spec.type",
        message: "type is immutable: use a new name",
        good: vec![host(json!([{"name": "os", "local": {}}]))],
        bad: vec![device],
        old: Some(host(json!([]))),
    });
    // An item names the host that the template leaves open.
    let mut devices = set(json!([]));
    devices["spec"]["template"]["spec"]["type"] = json!("NetworkDevice");
    cases.push(Case {
        kind: "TargetSet",
        path: "TargetSet.spec.template.spec.type",
        message: "type is immutable: use a new name",
        good: vec![set(json!([{"name": "os", "ssh": {"user": "u"}}]))],
        bad: vec![devices],
        old: Some(set(json!([]))),
    });
    cases.push(Case {
        kind: "Check",
        path: "Check.spec",
        message: "set exactly one of targetRef, targetSelector",
        good: vec![check(json!({})), check(json!({"targetRef": null, "targetSelector": {}}))],
        bad: vec![check(json!({"targetRef": null})), check(json!({"targetSelector": {"matchLabels": {"a": "b"}}}))],
        old: None,
    });
    cases.push(Case {
        kind: "Check",
        path: "Check.spec",
        message: "set at most one of interval, schedule",
        good: vec![check(json!({})), check(json!({"interval": "5m"})), check(json!({"schedule": {"cron": "0 * * * *"}}))],
        bad: vec![check(json!({"interval": "5m", "schedule": {"cron": "0 * * * *"}}))],
        old: None,
    });
    cases.push(Case {
        kind: "Check",
        path: "Check.spec.intent",
        message: "intent is immutable: use a new name",
        good: vec![check(json!({"interval": "1m"}))],
        bad: vec![check(json!({"intent": "collect_basic_host_inventory"}))],
        old: Some(check(json!({}))),
    });
    cases.extend(sink_cases());
    let observation = |target: &str| {
        json!({"metadata": {"name": "c.a"}, "spec": {
            "checkRef": {"name": "c"}, "targetRef": {"name": target}, "intent": "check_ntp_health"}})
    };
    let mut observed = observation("a");
    observed["metadata"]["labels"] = json!({"x": "y"});
    cases.push(Case {
        kind: "Observation",
        path: "Observation.spec",
        message: "spec is immutable: use a new name",
        good: vec![observed],
        bad: vec![observation("b")],
        old: Some(observation("a")),
    });
    let escalation = |component: &str| {
        json!({"metadata": {"name": "e"}, "spec": {"targetRef": {"name": "a"},
            "finding": {"kind": "facts", "component": component, "reasonCode": "r"}}})
    };
    cases.push(Case {
        kind: "Escalation",
        path: "Escalation.spec",
        message: "spec is immutable: use a new name",
        good: vec![escalation("ntp")],
        bad: vec![escalation("disk")],
        old: Some(escalation("ntp")),
    });
    cases
}

#[test]
fn every_rule_accepts_and_refuses() {
    for case in cases() {
        let site = (case.path.to_owned(), case.message.to_owned());
        for good in &case.good {
            let found = broken(case.kind, good, case.old.as_ref());
            assert!(found.is_empty(), "{site:?} refuses {good}: {found:?}");
        }
        for bad in &case.bad {
            let found = broken(case.kind, bad, case.old.as_ref());
            assert!(found.contains(&site), "{site:?} accepts {bad}: {found:?}");
        }
    }
}

#[test]
fn no_rule_is_without_a_case() {
    let mut tested: BTreeMap<Site, (usize, usize)> = BTreeMap::new();
    for case in cases() {
        tested.insert((case.path.to_owned(), case.message.to_owned()), (case.good.len(), case.bad.len()));
    }
    let mut all = Vec::new();
    for (kind, crd) in crds() {
        sites(structural(&crd), &kind, &mut all);
    }
    for site in &all {
        let (good, bad) = tested.get(site).unwrap_or_else(|| panic!("no case for {site:?}"));
        assert!(*good > 0 && *bad > 0, "{site:?}");
    }
    assert_eq!(all.len(), tested.len(), "a case names a rule that does not exist");
}

/// A transition rule says nothing about a new object.
#[test]
fn creation_is_never_a_transition() {
    for case in cases().into_iter().filter(|case| case.old.is_some()) {
        for object in case.good.iter().chain(&case.bad) {
            assert!(broken(case.kind, object, None).is_empty(), "{object}");
        }
    }
}
