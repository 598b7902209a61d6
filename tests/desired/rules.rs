//! Each rule of the desired stage, broken once: reason, object, words, and which pairs are left.
#![allow(clippy::too_many_lines, reason = "tables of cases")]

use crate::support::manifests::{desired, list, pairs};
use crate::support::profile::{Copy, known};
use tecrax::api::{Severity, reason};
use tecrax::profile::Profile;

/// A healthy pair that every case keeps: errors elsewhere must not touch it.
const GOOD: &str = "kind: Target
metadata: {name: good, labels: {tier: good}}
spec: {type: Host, connections: [{name: os, local: {}}]}
---
kind: Check
metadata: {name: fine}
spec: {intent: check_ntp_health, targetRef: {name: good}}
---
";

fn target(rest: &str) -> String {
    format!("kind: Target\nmetadata: {{name: t, labels: {{tier: test}}}}\nspec:\n  type: Host\n{rest}")
}

fn ssh(rest: &str) -> String {
    target(&format!("  connections:\n  - name: os\n    ssh: {{{rest}}}\n"))
}

fn check(rest: &str) -> String {
    format!("kind: Check\nmetadata: {{name: c}}\nspec:\n  intent: check_ntp_health\n{rest}")
}

fn on_good(rest: &str) -> String {
    check(&format!("  targetRef: {{name: good}}\n{rest}"))
}

struct Case {
    what: &'static str,
    text: String,
    severity: Severity,
    reason: &'static str,
    object: &'static str,
    words: &'static str,
    /// Pairs besides `default/fine.good`.
    pairs: &'static [&'static str],
}

fn error(what: &'static str, text: String, reason: &'static str, object: &'static str, words: &'static str) -> Case {
    Case { what, text, severity: Severity::Error, reason, object, words, pairs: &[] }
}

fn warning(
    what: &'static str,
    text: String,
    reason: &'static str,
    object: &'static str,
    words: &'static str,
    pairs: &'static [&'static str],
) -> Case {
    Case { what, text, severity: Severity::Warning, reason, object, words, pairs }
}

/// A check on `t`, so that a broken `t` visibly loses its pair.
const ON_T: &str = "---\nkind: Check\nmetadata: {name: c}\nspec: {intent: check_ntp_health, targetRef: {name: t}}\n";

fn with_check(text: String) -> String {
    text + ON_T
}

