//! `shapes PATH`, `targets` and `operations`: what is there, what can be asked of it, and what would be sent.

use crate::support::cli::{Home, ended, settings};
use serde_json::Value;

/// A canary: no value of a secret may show anywhere.
const TOKEN: &str = "f3a9c1d27b60b4e85d1e2c3a4b5c6d7e";

/// One target of every kind of connection, and Checks for those whose intents are there.
fn lab() -> Home {
    let home = Home::new();
    home.write(
        "targets.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: web-07, labels: {site: fra}}
spec:
  type: Host
  connections:
  - name: os
    ssh: {host: web-07.example.net, user: tecrax, port: 2222, viaRefs: [{name: bastion}]}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: bastion, labels: {site: hub}}
spec:
  type: Host
  connections:
  - name: os
    ssh: {host: '2001:db8::7', user: jump}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: here, labels: {site: hub}}
spec: {type: Host, connections: [{name: os, local: {}}]}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: from-secret, labels: {site: hub}}
spec:
  type: Host
  connections:
  - name: os
    ssh: {hostFrom: {secretKeyRef: {name: hosts, key: one}}}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: recorded, labels: {site: lab}}
spec: {type: Host, connections: [{name: os, fixture: {readings: []}}]}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: switch-1}
spec: {type: NetworkDevice, connections: [{name: cli, wrapper: {path: /usr/local/libexec/switch-1}}]}
",
    );
    home.write(
        "checks.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: clock}
spec: {intent: check_ntp_health, targetSelector: {matchExpressions: [{key: site, operator: Exists}]}}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: clock-again}
spec: {intent: check_ntp_health, targetRef: {name: here}}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: inventory}
spec: {intent: collect_basic_host_inventory, targetRef: {name: web-07}}
",
    );
    home
}

fn screen(home: &Home, name: &str, lines: &[&str]) {
    let text: Vec<String> = lines.iter().map(|line| format!("$ tecrax {line}\n{}", home.tecrax(line).screen())).collect();
    settings(home.dir.path(), true).bind(|| insta::assert_snapshot!(name, text.join("\n")));
}

fn json(home: &Home, line: &str) -> Value {
    let ended = home.tecrax(line);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{line}: {error}: {ended:?}"))
}

#[test]
fn help() {
    let home = Home::new();
    for command in ["shapes", "targets", "targets list", "targets show", "operations", "operations list", "operations explain"] {
        let ended = home.tecrax(&format!("{command} --help"));
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{command}");
        insta::assert_snapshot!(format!("help_{}", command.replace(' ', "_")), ended.out);
    }
}

#[test]
fn shapes_of_manifests_are_exact_and_each_stands_once() {
    let home = lab();
    let all = json(&home, "shapes manifests -o json");
    let all = all.as_array().unwrap();
    let of = |target: &str, shape: &str| {
        let found: Vec<&Value> = all.iter().filter(|send| send["target"] == target && send["shape"] == shape).collect();
        assert_eq!(found.len(), 1, "{target} {shape}: {found:?}");
        found[0]
    };
    let ssh = of("web-07", "read_filesystem_usage");
    assert_eq!(ssh["connection"]["address"], "tecrax@web-07.example.net:2222");
    assert_eq!(ssh["connection"]["via"], serde_json::json!(["jump@[2001:db8::7]:22"]));
    assert_eq!(ssh["sends"]["command"], "df -P /");
    assert_eq!(ssh["checks"], serde_json::json!(["inventory"]));
    let local = of("here", "read_ntp_sync_state");
    assert_eq!(local["sends"]["argv"][0], "timedatectl");
    assert_eq!(local["checks"], serde_json::json!(["clock", "clock-again"]), "two Checks send one request");
    assert_eq!(of("from-secret", "read_ntp_sync_state")["connection"]["address"], "<secret default/hosts one>:22");
    assert_eq!(of("recorded", "read_ntp_sync_state")["sends"]["nothing"], "recorded readings");
    // The digests are those of the closed list.
    let closed = json(&home, "shapes -o json");
    for send in all {
        let same = |shape: &Value| shape["connector"] == send["connector"] && shape["shape"] == send["shape"];
        let known = closed.as_array().unwrap().iter().find(|shape| same(shape)).expect("a shape of the profile");
        assert_eq!(known["digest"], send["digest"]);
    }
    // Sorted, and the same every time.
    let names: Vec<&str> = all.iter().map(|send| send["target"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(home.tecrax("shapes manifests -o json").out, home.tecrax("shapes manifests -o json").out);
    assert!(!names.contains(&"switch-1"), "no Check asks the switch");
}

#[test]
fn shapes_are_narrowed_by_target_label_and_namespace() {
    let home = lab();
    screen(
        &home,
        "shapes",
        &[
            "shapes manifests --target here",
            "shapes manifests --target here -o wide",
            "shapes manifests -l site=fra -o name",
            "shapes manifests -n nowhere",
            "shapes manifests --target her",
            "shapes --target here",
            "shapes manifests -l site=(",
        ],
    );
}

#[test]
fn shapes_never_show_a_secret() {
    let home = lab();
    home.write(
        "zabbix.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: zbx}
spec:
  type: Host
  connections:
  - name: zabbix
    http:
      baseURL: https://zbx.example.net/zabbix
      auth: {tokenFrom: {secretKeyRef: {name: zbx, key: token}}}
      headers: [{name: x-site, valueFrom: {secretKeyRef: {name: zbx, key: site}}}]
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: problems}
spec: {intent: collect_zabbix_problem_summary_readonly, targetRef: {name: zbx}}
",
    );
    for output in ["table", "wide", "json", "yaml", "name"] {
        let mut command = home.command();
        command.env("TECRAX_SECRET_ZBX_TOKEN", TOKEN).env("TECRAX_SECRET_ZBX_SITE", TOKEN);
        let ended = ended(command.args(["shapes", "manifests", "-o", output]));
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.out.contains("read_zabbix_problem_count_high"), "a request that carries it: {ended:?}");
        assert!(!ended.out.contains(TOKEN) && !ended.err.contains(TOKEN), "{ended:?}");
        if ["json", "yaml"].contains(&output) {
            let named = ["token", "site"].map(|key| ended.out.contains(&format!("<secret default/zbx {key}>")));
            assert_eq!(named, [true, true], "{ended:?}");
        }
    }
}

