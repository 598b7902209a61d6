//! Policies as they are read, and how several of them combine.
#![allow(clippy::too_many_lines, reason = "tables of cases")]

use std::time::Duration;

use crate::support::cases::cases;
use crate::support::manifests::{desired, list};
use crate::support::profile::known;
use proptest::prelude::*;
use tecrax::admission::{Decision, DefaultPolicy, Denial, Judge};
use tecrax::api::{Available, SandboxLevel, Severity, reason};
use tecrax::desired::Desired;
use tecrax::plan::propose;
use tecrax::profile::Profile;

fn profile() -> Profile {
    Profile::embedded(&known).unwrap()
}

const PAIR: &str = "kind: Target
metadata: {name: web, labels: {stage: prod, app.kubernetes.io/name: shop}}
spec: {type: Host, criticality: High, connections: [{name: os, local: {}}]}
---
kind: Check
metadata: {name: inventory, labels: {tier: base}}
spec: {intent: collect_basic_host_inventory, targetRef: {name: web}, timeout: 1m}
---
";

fn policy(name: &str, rules: &str) -> String {
    format!("kind: Policy\nmetadata: {{name: {name}}}\nspec:\n  rules: [{rules}]\n---\n")
}

fn load(policies: &str) -> Desired {
    desired(&profile(), &format!("{PAIR}{policies}"))
}

fn judge(desired: &Desired, available: SandboxLevel) -> Result<Decision, Denial> {
    Judge::new(desired, &profile().name, DefaultPolicy::Bundled, available).decide(&propose(&desired.pairs[0]))
}

fn decide(policies: &str) -> Result<Decision, Denial> {
    let desired = load(policies);
    let problems: Vec<_> = desired.problems.iter().filter(|problem| problem.severity == Severity::Error).cloned().collect();
    assert!(problems.is_empty(), "{}", list(&problems));
    judge(&desired, SandboxLevel::None)
}

#[test]
fn every_error_of_a_rule_is_told_where_it_stands_and_costs_the_policy_alone() {
    let condition =
        |key: &str, values: &str| format!("{{name: a, effect: Allow, conditions: [{{key: {key}, values: [{values}]}}]}}");
    let constraint = |kind: &str, value: &str| {
        format!("{{name: a, effect: AllowWithObligations, constraints: [{{name: c, kind: {kind}, value: \"{value}\"}}]}}")
    };
    let cases = [
        (condition("action.intnt", "x"), "a request has no key `action.intnt` (did you mean `action.intent`?)"),
        (condition("intent", "x"), "no key `intent` (did you mean `action.intent`?)"),
        (condition("principal.name", "x"), "no key `principal.name` (the keys are action.mode, "),
        (condition("resource.labels.", "x"), "no key `resource.labels.`"),
        (
            condition("action.intent", "check_ntp_helth"),
            "`action.intent` is never `check_ntp_helth` (did you mean `check_ntp_health`?)",
        ),
        (condition("resource.criticality", "high"), "`resource.criticality` is never `high` (did you mean `High`?)"),
        (condition("resource.type", "Router"), "(write one of Host, NetworkDevice)"),
        (condition("action.backend", "telnet"), "`action.backend` is never `telnet`"),
        (condition("action.name", "read_shadow"), "`action.name` is never `read_shadow`"),
        (condition("context.environment", "other"), "`context.environment` is never `other` (write one of default)"),
        (condition("resource.target_ref", "UPPER"), "no name of a Target"),
        (condition("check.labels.tier", "'a b'"), "no label value"),
        (condition("action.mode", ""), "a condition without values never holds"),
        (constraint("timout", "5"), "unknown constraint `timout` (did you mean `timeout`?)"),
        (constraint("timeout", "0"), "bad value of `timeout` (write a time above zero"),
        (constraint("timeout", "inf"), "bad value of `timeout`"),
        (constraint("timeout", "-3"), "bad value of `timeout`"),
        (constraint("timeout", "1e999"), "bad value of `timeout`"),
        (constraint("max_steps", "2.5"), "bad value of `max_steps` (write a whole number above zero)"),
        (constraint("max_total_bytes", "99999999999999999999999"), "bad value of `max_total_bytes`"),
        (constraint("sandbox", "none"), "bad value of `sandbox` (write basic or full)"),
        (
            "{name: a, effect: AllowWithObligations, obligations: [{name: o, kind: receit}]}".to_owned(),
            "unknown obligation `receit` (did you mean `receipt`?)",
        ),
        ("{name: a, effect: Allow, obligations: [{name: o, kind: receipt}]}".to_owned(), "an Allow has no obligations"),
        (
            "{name: a, effect: Deny, constraints: [{name: o, kind: max_steps, value: \"1\"}]}".to_owned(),
            "what does not run has no constraints",
        ),
        (
            "{name: a, effect: Allow}, {name: a, effect: Deny, conditions: [{key: action.risk, values: [high]}]}".to_owned(),
            "`a` stands twice in rules",
        ),
        (
            "{name: a, effect: Allow}, {name: b, effect: Deny}".to_owned(),
            "rule `b` has the conditions of rule `a` (Allow, number 1) and another effect",
        ),
    ];
    for (rules, words) in cases {
        let desired = load(&(policy("bad", &rules) + &policy("good", "{name: fine, effect: Allow}")));
        let errors: Vec<_> = desired.problems.iter().filter(|problem| problem.severity == Severity::Error).cloned().collect();
        let text = list(&errors);
        assert!(text.contains(words) && !errors.is_empty(), "{rules}\n{text}");
        assert!(
            errors.iter().all(|error| error.place.as_ref().is_some_and(|place| place.line == 12 && place.column > 10)),
            "{errors:?}"
        );
        assert!(errors.iter().all(|error| error.object.as_deref() == Some("Policy/bad")), "{text}");
        let denial = judge(&desired, SandboxLevel::Full).unwrap_err();
        assert_eq!(
            (denial.reason.as_str(), denial.rule.as_str()),
            (reason::POLICY_UNUSABLE, "default/bad"),
            "never silently admitted"
        );
    }
}