fn target_cases() -> Vec<Case> {
    let t = "Target/t";
    vec![
        error("no kind", with_check(target("  connections: [{name: os}]\n")), reason::UNION, t, "none is"),
        error(
            "two kinds",
            with_check(target("  connections: [{name: os, local: {}, ssh: {host: a}}]\n")),
            reason::UNION,
            t,
            "local and ssh",
        ),
        error("two identities", with_check(ssh("host: a, identity: {agent: {}, file: k}")), reason::UNION, t, "agent and file"),
        error("no identity", with_check(ssh("host: a, identity: {}")), reason::UNION, t, "none is"),
        error("two host keys", with_check(ssh("host: a, hostKeys: {file: f, inline: [x]}")), reason::UNION, t, "file and inline"),
        error("empty host keys", with_check(ssh("host: a, hostKeys: {inline: []}")), reason::UNION, t, "none is"),
        error("no host", with_check(ssh("user: u")), reason::UNION, t, "host, hostFrom"),
        error("host twice", with_check(ssh("host: a, hostFrom: {file: f}")), reason::UNION, t, "host and hostFrom"),
        error("hostFrom empty", with_check(ssh("hostFrom: {}")), reason::UNION, t, "file, secretKeyRef, configMapKeyRef"),
        error(
            "key that is a path",
            with_check(ssh("host: a, identity: {secretKeyRef: {name: s, key: ../k}}")),
            reason::BAD_VALUE,
            t,
            "bad key of a secret",
        ),
        error(
            "key that is hidden",
            with_check(ssh("hostFrom: {secretKeyRef: {name: s, key: ..data}}")),
            reason::BAD_VALUE,
            t,
            "bad key of a secret",
        ),
        error("host with a user", with_check(ssh("host: root@a")), reason::BAD_VALUE, t, "no name and no address"),
        error("host as an option", with_check(ssh("host: -oProxyCommand=x")), reason::BAD_VALUE, t, "no name and no address"),
        error("port 0", with_check(ssh("host: a, port: 0")), reason::BAD_VALUE, t, "port 0"),
        error("user", with_check(ssh("host: a, user: \"a\\nb\"")), reason::BAD_VALUE, t, "user must be"),
        error("connectTimeout zero", with_check(ssh("host: a, connectTimeout: 0s")), reason::BAD_VALUE, t, "connectTimeout"),
        error("connectTimeout long", with_check(ssh("host: a, connectTimeout: 1h")), reason::BAD_VALUE, t, "connectTimeout"),
        error(
            "unknown role",
            with_check(target("  connections: [{name: oss, local: {}}]\n")),
            reason::BAD_ROLE,
            t,
            "no connection role `oss`",
        ),
        error(
            "kind not of the role",
            with_check(target("  connections: [{name: os, http: {baseURL: \"http://a\"}}]\n")),
            reason::BAD_ROLE,
            t,
            "cannot be a connection of kind http",
        ),
        error(
            "connection twice",
            with_check(target("  connections: [{name: os, local: {}}, {name: os, local: {}}]\n")),
            reason::DUPLICATE_KEY,
            t,
            "`os` stands twice in connections",
        ),
        error(
            "parent twice",
            with_check(target("  dependsOn: [{name: good}, {name: good}]\n  connections: [{name: os, local: {}}]\n")),
            reason::DUPLICATE_KEY,
            t,
            "stands twice in dependsOn",
        ),
        error(
            "parameter undeclared",
            with_check(target("  connections: [{name: os, local: {}, parameters: [{name: color, value: red}]}]\n")),
            reason::BAD_PARAMETER,
            t,
            "`color` is not declared",
        ),
        error(
            "fixture shape",
            with_check(target("  connections: [{name: os, fixture: {readings: [{shape: read_uptme}]}}]\n")),
            reason::UNKNOWN_REFERENCE,
            t,
            "no shape `read_uptme`",
        ),
        error(
            "fixture exit code",
            with_check(target("  connections: [{name: os, fixture: {readings: [{shape: read_uptime, exitCode: 300}]}}]\n")),
            reason::BAD_VALUE,
            t,
            "exitCode",
        ),
        error(
            "parent unknown",
            with_check(target("  dependsOn: [{name: goood}]\n  connections: [{name: os, local: {}}]\n")),
            reason::UNKNOWN_REFERENCE,
            t,
            "no Target `goood`",
        ),
        error(
            "parent of itself",
            with_check(target("  dependsOn: [{name: t}]\n  connections: [{name: os, local: {}}]\n")),
            reason::UNKNOWN_REFERENCE,
            t,
            "`t` refers to itself",
        ),
        error(
            "hop unknown",
            with_check(ssh("host: a, viaRefs: [{name: bastion}]")),
            reason::UNKNOWN_REFERENCE,
            t,
            "no Target `bastion`",
        ),
        error(
            "hop without ssh",
            with_check(ssh("host: a, viaRefs: [{name: good}]")),
            reason::UNKNOWN_REFERENCE,
            t,
            "must be a Host with an ssh",
        ),
        error(
            "http union",
            with_check(target("  connections: [{name: zabbix, http: {}}]\n")),
            reason::UNION,
            t,
            "baseURL, baseURLFrom",
        ),
        error(
            "token union",
            with_check(target("  connections: [{name: zabbix, http: {baseURL: \"http://a\", auth: {tokenFrom: {}}}}]\n")),
            reason::UNION,
            t,
            "file, secretKeyRef, configMapKeyRef",
        ),
    ]
}

