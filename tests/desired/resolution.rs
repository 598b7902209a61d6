//! What a valid manifest resolves to: defaults, sets, hops, selectors, digests.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::support::manifests::{desired, list, pairs, snapshot};
use crate::support::profile::{Copy, known};
use tecrax::api::{Duration, Namespace, Severity, SubdomainName, reason};
use tecrax::desired::{
    Cadence, ConnectionConfig, Desired, DesiredTarget, HostKeySource, IdentitySource, SshConfig, ValueSource, build,
};
use tecrax::profile::Profile;

fn profile() -> Profile {
    let copy = Copy::new();
    Profile::load(copy.path(), &known).expect("a valid profile")
}

fn target<'d>(desired: &'d Desired, name: &str) -> &'d DesiredTarget {
    let key = (Namespace::default(), SubdomainName::parse(name).unwrap());
    desired.targets.get(&key).unwrap_or_else(|| panic!("no {name}: {}", list(&desired.problems)))
}

fn ssh(target: &DesiredTarget) -> Arc<SshConfig> {
    match &target.connections.values().next().unwrap().config {
        ConnectionConfig::Ssh(config) => Arc::clone(config),
        other => panic!("{other:?}"),
    }
}

const WEB: &str = "kind: Target
metadata: {name: web, labels: {os: ubuntu}}
spec: {type: Host, connections: [{name: os, ssh: {host: web.example.net}}]}
";

#[test]
fn defaults_are_filled_in() {
    let text =
        format!("{WEB}---\nkind: Check\nmetadata: {{name: c}}\nspec: {{intent: check_ntp_health, targetRef: {{name: web}}}}\n");
    let desired = desired(&profile(), &text);
    let config = ssh(target(&desired, "web"));
    assert_eq!((config.port, config.connect_timeout), (22, Duration::from_secs(5)));
    assert_eq!((&config.identity, &config.host_keys, &config.user), (&IdentitySource::Usual, &HostKeySource::Usual, &None));
    let check = &desired.pairs[0].check;
    assert_eq!(check.cadence, Cadence::Interval(Duration::from_secs(300)));
    assert_eq!(check.timeout, Duration::from_secs(30));
    assert_eq!(check.fresh_for, Some(Duration::from_secs(630)));
    assert_eq!(check.retry.attempts, 1);
    assert_eq!(check.intent.id, "check_ntp_health");
}

#[test]
fn relative_files_start_from_the_manifest() {
    let text = WEB.replace("host: web.example.net", "host: web, identity: {file: ../key}, hostKeys: {file: /etc/known}");
    let config = ssh(target(&desired(&profile(), &text), "web"));
    assert_eq!(config.identity, IdentitySource::File(PathBuf::from("/manifests/../key")));
    assert_eq!(config.host_keys, HostKeySource::File(PathBuf::from("/etc/known")));
}

#[test]
fn references_stay_references() {
    let profile = profile();
    let text = |key: &str| {
        let from = format!(
            "hostFrom: {{secretKeyRef: {{name: s.x, key: host}}}}, identity: {{secretKeyRef: {{name: s.x, key: {key}}}}}"
        );
        WEB.replace("host: web.example.net", &from).replace("{name: web,", "{name: web, namespace: team-a,")
    };
    let connection = |key: &str| {
        let desired = desired(&profile, &text(key));
        assert!(desired.problems.is_empty(), "{}", list(&desired.problems));
        let names: Vec<String> = desired.secrets().iter().map(ToString::to_string).collect();
        assert_eq!(names, [format!("secret team-a/s.x key {key}"), "secret team-a/s.x key host".to_owned()]);
        let target = desired.targets.values().next().unwrap();
        let (config, digest) = (ssh(target), target.connections.values().next().unwrap().digest);
        assert!(matches!((&config.identity, &config.host_from), (IdentitySource::Secret(_), Some(ValueSource::Secret(_)))));
        assert_eq!(config.host, "");
        (digest, target.spec_digest)
    };
    assert_eq!(connection("k"), connection("k"));
    assert_ne!(connection("k"), connection("l"), "another key is another connection");
    let text = WEB.replace("host: web.example.net", "hostFrom: {file: ../host}");
    let config = ssh(target(&desired(&profile, &text), "web"));
    assert_eq!(config.host_from, Some(ValueSource::File(PathBuf::from("/manifests/../host"))));
}