#[test]
fn rules_that_never_decide_are_told() {
    let wide = "{name: wide, effect: Deny, conditions: [{key: action.intent, values: [collect_basic_host_inventory, check_ntp_health]}]}";
    let narrow = "{name: narrow, effect: Allow, conditions: [{key: action.intent, values: [check_ntp_health]}, {key: resource.type, values: [Host]}]}";
    let first = "{name: first, effect: Allow, priority: 5}, {name: second, effect: Allow, conditions: [{key: resource.type, values: [Host]}]}";
    let torn = "{name: torn, effect: Allow, conditions: [{key: resource.type, values: [Host]}, {key: resource.type, values: [NetworkDevice]}]}";
    for (rules, words) in [
        (
            format!("{narrow}, {wide}"),
            "rule `narrow` never decides: rule `wide` (Deny, number 2) matches all it matches and comes first",
        ),
        (first.to_owned(), "rule `second` never decides: rule `first`"),
        (torn.to_owned(), "rule `torn` never decides: two of its conditions exclude each other"),
    ] {
        let desired = load(&policy("p", &rules));
        let text = list(&desired.problems);
        assert!(text.contains(words) && text.contains("UnreachableRule") && !text.contains("Error "), "{text}");
    }
    // Overlap is none of that.
    let overlap = "{name: a, effect: Allow}, {name: b, effect: Deny, conditions: [{key: action.risk, values: [high]}]}";
    assert_eq!(list(&load(&policy("p", overlap)).problems), "");
}

#[test]
fn a_policy_that_selects_nothing_is_told_and_one_whose_selector_can_not_be_meant_selects_everything() {
    let with =
        |selector: &str| format!("kind: Policy\nmetadata: {{name: p}}\nspec:\n  targetSelector: {selector}\n  rules: []\n---\n");
    let desired = load(&with("{matchLabels: {stage: production}}"));
    assert!(list(&desired.problems).contains("EmptySelection"), "{}", list(&desired.problems));
    assert!(judge(&desired, SandboxLevel::None).is_ok());
    let desired = load(&with("{matchExpressions: [{key: stage, operator: In, values: []}]}"));
    assert_eq!(judge(&desired, SandboxLevel::None).unwrap_err().reason.as_str(), reason::POLICY_UNUSABLE);
    // No rules: everything it selects is denied. Another namespace is another world.
    assert_eq!(decide(&with("{}")).unwrap_err().rule, "default/p");
    assert!(decide(&with("{}").replace("name: p", "name: p, namespace: other")).is_ok());
}