fn check_cases() -> Vec<Case> {
    let c = "Check/c";
    vec![
        error(
            "unknown intent",
            on_good("").replace("check_ntp_health", "check_ntp_helth"),
            reason::UNKNOWN_INTENT,
            c,
            "no intent `check_ntp_helth`",
        ),
        error("no target", check(""), reason::UNION, c, "targetRef, targetSelector"),
        error("both targets", on_good("  targetSelector: {}\n"), reason::UNION, c, "targetRef and targetSelector"),
        error("target unknown", check("  targetRef: {name: gud}\n"), reason::UNKNOWN_REFERENCE, c, "no Target `gud`"),
        error(
            "interval and schedule",
            on_good("  interval: 5m\n  schedule: {cron: \"* * * * *\"}\n"),
            reason::UNION,
            c,
            "interval and schedule",
        ),
        error("interval short", on_good("  interval: 999ms\n"), reason::BAD_VALUE, c, "999ms is out of bounds"),
        error("interval long", on_good("  interval: 8761h\n"), reason::BAD_VALUE, c, "out of bounds"),
        error("timeout zero", on_good("  timeout: 0s\n"), reason::BAD_VALUE, c, "0s is out of bounds"),
        error("timeout long", on_good("  timeout: 10m1s\n"), reason::BAD_VALUE, c, "write 1ms to 10m"),
        error("freshFor zero", on_good("  freshFor: 0s\n"), reason::BAD_VALUE, c, "out of bounds"),
        error("cron words", on_good("  schedule: {cron: \"every day\"}\n"), reason::BAD_VALUE, c, "bad cron expression"),
        error("cron seconds", on_good("  schedule: {cron: \"0 * * * * *\"}\n"), reason::BAD_VALUE, c, "bad cron expression"),
        error("cron never", on_good("  schedule: {cron: \"0 0 30 2 *\"}\n"), reason::BAD_VALUE, c, "never comes due"),
        error(
            "time zone",
            on_good("  schedule: {cron: \"0 0 * * *\", timeZone: Europe/Berlim}\n"),
            reason::BAD_VALUE,
            c,
            "unknown time zone",
        ),
        error(
            "time zone as a path",
            on_good("  schedule: {cron: \"0 0 * * *\", timeZone: ../../etc/passwd}\n"),
            reason::BAD_VALUE,
            c,
            "unknown time zone",
        ),
        error(
            "deadline",
            on_good("  schedule: {cron: \"0 0 * * *\", startingDeadline: 0s}\n"),
            reason::BAD_VALUE,
            c,
            "out of bounds",
        ),
        error("retry attempts", on_good("  retry: {attempts: 11}\n"), reason::BAD_VALUE, c, "more than 10 attempts"),
        error("retry interval", on_good("  timeout: 5s\n  retry: {interval: 6s}\n"), reason::BAD_VALUE, c, "out of bounds"),
        error("retry class twice", on_good("  retry: {on: [Timeout, Timeout]}\n"), reason::DUPLICATE_KEY, c, "twice in retry.on"),
        error(
            "expectation twice",
            on_good("  expect: [{name: a, key: x, operator: Exists}, {name: a, key: y, operator: Exists}]\n"),
            reason::DUPLICATE_KEY,
            c,
            "`a` stands twice in expect",
        ),
        error(
            "expectation path",
            on_good("  expect: [{name: a, key: no.such, operator: Exists}]\n"),
            reason::BAD_EXPECTATION,
            c,
            "no path `no.such`",
        ),
        error(
            "parameter",
            on_good("  parameters: [{name: color, value: red}]\n"),
            reason::BAD_PARAMETER,
            c,
            "`color` is not declared",
        ),
        error(
            "parameter twice",
            on_good("  parameters: [{name: a, value: x}, {name: a, value: x}]\n"),
            reason::DUPLICATE_KEY,
            c,
            "twice in parameters",
        ),
        error(
            "accept twice",
            on_good(
                "  accept: [{finding: a, reason: r, owner: o, expires: \"2027-03-01T00:00:00Z\"}, {finding: a, reason: r, owner: o, expires: \"2027-03-01T00:00:00Z\"}]\n",
            ),
            reason::DUPLICATE_KEY,
            c,
            "twice in accept",
        ),
        error(
            "accept expiry",
            on_good("  accept: [{finding: a, reason: r, owner: o, expires: tomorrow}]\n"),
            reason::BAD_VALUE,
            c,
            "expires is no instant",
        ),
        error(
            "accept owner",
            on_good("  accept: [{finding: a, reason: r, owner: \" \", expires: \"2027-03-01T00:00:00Z\"}]\n"),
            reason::BAD_VALUE,
            c,
            "owner is empty",
        ),
        error("confirmations", on_good("  confirmations: {failures: 0}\n"), reason::BAD_VALUE, c, "from 1 to 10"),
        error(
            "In without values",
            check("  targetSelector: {matchExpressions: [{key: tier, operator: In}]}\n"),
            reason::BAD_VALUE,
            c,
            "at least one value",
        ),
        error(
            "Exists with values",
            check("  targetSelector: {matchExpressions: [{key: tier, operator: Exists, values: [a]}]}\n"),
            reason::BAD_VALUE,
            c,
            "take no values",
        ),
    ]
}

