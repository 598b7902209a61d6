//! HTTP connections of manifests: where they may lead, and what the intents need of them.

use crate::support::manifests::{desired, list, pairs};
use crate::support::profile::Copy;
use tecrax::api::{Severity, reason};
use tecrax::desired::{Desired, base_url_fault};
use tecrax::facts;
use tecrax::plan::{lint, propose};
use tecrax::profile::Profile;

fn profile() -> Profile {
    Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the embedded profile")
}

fn manifests(role: &str, http: &str, intents: &[&str]) -> String {
    let target = format!(
        "kind: Target\nmetadata: {{name: t}}\nspec:\n  type: Host\n  connections:\n  - name: {role}\n    http: {{{http}}}\n"
    );
    let checks = intents.iter().enumerate().map(|(index, intent)| {
        format!("---\nkind: Check\nmetadata: {{name: c{index}}}\nspec: {{intent: {intent}, targetRef: {{name: t}}}}\n")
    });
    std::iter::once(target).chain(checks).collect::<Vec<_>>().concat()
}

fn errors(desired: &Desired) -> Vec<(&str, &str)> {
    let errors = desired.problems.iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(|problem| (problem.reason, problem.message.as_str())).collect()
}

const ZABBIX: [&str; 3] = [
    "check_zabbix_container_health",
    "collect_zabbix_problem_summary_readonly",
    "collect_zabbix_host_availability_summary_readonly",
];

#[test]
fn an_intent_that_needs_a_token_is_refused_on_a_connection_without_one() {
    let desired = desired(&profile(), &manifests("zabbix", "baseURL: \"https://zbx.example\"", &ZABBIX));
    assert_eq!(pairs(&desired), ["default/c0.t"], "{}", list(&desired.problems));
    let problems: Vec<_> = desired.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert_eq!(problems.len(), 2, "{}", list(&desired.problems));
    for (problem, intent) in problems.iter().zip(&ZABBIX[1..]) {
        assert_eq!(problem.reason, reason::MISSING_FIELD);
        assert!(problem.message.contains("`auth.tokenFrom`") && problem.message.contains(intent), "{}", problem.message);
        assert!(problem.help.as_deref().unwrap().contains("tokenFrom"), "{problem:?}");
    }
}

#[test]
fn with_a_token_every_intent_of_the_role_has_a_sound_plan() {
    let http = "baseURL: \"https://zbx.example\", auth: {tokenFrom: {secretKeyRef: {name: zbx, key: token}}}";
    let desired = desired(&profile(), &manifests("zabbix", http, &ZABBIX));
    assert_eq!(errors(&desired), []);
    assert_eq!(pairs(&desired), ["default/c0.t", "default/c1.t", "default/c2.t"]);
    for pair in &desired.pairs {
        assert_eq!(lint(&propose(pair)), Vec::<String>::new());
    }
}

#[test]
fn a_plan_that_does_not_read_the_version_it_depends_on_is_not_sound() {
    let copy = Copy::new();
    let step = "    - {id: read_zabbix_api_version, type: connector, connector: zabbix_api, action: read_zabbix_api_version, timeout: 10s}\n";
    copy.edit("workflows/collect_zabbix_problem_summary_readonly.yaml", step, "");
    let profile = Profile::load(copy.path(), &|name| facts::normalizer(name).is_some()).expect("a profile");
    let http = "baseURL: \"https://zbx.example\", auth: {tokenFrom: {secretKeyRef: {name: zbx, key: token}}}";
    let desired = desired(&profile, &manifests("zabbix", http, &ZABBIX[1..2]));
    let broken = lint(&propose(&desired.pairs[0]));
    assert_eq!(broken.len(), 8, "{broken:?}");
    assert!(broken.iter().all(|line| line.ends_with("depends on the server's version, and no step reads it")), "{broken:?}");
}

#[test]
fn portainer_is_read_over_tls_only() {
    let desired = desired(&profile(), &manifests("portainer", "baseURL: \"http://p.example:9000\"", &["check_portainer_health"]));
    let found = errors(&desired);
    assert!(matches!(found.as_slice(), [(reason::BAD_VALUE, message)] if message.contains("only read over TLS")), "{found:?}");
    assert!(desired.pairs.is_empty());
}

#[test]
fn tls_is_not_given_for_an_address_without_it() {
    let http = "baseURL: \"http://zbx.example\", tls: {caFrom: {file: ca.pem}}";
    let desired = desired(&profile(), &manifests("zabbix", http, &ZABBIX[..1]));
    let found = errors(&desired);
    assert!(matches!(found.as_slice(), [(reason::BAD_VALUE, message)] if message.contains("without TLS")), "{found:?}");
}

#[test]
fn a_base_url_is_scheme_host_port_and_path() {
    for url in ["http://a", "https://a.example:8443/x/y/", "http://10.0.0.1/zabbix", "https://[2001:db8::1]:8443", "http://[::1]"]
    {
        assert_eq!(base_url_fault(url, false), None, "{url}");
    }
    for (url, words) in [
        ("a.example", "no scheme"),
        ("file:///etc/passwd", "must begin with"),
        ("HTTP://a", "must begin with"),
        ("http://user:pw@a", "holds credentials"),
        ("http://a/?x=1", "query or a fragment"),
        ("http://a#x", "query or a fragment"),
        ("http://a:0", "port"),
        ("http://a:99999", "port"),
        ("http://", "the host"),
        ("http://a b", "the host"),
        ("http://a/../b", "the path"),
        ("http://a/%2e%2e/", "the path"),
        ("http://a\r\nX: y", "the host"),
    ] {
        let fault = base_url_fault(url, false).unwrap_or_default();
        assert!(fault.contains(words), "{url}: {fault}");
    }
    assert!(base_url_fault("http://a", true).is_some() && base_url_fault("https://a", true).is_none());
}