#[test]
fn a_schedule_has_no_default_freshness() {
    let text = format!(
        "{WEB}---\nkind: Check\nmetadata: {{name: c}}\nspec: {{intent: check_ntp_health, targetRef: {{name: web}}, schedule: {{cron: \"30 2 * * MON\", timeZone: Europe/Berlin}}}}\n"
    );
    let desired = desired(&profile(), &text);
    assert!(desired.problems.is_empty(), "{}", list(&desired.problems));
    assert!(matches!(desired.pairs[0].check.cadence, Cadence::Schedule(_)));
    assert_eq!(desired.pairs[0].check.fresh_for, None);
}

const SET: &str = "kind: TargetSet
metadata: {name: farm}
spec:
  template:
    metadata: {labels: {os: ubuntu, tier: web}}
    spec: {type: Host, connections: [{name: os, ssh: {user: probe, port: 2200}}]}
  items:
  - {name: a}
  - {name: b.example.net, host: 10.0.0.7, port: 22, labels: {tier: db}}
  - {name: c, suspend: true}
";

#[test]
fn items_become_targets() {
    let desired = desired(&profile(), SET);
    assert!(desired.problems.is_empty(), "{}", list(&desired.problems));
    let (a, b, c) = (target(&desired, "a"), target(&desired, "b.example.net"), target(&desired, "c"));
    assert_eq!((ssh(a).host.as_str(), ssh(a).port, ssh(a).user.as_deref()), ("a", 2200, Some("probe")));
    assert_eq!((ssh(b).host.as_str(), ssh(b).port), ("10.0.0.7", 22));
    assert_eq!(b.labels.get("tier").map(String::as_str), Some("db"));
    assert_eq!(b.labels.get("os").map(String::as_str), Some("ubuntu"));
    assert_eq!((a.suspend, c.suspend), (false, true));
    assert_eq!(a.set.as_ref().map(SubdomainName::as_str), Some("farm"));
    assert_ne!(a.spec_digest, b.spec_digest);
}

#[test]
fn an_item_and_the_same_target_written_out_are_one_spec() {
    let alone = "kind: Target\nmetadata: {name: b.example.net}\nspec: {type: Host, connections: [{name: os, ssh: {host: 10.0.0.7, user: probe, port: 22}}]}\n";
    let profile = profile();
    let item = target(&desired(&profile, SET), "b.example.net").spec_digest;
    assert_eq!(item, target(&desired(&profile, alone), "b.example.net").spec_digest);
}

#[test]
fn items_go_wrong_one_by_one() {
    let profile = profile();
    for (from, to, reason, words) in [
        ("ssh: {user: probe, port: 2200}", "local: {}", reason::BAD_VALUE, "sets host, but the template has no ssh connection"),
        ("{name: a}", "{name: a, port: 0}", reason::BAD_VALUE, "port 0"),
        ("{name: a}", "{name: a, host: \"x y\"}", reason::BAD_VALUE, "no name and no address"),
        ("{name: a}", "{name: c}", reason::DUPLICATE_OBJECT, "a second Target is named `c`: an item of TargetSet/farm"),
    ] {
        let desired = desired(&profile, &SET.replace(from, to));
        assert!(
            desired.problems.iter().any(|problem| problem.reason == reason && problem.message.contains(words)),
            "{words}: {}",
            list(&desired.problems)
        );
        assert!(desired.targets.len() == 2, "{words}: the others stay, {:?}", desired.targets.keys());
    }
}

#[test]
fn a_template_fault_is_told_once_and_costs_every_item() {
    let desired = desired(&profile(), &SET.replace("user: probe", "user: probe, identity: {}, viaRefs: [{name: nowhere}]"));
    let of = |reason| desired.problems.iter().filter(|problem| problem.reason == reason).count();
    assert_eq!((of(reason::UNION), of(reason::UNKNOWN_REFERENCE)), (1, 1), "{}", list(&desired.problems));
    assert!(desired.targets.is_empty());
}

#[test]
fn a_target_and_an_item_of_one_name_name_both_places() {
    let text = format!(
        "{SET}---\nkind: Target\nmetadata: {{name: a}}\nspec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n"
    );
    let desired = desired(&profile(), &text);
    let problem = desired.problems.iter().find(|problem| problem.reason == reason::DUPLICATE_OBJECT).expect("a duplicate");
    assert!(problem.message.contains("declared at test.yaml:1"), "{problem}");
    assert!(problem.place.as_ref().unwrap().line >= 12, "{problem}");
    assert_eq!(ssh(target(&desired, "a")).host, "a", "the first stays in force");
}

