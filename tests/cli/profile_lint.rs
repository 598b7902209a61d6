//! `profile lint`: every rule broken once, and both forms of profiles.

use std::fs;

use crate::support::cli::Home;

fn put(home: &Home, name: &str, text: impl AsRef<[u8]>) {
    let path = home.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A row of the lint: the file, what is replaced in it, and the line that must be among those told.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    ("intents/check_ntp_health.yaml", "intent:\n", "intention:\n", "check_ntp_health.yaml:missing_intent_mapping"),
    ("intents/check_ntp_health.yaml", "id: check_ntp_health", "id: check_ntp", "check_ntp_health.yaml:id_mismatch:check_ntp"),
    (
        "intents/check_ntp_health.yaml",
        "enforce_declared_modes: true",
        "enforce_declared_modes: false",
        "check_ntp_health:declared_modes_not_enforced",
    ),
    (
        "intents/check_ntp_health.yaml",
        "[read_only, dry_run]",
        "[write, dry_run]",
        "check_ntp_health:non_readonly_modes:dry_run,write",
    ),
    ("intents/check_ntp_health.yaml", "[read_only, dry_run]", "[]", "check_ntp_health:non_readonly_modes:"),
    (
        "intents/check_ntp_health.yaml",
        "side_effect_class: none",
        "side_effect_class: some",
        "check_ntp_health:side_effect_not_none",
    ),
    ("intents/check_ntp_health.yaml", "title: Check NTP health", "title: ''", "check_ntp_health:missing_catalog_field:title"),
    (
        "intents/check_ntp_health.yaml",
        "target_kinds: [host]",
        "target_kinds: []",
        "check_ntp_health:missing_catalog_field:target_kinds",
    ),
    (
        "intents/check_ntp_health.yaml",
        "capability: tecrax.host.ntp_local_health.v1",
        "capability: ''",
        "check_ntp_health:missing_catalog_field:required_capabilities",
    ),
    (
        "intents/check_ntp_health.yaml",
        "facts_contract: tecrax.ntp_local_health@1.1",
        "risk_note: x",
        "check_ntp_health:missing_facts_contract",
    ),
    (
        "intents/check_ntp_health.yaml",
        "tecrax.ntp_local_health@1.1",
        "tecrax.ntp_local_health",
        "check_ntp_health:invalid_facts_contract_ref:tecrax.ntp_local_health",
    ),
    (
        "intents/check_ntp_health.yaml",
        "tecrax.ntp_local_health@1.1",
        "tecrax.ntp@1.1",
        "check_ntp_health:unknown_facts_contract:tecrax.ntp",
    ),
    (
        "intents/check_ntp_health.yaml",
        "tecrax.ntp_local_health@1.1",
        "tecrax.ntp_local_health@9.9",
        "check_ntp_health:facts_contract_version_mismatch:tecrax.ntp_local_health@9.9",
    ),
    (
        "intents/check_ntp_health.yaml",
        "capability: tecrax.host",
        "capability: other.host",
        "check_ntp_health:expected_one_domain_capability",
    ),
    ("intents/check_ntp_health.yaml", "ntp_local_health.v1", "ntp_local_health.v9", "check_ntp_health:unknown_domain_capability"),
    (
        "intents/check_ntp_health.yaml",
        "workflow: workflows/check_ntp_health.yaml",
        "workflow: workflows/none.yaml",
        "check_ntp_health:missing_workflow:workflows/none.yaml",
    ),
    (
        "intents/check_ntp_health.yaml",
        "validation: validation_rules/check_ntp_health.yaml",
        "validation: validation_rules/none.yaml",
        "check_ntp_health:missing_validation:validation_rules/none.yaml",
    ),
    ("intents/check_ntp_health.yaml", "runbook: ", "runbook: no-such-", "check_ntp_health:missing_runbook:no-such-TOPIC"),
    ("workflows/check_ntp_health.yaml", "intent: check_ntp_health", "intent: other", "check_ntp_health:workflow_intent_mismatch"),
    ("workflows/check_ntp_health.yaml", "mode: read_only", "mode: write", "check_ntp_health:workflow_not_read_only"),
    (
        "workflows/check_ntp_health.yaml",
        "connector: monitoring_host",
        "connector: none",
        "check_ntp_health:missing_connector:none",
    ),
    (
        "workflows/check_ntp_health.yaml",
        "action: read_ntp_sync_state",
        "action: read_all",
        "check_ntp_health:undeclared_connector_action:monitoring_host:read_all",
    ),
    (
        "workflows/check_ntp_health.yaml",
        "id: read_ntp_sync_state",
        "id: restart_ntp",
        "check_ntp_health:forbidden_active_token:restart",
    ),
    (
        "connectors/monitoring_host.yaml",
        "- read_os_release",
        "- read_os_release\n    - show-running",
        "monitoring_host:forbidden_connector_action_token:show-running",
    ),
    (
        "taxonomy.yaml",
        "- tecrax.host.basic_inventory.v1",
        "- tecrax.host.basic_inventory.v1\n    - tecrax.host.grafana.v1",
        "taxonomy:forbidden_future_token:grafana",
    ),
    (
        "validation_rules/check_ntp_health.yaml",
        "path: ntp_health.healthy",
        "path: ntp_health.happy",
        "check_ntp_health:validation_path_not_in_contract:ntp_health.happy",
    ),
    (
        "validation_rules/check_ntp_health.yaml",
        "key: ntp_health",
        "key: ntp",
        "check_ntp_health:validation_key_without_normalizer:ntp",
    ),
    (
        "workflows/check_ntp_health.yaml",
        "    - {id: read_ntp_sync_state,",
        "    - {id: read_ntp_other,",
        "check_ntp_health:normalizer_input_missing:normalize_ntp_health:",
    ),
];