#[test]
fn conditions_look_at_every_key_they_may() {
    for (key, value, other) in [
        ("action.mode", "read", "mutating"),
        ("action.intent", "collect_basic_host_inventory", "check_ntp_health"),
        ("action.risk", "low", "high"),
        ("action.connector", "monitoring_host", "zabbix_api"),
        ("action.backend", "local", "ssh"),
        ("resource.target_ref", "web", "db"),
        ("resource.criticality", "High", "Low"),
        ("resource.type", "Host", "NetworkDevice"),
        ("resource.labels.stage", "prod", "test"),
        ("resource.labels.app.kubernetes.io/name", "shop", "blog"),
        ("check.name", "inventory", "ntp"),
        ("check.labels.tier", "base", "top"),
    ] {
        let rule =
            |value: &str| policy("p", &format!("{{name: a, effect: Allow, conditions: [{{key: {key}, values: [{value}]}}]}}"));
        assert_eq!(decide(&rule(value)).map(|decision| decision.rule), Ok("default/p/a".to_owned()), "{key}");
        let denial = decide(&rule(other)).unwrap_err();
        assert!(denial.message.contains(&format!("wants {key} to be {other} (it is {value})")), "{}", denial.message);
    }
    // A label that is not there is nothing.
    let absent =
        decide(&policy("p", "{name: a, effect: Allow, conditions: [{key: resource.labels.none, values: ['']}]}")).unwrap_err();
    assert!(absent.message.contains("(it is absent)"), "{}", absent.message);
}

#[test]
fn the_strictest_of_what_every_admitting_rule_asks_holds() {
    let asks = |name: &str, priority: i32, constraints: &[(&str, &str)]| {
        let list: Vec<String> = constraints
            .iter()
            .enumerate()
            .map(|(at, (kind, value))| format!("{{name: c{at}, kind: {kind}, value: \"{value}\"}}"))
            .collect();
        format!("{{name: {name}, effect: AllowWithObligations, priority: {priority}, constraints: [{}]}}", list.join(", "))
    };
    let both = policy(
        "one",
        &asks("a", 0, &[("timeout", "20s"), ("max_steps", "30"), ("output_limit", "8192"), ("max_connections", "9")]),
    ) + &policy(
        "two",
        &asks("b", 0, &[("timeout", "10"), ("max_steps", "40"), ("max_total_bytes", "65536"), ("max_connections", "3")]),
    );
    let decision = decide(&both).unwrap();
    assert_eq!(decision.rule, "default/one/a, default/two/b");
    let bounds = decision.bounds;
    assert_eq!((bounds.timeout, bounds.max_steps, bounds.max_output_bytes), (Duration::from_secs(10), 30, 8192));
    assert_eq!((bounds.max_total_bytes, bounds.max_connections), (65536, 3));
    // Nothing widens the bundled bounds or the Check's own time-out; inside a Policy the one rule that decides speaks.
    let wide = policy(
        "one",
        &(asks("a", 1, &[("timeout", "99h"), ("max_steps", "5000"), ("max_total_bytes", "99999999999")])
            + ", "
            + &asks("b", 0, &[("timeout", "1s"), ("sandbox", "full")])),
    );
    let desired = load(&wide);
    let bounds = judge(&desired, SandboxLevel::None).unwrap().bounds;
    assert_eq!(
        (bounds.timeout, bounds.max_steps, bounds.max_total_bytes, bounds.sandbox),
        (Duration::from_mins(1), 64, 16 << 20, SandboxLevel::None)
    );
    // What can not be met denies.
    for (constraint, words) in [
        (("max_steps", "2"), "admits at most 2 readings, and this plan takes "),
        (("sandbox", "basic"), "wants local commands in sandbox basic, and here the highest level is none"),
    ] {
        let denial = decide(&(policy("easy", "{name: any, effect: Allow}") + &policy("strict", &asks("s", 0, &[constraint]))))
            .unwrap_err();
        assert_eq!((denial.reason.as_str(), denial.rule.as_str()), (reason::DENIED, "default/strict/s"));
        assert!(denial.message.contains(words), "{}", denial.message);
    }
    let sandboxed = load(&policy("p", &asks("s", 0, &[("sandbox", "basic")])));
    assert_eq!(judge(&sandboxed, SandboxLevel::Full).unwrap().bounds.sandbox, SandboxLevel::Basic);
}