fn hop(name: &str, via: &str) -> String {
    format!(
        "kind: Target\nmetadata: {{name: {name}}}\nspec: {{type: Host, connections: [{{name: os, ssh: {{host: {name}.net, viaRefs: [{via}]}}}}]}}\n---\n"
    )
}

#[test]
fn hops_are_resolved_in_order_those_of_the_first_hop_before() {
    let text =
        [hop("inner", "{name: second}, {name: third}"), hop("second", "{name: first}"), hop("third", ""), hop("first", "")]
            .concat();
    let desired = desired(&profile(), &text);
    assert!(desired.problems.is_empty(), "{}", list(&desired.problems));
    let inner = target(&desired, "inner");
    let hosts: Vec<String> = ssh(inner).via.iter().map(|hop| hop.host.clone()).collect();
    assert_eq!(hosts, ["first.net", "second.net", "third.net"]);
    assert!(ssh(inner).via.iter().all(|hop| hop.via.is_empty()));
    let parents: Vec<&str> = inner.depends_on.iter().map(SubdomainName::as_str).collect();
    assert_eq!(parents, ["second", "third"], "every hop is a parent");
}

#[test]
fn a_changed_hop_changes_what_is_behind_it() {
    let profile = profile();
    let text = [hop("inner", "{name: jump}"), hop("jump", "")].concat();
    let (before, after) = (desired(&profile, &text), desired(&profile, &text.replace("host: jump.net", "host: other.net")));
    assert_ne!(target(&before, "inner").spec_digest, target(&after, "inner").spec_digest);
    let connection = |desired: &Desired| target(desired, "inner").connections.values().next().unwrap().digest;
    assert_ne!(connection(&before), connection(&after));
}

#[test]
fn circles_cost_their_members_and_what_hops_through_them() {
    let text =
        [hop("a", "{name: b}"), hop("b", "{name: c}"), hop("c", "{name: a}"), hop("outside", "{name: a}"), hop("free", "")]
            .concat();
    let desired = desired(&profile(), &text);
    assert_eq!(desired.targets.keys().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["free"]);
    let circles = desired.problems.iter().filter(|problem| problem.message.contains("in a circle: a, b, c")).count();
    assert_eq!(circles, 1, "{}", list(&desired.problems));
    assert!(list(&desired.problems).contains("hop `a` has errors of its own"));
}

#[test]
fn eight_hops_and_no_more() {
    let chain = |length: usize| {
        let mut text = hop("h0", "");
        for index in 1..=length {
            text += &hop(&format!("h{index}"), &format!("{{name: h{}}}", index - 1));
        }
        text
    };
    let profile = profile();
    assert_eq!(ssh(target(&desired(&profile, &chain(8)), "h8")).via.len(), 8);
    let long = desired(&profile, &chain(9));
    assert!(list(&long.problems).contains("more than 8 hops"), "{}", list(&long.problems));
    assert_eq!(long.targets.len(), 9);
}

#[test]
fn a_hop_that_is_not_in_effect_makes_what_is_behind_it_so() {
    let text = [
        hop("inner", "{name: jump}"),
        hop("jump", "").replace("host: jump.net", "hostFrom: {configMapKeyRef: {name: m, key: k}}"),
    ]
    .concat();
    let desired = desired(&profile(), &text);
    assert!(desired.problems.iter().all(|problem| problem.severity == Severity::Warning), "{}", list(&desired.problems));
    let config = &target(&desired, "inner").connections.values().next().unwrap().config;
    assert!(matches!(config, ConnectionConfig::NotInEffect(why) if why.contains("hop `jump`")), "{config:?}");
}