fn pair_and_warning_cases() -> Vec<Case> {
    let switch = "kind: Target\nmetadata: {name: t, labels: {tier: test}}\nspec: {type: NetworkDevice, connections: [{name: os, local: {}}]}\n";
    let zabbix_only = target("  connections: [{name: zabbix, http: {baseURL: \"http://a\"}}]\n");
    vec![
        error("wrong type", with_check(switch.to_owned()), reason::WRONG_TARGET_TYPE, "default/c.t", "is a NetworkDevice"),
        error(
            "connection missing",
            with_check(zabbix_only.clone()),
            reason::MISSING_CONNECTION,
            "default/c.t",
            "no connection `os`",
        ),
        warning(
            "host keys of a map",
            with_check(ssh("host: a, hostKeys: {configMapKeyRef: {name: s, key: k}}")),
            reason::NOT_IN_EFFECT,
            "Target/t",
            "ssh.hostKeys.configMapKeyRef",
            &["default/c.t"],
        ),
        warning(
            "host from a map",
            with_check(ssh("hostFrom: {configMapKeyRef: {name: s, key: k}}")),
            reason::NOT_IN_EFFECT,
            "Target/t",
            "ssh.hostFrom.configMapKeyRef",
            &["default/c.t"],
        ),
        warning(
            "accept of nothing that is known",
            on_good("  accept: [{finding: ntp_not_synchronised, reason: r, owner: o, expires: \"2027-03-01T00:00:00Z\"}]\n"),
            reason::UNKNOWN_REFERENCE,
            "Check/c",
            "no expectation of this Check and no reason code",
            &["default/c.good"],
        ),
        warning(
            "empty selection",
            check("  targetSelector: {matchLabels: {tier: none}}\n"),
            reason::EMPTY_SELECTION,
            "Check/c",
            "matches no Target",
            &[],
        ),
        warning(
            "stale at once",
            on_good("  interval: 5m\n  freshFor: 4m\n"),
            reason::BAD_VALUE,
            "Check/c",
            "stale before the next run",
            &["default/c.good"],
        ),
    ]
}

#[test]
fn each_rule_speaks_up_and_costs_only_its_own_pairs() {
    let copy = Copy::new();
    let profile = Profile::load(copy.path(), &known).expect("a valid profile");
    let cases = target_cases().into_iter().chain(check_cases()).chain(pair_and_warning_cases());
    for case in cases {
        let desired = desired(&profile, &format!("{GOOD}{}", case.text));
        let problems = &desired.problems;
        let hit = problems.iter().any(|problem| {
            problem.severity == case.severity
                && problem.reason == case.reason
                && problem.object.as_deref() == Some(case.object)
                && problem.place.as_ref().is_some_and(|place| place.line > 7)
                && problem.message.contains(case.words)
        });
        assert!(hit, "{}: got\n{}", case.what, list(problems));
        if case.severity == Severity::Warning {
            assert!(problems.iter().all(|problem| problem.severity == Severity::Warning), "{}: {}", case.what, list(problems));
        }
        let mut wanted: Vec<String> = case.pairs.iter().map(ToString::to_string).collect();
        wanted.push("default/fine.good".to_owned());
        wanted.sort();
        assert_eq!(pairs(&desired), wanted, "{}", case.what);
    }
}

#[test]
fn a_good_manifest_has_no_problems() {
    let copy = Copy::new();
    let profile = Profile::load(copy.path(), &known).expect("a valid profile");
    let desired = desired(&profile, GOOD);
    assert!(desired.problems.is_empty(), "{}", list(&desired.problems));
}