/// A machine that was too short of something when the manifests were read is not hoped for until they change.
#[test]
fn what_can_be_had_is_asked_for_each_plan() {
    let rule = "{name: s, effect: AllowWithObligations, constraints: [{name: c, kind: sandbox, value: full}]}";
    let full = load(&policy("p", rule));
    let available = Available::default();
    let judge = Judge::new(&full, &profile().name, DefaultPolicy::Bundled, available.clone());
    let decide = || judge.decide(&propose(&full.pairs[0]));
    assert_eq!(decide().unwrap().bounds.sandbox, SandboxLevel::Full);
    available.become_known(SandboxLevel::Basic);
    let denial = decide().unwrap_err();
    assert!(denial.message.ends_with("here the highest level is basic"), "{}", denial.message);
}

#[test]
fn a_plan_that_needs_more_connections_than_a_rule_admits_is_denied() {
    let adguard = "kind: Target
metadata: {name: dns}
spec: {type: Host, connections: [{name: adguard, http: {baseURL: \"http://a.example.net\"}}, {name: adguard-dns, dns: {server: a.example.net}}]}
---
kind: Check
metadata: {name: adguard}
spec: {intent: check_adguard_health, targetRef: {name: dns}}
---
";
    let most = |number: u32| {
        let rule = format!(
            "{{name: r, effect: AllowWithObligations, constraints: [{{name: c, kind: max_connections, value: \"{number}\"}}]}}"
        );
        decide(&(adguard.to_owned() + &policy("p", &rule)))
    };
    assert_eq!(most(2).unwrap().bounds.max_connections, 2);
    assert!(most(1).unwrap_err().message.contains("admits at most 1 connections, and this plan needs 2"));
    // Every reading has to be admitted: two kinds of connection, two rules.
    let backend =
        |name: &str| format!("{{name: over-{name}, effect: Allow, conditions: [{{key: action.backend, values: [{name}]}}]}}");
    let denial = decide(&(adguard.to_owned() + &policy("p", &backend("http")))).unwrap_err();
    assert!(denial.message.contains("wants action.backend to be http (it is dns)"), "{}", denial.message);
    let both = decide(&(adguard.to_owned() + &policy("p", &backend("http")) + &policy("q", &backend("dns")))).unwrap();
    assert_eq!(both.rule, "default/p/over-http, default/q/over-dns");
}

const EFFECTS: [&str; 4] = ["Deny", "ApprovalRequired", "AllowWithObligations", "Allow"];

#[derive(Debug, Clone)]
struct Made {
    policy: usize,
    effect: usize,
    matches: bool,
    priority: i32,
}

fn made() -> impl Strategy<Value = Made> {
    (0..3_usize, 0..4_usize, any::<bool>(), -3..3).prop_map(|(policy, effect, matches, priority)| Made {
        policy,
        effect,
        matches,
        priority,
    })
}

/// One Policy a group, each rule with a condition of its own so that none conflicts with another.
fn written(rules: &[Made], order: &[usize]) -> String {
    let text = |number: usize| {
        let of: Vec<String> = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.policy == number)
            .map(|(at, rule)| {
                let (effect, label) = (EFFECTS[rule.effect], if rule.matches { "prod" } else { "never" });
                format!(
                    "{{name: r{at}, effect: {effect}, priority: {}, conditions: [{{key: resource.labels.stage, values: [{label}, other-{at}]}}]}}",
                    rule.priority
                )
            })
            .collect();
        policy(&format!("p{number}"), &of.join(", "))
    };
    order.iter().map(|number| text(*number)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(96), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deny_wins_whatever_the_order_of_documents(rules in prop::collection::vec(made(), 0..9), order in Just(vec![0, 1, 2]).prop_shuffle()) {
        let profile = profile();
        let of = |order: &[usize]| {
            let desired = desired(&profile, &format!("{PAIR}{}", written(&rules, order)));
            Judge::new(&desired, &profile.name, DefaultPolicy::Bundled, SandboxLevel::None).decide(&propose(&desired.pairs[0]))
        };
        let said = of(&order);
        prop_assert_eq!(&said, &of(&[0, 1, 2]), "the order of documents means nothing");
        let any = |effect: usize| rules.iter().any(|rule| rule.matches && rule.effect == effect);
        match said {
            Ok(decision) => {
                prop_assert!(!any(0) && !any(1) && (any(2) || any(3)), "{:?}", decision);
            }
            Err(denial) if any(0) => prop_assert_eq!(denial.reason.as_str(), reason::DENIED),
            Err(denial) if any(1) => prop_assert_eq!(denial.reason.as_str(), reason::APPROVAL_REQUIRED),
            Err(_) => prop_assert!(!any(2) && !any(3)),
        }
    }
}