#[test]
fn a_wrong_manifest_is_told_and_the_others_are_shown() {
    let home = lab();
    home.write("bad.yaml", "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: typo}\nspec: {typ: Host}\n");
    for line in ["shapes manifests", "targets list manifests"] {
        let ended = home.tecrax(line);
        assert_eq!(ended.code, 65, "{line}");
        assert!(ended.out.contains("web-07") && ended.err.contains("bad.yaml:4:"), "{line}: {ended:?}");
    }
}

#[test]
fn targets_of_manifests() {
    let home = lab();
    screen(
        &home,
        "targets",
        &[
            "targets list manifests",
            "targets list manifests -l site=hub",
            "targets list manifests -o name",
            "targets list manifests -l site=nowhere",
            "targets show switch manifests",
            "targets list",
        ],
    );
    let wide = home.tecrax("targets list manifests -l site=hub -o wide").out;
    assert_eq!(wide.lines().count(), 4, "{wide}");
    assert!(wide.contains("site=hub") && wide.contains("manifests/targets.yaml:10:1"), "{wide}");
    assert!(wide.contains("tecrax.host.ntp_local_health.v1") && !wide.contains("tecrax.network_device"), "{wide}");
}

#[test]
fn operations_of_the_profile_and_of_a_target() {
    let home = lab();
    screen(
        &home,
        "operations",
        &[
            "operations explain check_ntp_helth",
            "operations list --target web-07",
            "operations list manifests",
            "operations list --target web manifests",
        ],
    );
    let all = json(&home, "operations list -o json");
    assert_eq!(all["profile"], "tecrax");
    let intents = json(&home, "get intents -o json");
    let ids =
        |value: &Value| value.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(ids(&all["operations"]).len() <= intents["items"].as_array().unwrap().len());
    assert!(ids(&all["operations"]).is_sorted());
    for operation in all["operations"].as_array().unwrap() {
        let id = operation["id"].as_str().unwrap();
        assert_eq!(&json(&home, &format!("operations explain {id} -o json")), operation);
        assert!(!operation["required_connectors"].as_array().unwrap().is_empty(), "{id}");
        assert_eq!(operation["required_capabilities"].as_array().unwrap().len(), 1, "{id}");
        assert_eq!(operation["digest"].as_str().unwrap().len(), 64);
    }
    let switch = json(&home, "targets show switch-1 manifests");
    assert_eq!(
        (&switch["target_kind"], &switch["connector_refs"]),
        (&"network_device".into(), &serde_json::json!(["network_device_cli"]))
    );
    // An operation applies where a Check of it would load, and nowhere else.
    let of = |target: &str, id: &str| {
        let answer = json(&home, &format!("operations list --target {target} manifests -o json"));
        let found = answer["operations"].as_array().unwrap().iter().find(|one| one["operation"]["id"] == id).unwrap().clone();
        found["applicability"].clone()
    };
    assert_eq!(of("web-07", "check_ntp_health")["status"], "admission_required");
    assert_eq!(of("switch-1", "check_ntp_health")["status"], "unsupported_target_kind");
    assert_eq!(of("switch-1", "check_ntp_health")["reason_codes"], serde_json::json!(["target_kind_not_declared"]));
}

