//! `shapes PATH`, `targets` and `operations`: what is there, what can be asked of it, and what would be sent.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use serde_json::Value;
use support::cli::{Home, settings};

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
",
    );
    std::fs::create_dir(home.path("secrets")).unwrap();
    std::fs::write(home.path("secrets/one"), TOKEN).unwrap();
    for output in ["table", "wide", "json", "yaml", "name"] {
        let ended = home.tecrax(&format!("shapes manifests -o {output}"));
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(!ended.out.contains(TOKEN) && !ended.err.contains(TOKEN));
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

#[test]
fn catalogs_of_the_python_stack() {
    let home = Home::new();
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/catalogs");
    for entry in std::fs::read_dir(&examples).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, home.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    let listed = json(&home, "targets list --catalog catalog.yaml");
    assert_eq!(listed["catalog_version"], "0.1");
    assert_eq!(listed["targets"].as_array().unwrap().len(), 2);
    assert_eq!(json(&home, "targets show monitoring-host-01 --catalog catalog.yaml"), listed["targets"][0]);
    screen(
        &home,
        "catalog",
        &[
            "targets list --catalog catalog.yaml -o table",
            "targets show zz --catalog catalog.yaml",
            "targets list --catalog absent.yaml",
        ],
    );
    for (target, status) in [
        ("monitoring-host-01", "admission_required (technical_requirements_satisfied, govengine_admission_required)"),
        ("network-device-01", "unsupported_target_kind (target_kind_not_declared)"),
    ] {
        let told = home.tecrax(&format!("operations explain check_ntp_health --target {target} --catalog catalog.yaml"));
        assert_eq!(told.code, 0, "{}", told.err);
        for line in
            ["Operation:     check_ntp_health".to_owned(), format!("Status:        {status}"), "Missing:       -".to_owned()]
        {
            assert!(told.out.lines().any(|known| known == line), "{line}: {}", told.out);
        }
    }
    let answer = json(&home, "operations list --target monitoring-host-01 --catalog catalog.yaml");
    assert_eq!(answer["target"], listed["targets"][0]);
    for one in answer["operations"].as_array().unwrap() {
        let kinds = one["operation"]["target_kinds"].as_array().unwrap();
        let expected = if kinds.contains(&"host".into()) { "admission_required" } else { "unsupported_target_kind" };
        assert_eq!(one["applicability"]["status"], expected, "{one}");
    }
    // What is wrong is told with its place.
    let text = std::fs::read_to_string(home.path("catalog.yaml")).unwrap();
    for (from, to, message) in [
        ("version: \"0.1\"", "version: \"0.2\"", "unsupported target catalog version: 0.2"),
        ("id: monitoring-host-01", "id: monitoring host", "invalid catalog token at target_catalog.targets[0].id"),
        ("id: network-device-01", "id: network-device-01\n      id: other", "duplicate catalog key: id"),
        ("target_kind: network_device", "target_kind: host", "catalog target kind mismatch for network-device-01"),
        ("profile_ref: tecrax", "profile_ref: other", "profile not found: other"),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from}");
        std::fs::write(home.path("broken.yaml"), broken).unwrap();
        let ended = home.tecrax("targets list --catalog broken.yaml");
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{message}");
        assert!(ended.err.contains(message) && ended.err.contains("broken.yaml:"), "{message}: {}", ended.err);
    }
}

/// A catalog of somebody else is refused; root's is not, since root could write any.
#[test]
fn a_catalog_belongs_to_whoever_reads_it() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let home = Home::new();
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/catalogs");
    for name in ["catalog.yaml", "host-environment.yaml", "network-environment.yaml"] {
        std::fs::copy(examples.join(name), home.path(name)).unwrap();
    }
    assert_eq!(home.tecrax("targets list --catalog catalog.yaml").code, 0);
    if std::fs::metadata(home.path("catalog.yaml")).unwrap().uid() != 0 {
        // Nobody but root can give a file away; a file of root's is read by anybody.
        return;
    }
    chown(home.path("catalog.yaml"), Some(65534), None).unwrap();
    let ended = home.tecrax("targets list --catalog catalog.yaml");
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(ended.err.contains("target catalog must be owned by the user who reads it"), "{}", ended.err);
    // The link may be anybody's: what it leads to counts.
    std::os::unix::fs::symlink("catalog.yaml", home.path("link.yaml")).unwrap();
    assert_eq!(home.tecrax("targets list --catalog link.yaml").code, 1);
}

