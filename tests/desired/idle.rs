//! What has no effect in this version: the pages of the kinds name it, and whoever writes it is told.

use std::fs;
use std::path::Path;

use crate::support::manifests::{desired, list};
use crate::support::profile::{Copy, known};
use tecrax::api::{Severity, reason};
use tecrax::profile::Profile;

/// What may be named, and every place of a Target at which it may stand.
const IDLE: [(&str, &[&str]); 1] = [(
    "configMapKeyRef",
    &[
        "{name: os, ssh: {hostFrom: FROM}}",
        "{name: os, ssh: {host: a, hostKeys: FROM}}",
        "{name: zabbix, http: {baseURLFrom: FROM}}",
        "{name: zabbix, http: {baseURL: 'https://a', auth: {tokenFrom: FROM}}}",
        "{name: zabbix, http: {baseURL: 'https://a', headers: [{name: x, valueFrom: FROM}]}}",
        "{name: zabbix, http: {baseURL: 'https://a', tls: {caFrom: FROM}}}",
        "{name: zabbix, http: {baseURL: 'https://a', tls: {clientCertFrom: FROM}}}",
    ],
)];

/// The words in code of the section "Not in effect yet" of a page, without the name of the warning.
fn named(page: &str) -> Vec<&str> {
    let section = page.split("\n## Not in effect yet\n").nth(1).map_or("", |rest| rest.split("\n## ").next().unwrap());
    section.split('`').skip(1).step_by(2).filter(|word| *word != reason::NOT_IN_EFFECT).collect()
}

#[test]
fn what_the_pages_say_has_no_effect_is_told_and_nothing_else_has_none() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec");
    let mut words = Vec::new();
    for page in fs::read_dir(pages).unwrap() {
        let text = fs::read_to_string(page.unwrap().path()).unwrap();
        words.extend(named(&text).into_iter().map(str::to_owned));
    }
    assert_eq!(words, IDLE.map(|(word, _)| word), "each is tried below");

    let copy = Copy::new();
    let profile = Profile::load(copy.path(), &known).expect("a valid profile");
    for (word, connections) in IDLE {
        let from = format!("{{{word}: {{name: n, key: k}}}}");
        for connection in connections {
            let connection = connection.replace("FROM", &from);
            let text = format!("kind: Target\nmetadata: {{name: t}}\nspec: {{type: Host, connections: [{connection}]}}\n");
            let told = desired(&profile, &text).problems;
            let told: Vec<_> = told.iter().filter(|problem| problem.reason == reason::NOT_IN_EFFECT).collect();
            assert!(matches!(told[..], [one] if one.severity == Severity::Warning), "{connection}: {told:?}");
        }
    }
    // And what a Check says of calls is in effect.
    let text = "kind: Target
metadata: {name: gw}
spec: {type: Host, connections: [{name: os, local: {}}]}
---
kind: Target
metadata: {name: t}
spec: {type: Host, criticality: High, dependsOn: [{name: gw}], connections: [{name: os, local: {}}]}
---
kind: Check
metadata: {name: c}
spec:
  intent: check_ntp_health
  targetRef: {name: t}
  accept: [{finding: ExpectationFailed, reason: r, owner: o, expires: '2099-01-01T00:00:00Z'}]
  confirmations: {failures: 3, recoveries: 2}
  escalation: {severity: High, runbookURL: 'https://wiki.example.net'}
";
    let told = desired(&profile, text).problems;
    assert!(told.is_empty(), "{}", list(&told));
}
