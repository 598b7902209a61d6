//! Sinks of manifests: what a valid one is, and every error with its place.

use crate::support::manifests::{desired, list};
use tecrax::api::{Criticality, Severity};
use tecrax::desired::Desired;
use tecrax::desired::sink::{SinkCredential, SinkKind};
use tecrax::facts;
use tecrax::profile::Profile;

fn read(spec: &str) -> Desired {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the embedded profile");
    desired(
        &profile,
        &format!("kind: Sink\nmetadata: {{name: ops, namespace: team-a}}\nspec:\n  {}\n", spec.replace('\n', "\n  ")),
    )
}

/// Message of the only error, with the text at its place.
fn error(spec: &str) -> (String, u32, u32) {
    let desired = read(spec);
    let errors: Vec<_> = desired.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{spec}\n{}", list(&desired.problems));
    assert!(desired.sinks.is_empty(), "a Sink with an error is none");
    let place = errors[0].place.as_ref().unwrap();
    (errors[0].message.clone(), place.line, place.column)
}

#[test]
fn a_valid_sink_has_every_default_and_names_its_secrets() {
    let desired = read(
        "alertmanager:\n  urls: [\"https://a.example:9093/\", \"https://b.example:9093/am\"]\n  \
         auth: {basic: {username: tecrax, passwordFrom: {secretKeyRef: {name: am, key: password}}}}\n  \
         tls: {caFrom: {secretKeyRef: {name: am, key: ca}}, clientCertFrom: {file: client.pem}}\nheartbeat: 5m",
    );
    assert_eq!(list(&desired.problems), "");
    let sink = desired.sinks.values().next().unwrap();
    assert_eq!((sink.title().as_str(), sink.min_severity, sink.suspend), ("team-a/ops", Criticality::Low, false));
    assert_eq!(sink.resolve_timeout().unwrap().to_string(), "15m");
    let SinkKind::Alertmanager(config) = &sink.kind else { panic!("{sink:?}") };
    assert_eq!(config.urls, ["https://a.example:9093", "https://b.example:9093/am"]);
    assert!(matches!(&config.credential, Some(SinkCredential::Basic(user, _)) if user == "tecrax"));
    let secrets: Vec<String> = desired.secrets().iter().map(ToString::to_string).collect();
    assert_eq!(secrets, ["secret team-a/am key password", "secret team-a/am key ca"], "declared with their namespace");
}

#[test]
fn a_secret_url_and_the_key_of_the_signature_are_declared() {
    let desired =
        read("webhook:\n  urlFrom: {secretKeyRef: {name: t, key: url}}\n  hmacFrom: {secretKeyRef: {name: t, key: hmac}}");
    assert_eq!(list(&desired.problems), "");
    assert_eq!(desired.secrets().len(), 2);
    assert_eq!(desired.sinks.values().next().unwrap().addresses(), ["secret team-a/t key url"]);
}

#[test]
fn every_mistake_is_one_error_at_its_place() {
    let cases = [
        ("suspend: true", "exactly one of alertmanager, webhook must be set, none is", (4, 3)),
        ("alertmanager: {urls: []}", "urls must name 1 to 8 members of one cluster", (4, 24)),
        ("alertmanager:\n  urls: [\"alertmanager:9093\"]", "the URL has no scheme", (5, 12)),
        (
            "alertmanager:\n  urls: [\"http://a:9093/api/v2/alerts\"]",
            "the URL ends with `/api/v2/alerts`, which every request adds itself",
            (5, 12),
        ),
        ("alertmanager:\n  urls: [\"http://a:9093\", \"http://a:9093/\"]", "this URL stands twice in urls", (5, 29)),
        (
            "alertmanager:\n  urls: [\"http://a:9093\"]\n  resolveTimeout: 1s",
            "alertmanager.resolveTimeout must be from 4s to 168h, here it is 1s",
            (6, 21),
        ),
        (
            "alertmanager:\n  urls: [\"http://a:9093\"]\n  tls: {caFrom: {file: ca.pem}}",
            "`tls` is given for an address without TLS",
            (6, 10),
        ),
        ("webhook: {hmacFrom: {file: key}}", "exactly one of url, urlFrom must be set, none is", (4, 12)),
        ("webhook: {url: \"https://user:pw@a/\"}", "the URL holds credentials: name them by reference, in `auth`", (4, 18)),
        ("webhook: {url: \"https://a/?t=1\"}", "the URL has a query or a fragment: requests bring their own", (4, 18)),
        ("webhook: {url: \"https://a/\", auth: {}}", "exactly one of tokenFrom, basic must be set, none is", (4, 38)),
        ("webhook: {url: \"https://a/\"}\nheartbeat: 1s", "heartbeat must be from 10s to 168h, here it is 1s", (5, 14)),
        (
            "webhook: {url: \"https://a/\", hmacFrom: {configMapKeyRef: {name: a, key: b}}}",
            "a ConfigMap can not be read in this version, so this Sink could tell nobody",
            (4, 60),
        ),
    ];
    let mut wrong = Vec::new();
    for (spec, message, (line, column)) in cases {
        let found = error(spec);
        if found != (message.to_owned(), line, column) {
            wrong.push(format!("{spec}\n  {found:?}\n  wanted {message:?} at {line}:{column}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