/// An operation applies where a Check of it has a pair, whatever the Target declares.
#[test]
fn what_applies_is_what_a_check_would_load() {
    let token = "zabbix\n    http: {baseURL: 'https://z.example.net', auth: {tokenFrom: {file: token}}}";
    let portainer = "portainer\n    http: {baseURL: 'https://p.example.net'}";
    let (os, adguard) = ("os\n    local: {}", "adguard\n    http: {baseURL: 'http://a.example.net'}");
    let dns = "adguard-dns\n    dns: {server: 192.0.2.53}";
    let bare = "zabbix\n    http: {baseURL: 'https://z.example.net'}";
    let targets: [(&str, &str, &[&str]); 9] = [
        ("all", "Host", &[os, token, portainer, adguard, dns]),
        ("os", "Host", &[os]),
        ("half", "Host", &[os, adguard]),
        ("other-half", "Host", &[os, dns]),
        ("only-adguard", "Host", &[adguard]),
        ("adguards", "Host", &[adguard, dns]),
        ("bare", "Host", &[os, bare]),
        ("no-os", "Host", &[token, portainer]),
        ("switch", "NetworkDevice", &["cli\n    wrapper: {path: /usr/local/libexec/switch}"]),
    ];
    let home = Home::new();
    let operations = json(&home, "operations list -o json");
    let ids: Vec<&str> = operations["operations"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let text = targets.map(|(name, kind, connections)| {
        let connections: Vec<String> = connections.iter().map(|one| format!("  - name: {one}\n")).collect();
        format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{all: x}}}}\nspec:\n  type: {kind}\n  \
             connections:\n{}---\n",
            connections.concat()
        )
    });
    home.write("targets.yaml", &text.concat());
    let checks = ids.iter().enumerate().map(|(index, id)| {
        format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: c{index}}}\nspec: {{intent: {id}, targetSelector: {{matchLabels: \
             {{all: x}}}}}}\n---\n"
        )
    });
    home.write("checks.yaml", &checks.collect::<String>());
    let sends = json(&home, "shapes manifests -o json");
    for (name, ..) in targets {
        let of_target = sends.as_array().unwrap().iter().filter(|send| send["target"] == name);
        let asking: Vec<&Value> = of_target.flat_map(|send| send["checks"].as_array().unwrap()).collect();
        let loads = |index: usize| asking.iter().any(|check| **check == format!("c{index}"));
        let expected: Vec<&str> = ids.iter().enumerate().filter(|(index, _)| loads(*index)).map(|(_, id)| *id).collect();
        let applies = home.tecrax(&format!("operations list --target {name} manifests -o name")).out;
        assert_eq!(applies.lines().collect::<Vec<_>>(), expected, "{name}");
    }
    let missing = |name: &str, id: &str| {
        let answer = json(&home, &format!("operations explain {id} --target {name} manifests -o json"));
        let of = &answer["applicability"];
        (of["status"].as_str().unwrap().to_owned(), of["missing_connectors"].clone())
    };
    let lacking = |connector: &str| ("missing_connector".to_owned(), serde_json::json!([connector]));
    assert_eq!(missing("half", "check_adguard_health"), lacking("adguard_dns"));
    assert_eq!(missing("half", "diagnose_monitoring_host"), lacking("adguard_dns"));
    assert_eq!(missing("other-half", "diagnose_monitoring_host"), lacking("adguard_health"));
    assert_eq!(missing("bare", "collect_zabbix_problem_summary_readonly"), lacking("zabbix_api_authenticated"));
    assert_eq!(missing("all", "diagnose_monitoring_host").0, "admission_required");
}

/// A connection without a token can not be read through what needs one.
#[test]
fn a_token_decides_what_applies() {
    let home = Home::new();
    let target = |name: &str, auth: &str| {
        format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}}}\nspec:\n  type: Host\n  connections:\n  \
             - name: zabbix\n    http: {{baseURL: 'https://zbx.example.net'{auth}}}\n"
        )
    };
    let with = ", auth: {tokenFrom: {secretKeyRef: {name: zbx, key: token}}}";
    home.write("targets.yaml", &[target("open", ""), target("token", with)].concat());
    let connectors = |name: &str| json(&home, &format!("targets show {name} manifests"))["connector_refs"].clone();
    assert_eq!(connectors("open"), serde_json::json!(["zabbix_api"]));
    assert_eq!(connectors("token"), serde_json::json!(["zabbix_api", "zabbix_api_authenticated"]));
}