/// Operations of a profile in the form of the Python stack.
#[test]
fn operations_of_a_profile_of_the_python_stack() {
    let home = Home::new();
    let intent = "intent:\n  id: check_x\n  workflow: workflows/x.yaml\n  modes: [read_only]\n  catalog:\n    title: Check x\n    \
                  summary: Looks at x.\n    target_kinds: [host]\n    required_capabilities: [cap.x]\n    side_effect_class: none\n    \
                  validation_ref: rules/x.yaml\n    runbook_ref: docs/x.md\n";
    let files = [
        ("p/profile.yaml", "profile_contract: {name: tecrax, version: '7'}\n"),
        ("p/intents/check_x.yaml", intent),
        ("p/workflows/x.yaml", "workflow:\n  risk: low\n  steps: [{id: a, type: connector, connector: monitoring_host}]\n"),
        ("p/rules/x.yaml", "validation_rule: {}\n"),
    ];
    for (name, text) in files {
        let path = home.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let listed = json(&home, "operations list --stack-profile p -o json");
    assert_eq!((&listed["profile"], listed["operations"].as_array().unwrap().len()), (&"tecrax".into(), 1));
    let one = json(&home, "operations explain check_x --stack-profile p -o json");
    assert_eq!(one, listed["operations"][0]);
    assert_eq!((&one["profile_version"], &one["risk"]), (&"7".into(), &"low".into()));
    assert_eq!(one["required_connectors"], serde_json::json!(["monitoring_host"]));
    // With a target of a catalog, whether it applies there.
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/catalogs");
    for name in ["catalog.yaml", "host-environment.yaml", "network-environment.yaml"] {
        std::fs::copy(examples.join(name), home.path(name)).unwrap();
    }
    let answer = json(&home, "operations list --stack-profile p --target monitoring-host-01 --catalog catalog.yaml");
    assert_eq!(answer["operations"][0]["applicability"]["missing_capabilities"], serde_json::json!(["cap.x"]));
    screen(
        &home,
        "stack_profile",
        &[
            "operations list --stack-profile p",
            "operations explain check_x --stack-profile p",
            "operations explain ../check_x --stack-profile p",
            "operations explain check_y --stack-profile p",
            "operations list --stack-profile absent",
        ],
    );
    std::fs::write(home.path("p/intents/check_x.yaml"), intent.replace("title: Check x", "title: ''")).unwrap();
    let ended = home.tecrax("operations list --stack-profile p");
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(
        ended.err.contains("bounded text required at check_x.catalog.title") && ended.err.contains("check_x.yaml:6"),
        "{}",
        ended.err
    );
}

/// 1,024 targets are read, and one more is refused; so are deep and large files.
#[test]
fn catalogs_are_bounded() {
    let home = Home::new();
    std::fs::write(
        home.path("env.yaml"),
        "environment: {id: e, profile: tecrax, targets: {box: {type: host}}, connectors: {monitoring_host: {enabled: true}}}",
    )
    .unwrap();
    let write = |number: usize| {
        let targets: Vec<String> = (0..number)
            .map(|i| {
                format!(
                    "{{id: h{i}, target_kind: host, profile_ref: tecrax, environment_ref: env.yaml, environment_target: box, \
                     capabilities: [tecrax.host.ntp_local_health.v1], connector_refs: [monitoring_host]}}"
                )
            })
            .collect();
        let text = format!("target_catalog:\n  version: \"0.1\"\n  targets:\n  - {}\n", targets.join("\n  - "));
        std::fs::write(home.path("catalog.yaml"), text).unwrap();
    };
    write(1024);
    assert_eq!(json(&home, "targets list --catalog catalog.yaml")["targets"].as_array().unwrap().len(), 1024);
    write(1025);
    let ended = home.tecrax("targets list --catalog catalog.yaml");
    assert!(ended.code == 1 && ended.err.contains("more than 1024 entries"), "{}", ended.err);
    for text in ["[".repeat(100_000), format!("a: {}", "x".repeat(1 << 20)), "&a [*a]".to_owned(), "\u{0}\u{ff}".to_owned()] {
        std::fs::write(home.path("catalog.yaml"), text).unwrap();
        let ended = home.tecrax("targets list --catalog catalog.yaml");
        assert!(ended.code == 1 && ended.err.starts_with("error"), "{ended:?}");
    }
}
