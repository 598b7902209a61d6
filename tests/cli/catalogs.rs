//! Target catalogs and profiles of the Python stack, as `targets` and `operations` read them.

use crate::support::cli::{Home, settings};
use serde_json::Value;

fn screen(home: &Home, name: &str, lines: &[&str]) {
    let text: Vec<String> = lines.iter().map(|line| format!("$ tecrax {line}\n{}", home.tecrax(line).screen())).collect();
    settings(home.dir.path(), true).bind(|| insta::assert_snapshot!(name, text.join("\n")));
}

fn json(home: &Home, line: &str) -> Value {
    let ended = home.tecrax(line);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{line}: {error}: {ended:?}"))
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
    assert_eq!(answer["target"], "monitoring-host-01");
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
    assert_eq!(listed["profile"], serde_json::json!({"id": "tecrax", "version": "7"}));
    assert_eq!(listed["operations"].as_array().unwrap().len(), 1);
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