#[test]
fn slips_get_a_suggestion() {
    let copy = Copy::new();
    let profile = Profile::load(copy.path(), &known).expect("a valid profile");
    for (text, near) in [
        (on_good("").replace("check_ntp_health", "check_ntp_helth"), "check_ntp_health"),
        (check("  targetRef: {name: goood}\n"), "good"),
        (target("  connections: [{name: zabix, http: {baseURL: \"http://a\"}}]\n"), "zabbix"),
        (target("  connections: [{name: os, fixture: {readings: [{shape: read_uptme}]}}]\n"), "read_uptime"),
        (ssh("host: a, viaRefs: [{name: god}]"), "good"),
        (on_good("  schedule: {cron: \"0 0 * * *\", timeZone: Europe/Berlim}\n"), "Europe/Berlin"),
    ] {
        let desired = desired(&profile, &format!("{GOOD}{text}"));
        let wanted = format!("did you mean `{near}`?");
        assert!(
            desired.problems.iter().any(|problem| problem.help.as_deref() == Some(&wanted)),
            "{text}\n{}",
            list(&desired.problems)
        );
    }
}

/// (the field as it stands in the text, what is wrong with it). The place must be the field's own line and column.
#[test]
fn problems_point_at_the_field() {
    let copy = Copy::new();
    let profile = Profile::load(copy.path(), &known).expect("a valid profile");
    let cases = [
        (ssh("host: a, port: 0"), "0}", "port 0"),
        (ssh("host: a, viaRefs: [{name: nowhere}]"), "nowhere}", "no Target `nowhere`"),
        (target("  dependsOn:\n  - name: nowhere\n  connections: [{name: os, local: {}}]\n"), "nowhere\n", "no Target `nowhere`"),
        (on_good("  interval: 1ms\n"), "1ms", "out of bounds"),
        (on_good("  schedule: {cron: \"0 0 * * *\", timeZone: Mars/Base}\n"), "Mars", "unknown time zone"),
        (on_good("  expect:\n  - {name: a, key: no.path, operator: Exists}\n"), "no.path", "no path"),
        (on_good("  accept: [{finding: a, reason: r, owner: o, expires: never}]\n"), "never", "no instant"),
        (on_good("").replace("check_ntp_health", "check_weather"), "check_weather", "no intent"),
        (
            "kind: TargetSet\nmetadata: {name: s}\nspec:\n  template: {spec: {type: Host, connections: [{name: os, local: {}}]}}\n  items:\n  - {name: x, port: 7}\n".to_owned(),
            "7}",
            "sets port",
        ),
    ];
    for (text, field, words) in cases {
        let text = format!("{GOOD}{text}");
        let desired = desired(&profile, &text);
        let problem = desired.problems.iter().find(|problem| problem.message.contains(words));
        let place = problem.unwrap_or_else(|| panic!("{words}: {}", list(&desired.problems))).place.clone().expect("a place");
        let line = text.lines().nth(place.line as usize - 1).expect("the line");
        let rest: String = format!("{line}\n").chars().skip(place.column as usize - 1).collect();
        assert!(rest.starts_with(field), "{words}: {place} is `{rest}`");
    }
}

#[test]
fn a_fleet_is_not_a_thousand_warnings() {
    let copy = Copy::new();
    let profile = Profile::load(copy.path(), &known).expect("a valid profile");
    let text: String = (0..100)
        .map(|index| {
            target("  connections: [{name: os, ssh: {hostFrom: {configMapKeyRef: {name: s, key: k}}}}]\n")
                .replace("name: t,", &format!("name: t{index},"))
                + "---\n"
        })
        .collect();
    let gateway = target("  connections: [{name: os, local: {}}]\n").replace("name: t,", "name: gateway,");
    let desired = desired(&profile, &format!("{text}{gateway}"));
    assert_eq!(desired.problems.len(), 21, "{}", list(&desired.problems));
    assert!(desired.problems.iter().all(|problem| problem.reason == reason::NOT_IN_EFFECT));
    assert!(
        desired.problems[20].message.starts_with("80 more objects: ssh.hostFrom.configMapKeyRef"),
        "{}",
        desired.problems[20]
    );
    let fleet = || desired.targets.values().filter(|target| target.name.as_str() != "gateway");
    assert!(fleet().all(|target| target.not_in_effect.len() == 1), "describe and status still say it of each");
}