#[test]
fn selectors_match_as_in_kubernetes_and_only_in_their_namespace() {
    let mut text = String::new();
    for (name, namespace, labels) in [
        ("a", "default", "os: ubuntu, site: fra"),
        ("b", "default", "os: debian"),
        ("c", "default", ""),
        ("d", "lab", "os: ubuntu"),
    ] {
        writeln!(text, "kind: Target\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{{labels}}}}}\nspec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n---").unwrap();
    }
    let profile = profile();
    for (selector, wanted) in [
        ("{}", "abc"),
        ("{matchLabels: {os: ubuntu}}", "a"),
        ("{matchLabels: {os: ubuntu, site: ams}}", ""),
        ("{matchExpressions: [{key: os, operator: In, values: [ubuntu, debian]}]}", "ab"),
        ("{matchExpressions: [{key: os, operator: NotIn, values: [ubuntu]}]}", "bc"),
        ("{matchExpressions: [{key: os, operator: Exists}]}", "ab"),
        ("{matchExpressions: [{key: os, operator: DoesNotExist}]}", "c"),
        ("{matchLabels: {os: debian}, matchExpressions: [{key: site, operator: DoesNotExist}]}", "b"),
    ] {
        let check =
            format!("{text}kind: Check\nmetadata: {{name: k}}\nspec: {{intent: check_ntp_health, targetSelector: {selector}}}\n");
        let found: String = desired(&profile, &check).pairs.iter().map(|pair| pair.id.target.to_string()).collect();
        assert_eq!(found, wanted, "{selector}");
    }
}

#[test]
fn many_wrong_targets_become_one_problem() {
    let mut text = WEB.to_owned();
    for index in 0..9 {
        write!(
            text,
            "---\nkind: Target\nmetadata: {{name: switch-{index}, labels: {{os: ubuntu}}}}\nspec: {{type: NetworkDevice}}\n"
        )
        .unwrap();
    }
    text +=
        "---\nkind: Check\nmetadata: {name: c}\nspec: {intent: check_ntp_health, targetSelector: {matchLabels: {os: ubuntu}}}\n";
    let desired = desired(&profile(), &text);
    assert_eq!(pairs(&desired), ["default/c.web"]);
    let wrong: Vec<_> = desired.problems.iter().filter(|problem| problem.reason == reason::WRONG_TARGET_TYPE).collect();
    assert_eq!(wrong.len(), 1, "{}", list(&desired.problems));
    assert!(wrong[0].message.contains("9 Targets") && wrong[0].message.contains("and 6 more"), "{}", wrong[0]);
}

#[test]
fn digests_follow_the_spec_and_nothing_else() {
    let profile = profile();
    let text = |check: &str, host: &str, labels: &str| {
        format!(
            "kind: Target\nmetadata: {{name: web, labels: {{{labels}}}}}\nspec: {{type: Host, connections: [{{name: os, ssh: {{host: {host}}}}}]}}\n---\nkind: Check\nmetadata: {{name: c}}\nspec: {{intent: check_ntp_health, targetRef: {{name: web}}, {check}}}\n"
        )
    };
    let digest = |check: &str, host: &str, labels: &str| desired(&profile, &text(check, host, labels)).pairs[0].spec_digest;
    let base = digest("interval: 5m", "a", "");
    assert_eq!(base, digest("interval: 300s", "a", "x: y"), "another spelling, another label");
    assert_ne!(base, digest("interval: 6m", "a", ""));
    assert_ne!(base, digest("interval: 5m", "b", ""));
}

#[test]
fn earlier_problems_and_the_snapshots_identity_are_carried_on() {
    let mut snapshot = snapshot(WEB);
    snapshot.problems.push(tecrax::api::Problem::error(reason::SYNTAX, "from the stage before"));
    let desired = build(&snapshot, &profile(), &|_, _| Ok(()));
    assert_eq!(desired.problems.len(), 1);
    assert_eq!(desired.manifest_digest, snapshot.digest);
}

#[test]
fn too_many_pairs_are_refused_check_by_check() {
    let mut text = String::from(
        "kind: TargetSet\nmetadata: {name: farm}\nspec:\n  template: {spec: {type: Host, connections: [{name: os, local: {}}]}}\n  items:\n",
    );
    for index in 0..1000 {
        writeln!(text, "  - {{name: n{index}}}").unwrap();
    }
    for index in 0..202 {
        write!(
            text,
            "---\nkind: Check\nmetadata: {{name: c{index}}}\nspec: {{intent: check_ntp_health, targetSelector: {{}}}}\n"
        )
        .unwrap();
    }
    let desired = desired(&profile(), &text);
    assert_eq!(desired.pairs.len(), tecrax::desired::MAX_PAIRS);
    assert_eq!(desired.problems.iter().filter(|problem| problem.reason == reason::TOO_LARGE).count(), 2);
}