/// The exported profile in `home`, with a runbook for every topic beside it.
fn profile(home: &Home) -> Vec<String> {
    assert_eq!(home.tecrax("profile export p/profile").code, 0);
    let mut topics = Vec::new();
    for entry in fs::read_dir(home.path("p/profile/intents")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let topic = text.lines().find_map(|line| line.trim().strip_prefix("runbook: ")).expect("a runbook").to_owned();
        put(home, &format!("p/docs/runbooks/{topic}.md"), "# x\n");
        topics.push(topic);
    }
    topics
}

#[test]
fn each_row_of_the_profile_lint_is_broken_once() {
    let home = Home::new();
    profile(&home);
    let good = home.tecrax("profile lint p/profile");
    assert_eq!((good.out.as_str(), good.code), ("active_profile_ok\n", 0), "{}", good.err);
    for (file, from, to, expected) in ROWS {
        let path = home.path(&format!("p/profile/{file}"));
        let text = fs::read_to_string(&path).unwrap();
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{file} has no `{from}`");
        let topic = text.lines().find_map(|line| line.trim().strip_prefix("runbook: ")).unwrap_or_default();
        let expected = expected.replace("TOPIC", topic);
        fs::write(&path, broken).unwrap();
        let ended = home.tecrax("profile lint p/profile");
        fs::write(&path, text).unwrap();
        assert_eq!((ended.out.as_str(), ended.code), ("", 1), "{expected}");
        let told: Vec<&str> = ended.err.lines().collect();
        let found = told.iter().any(|line| *line == expected || (expected.ends_with(':') && line.starts_with(&expected)));
        assert!(found, "{expected} is not among\n{}", ended.err);
    }
}

#[test]
fn a_profile_in_the_form_of_the_python_stack_is_held_to_the_same_rows() {
    let home = Home::new();
    profile(&home);
    let path = home.path("p/profile/intents/check_ntp_health.yaml");
    put(
        &home,
        "p/profile/intents/check_ntp_health.yaml",
        "intent:\n  id: check_ntp_health\n  workflow: workflows/check_ntp_health.yaml\n  facts_contract: tecrax.ntp_local_health@1.1\n  \
         modes: [read_only, dry_run]\n  enforce_declared_modes: true\n",
    );
    let ended = home.tecrax("profile lint p/profile");
    assert!(ended.err.lines().any(|line| line == "check_ntp_health:missing_catalog"), "{}", ended.err);
    let bare = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        bare + "  catalog:\n    title: T\n    summary: S\n    target_kinds: [host]\n    side_effect_class: none\n    \
                required_capabilities: [ssh_readonly, tecrax.host.ntp_local_health.v1]\n    \
                validation_ref: validation_rules/check_ntp_health.yaml\n    runbook_ref: https://example.net/x.md\n",
    )
    .unwrap();
    let ended = home.tecrax("profile lint p/profile");
    assert!(!ended.err.lines().any(|line| line.starts_with("check_ntp_health:")), "every row holds: {}", ended.err);
    assert_eq!(ended.code, 1, "it still does not load here");
    fs::remove_dir_all(home.path("p/profile/intents")).unwrap();
    let ended = home.tecrax("profile lint p/profile");
    assert!(ended.code == 1 && ended.err.lines().any(|line| line == "active_profile:no_intents"), "{}", ended.err);
    assert_eq!(home.tecrax("profile lint nowhere").code, 1);
}

#[test]
fn the_built_in_profile_holds_every_rule() {
    let home = Home::new();
    assert_eq!(home.tecrax("profile lint").out, "active_profile_ok\n");
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profile");
    let ended = home.run(["profile", "lint", own.to_str().unwrap()]);
    assert_eq!((ended.out.as_str(), ended.code), ("active_profile_ok\n", 0), "{}", ended.err);
}
