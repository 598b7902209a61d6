//! Every load-time check of the profile, one broken copy each.

use std::fs;

use crate::support::profile::{Copy, known};
use tecrax::api::{Problem, reason};
use tecrax::profile::{Profile, embedded_files, export};

type Edit = &'static [(&'static str, &'static str, &'static str)];

/// (what, edits as (file, from, to), message, file of the place). An empty `from` replaces the whole file; an empty file
/// removes it.
const CASES: &[(&str, Edit, &str, &str)] = &[
    ("no root", &[("profile.yaml", "", "")], "the file is missing", "profile.yaml"),
    ("root of another kind", &[("profile.yaml", "profile_contract:", "contract:")], "profile_contract", "profile.yaml"),
    ("no name", &[("profile.yaml", "  name: tecrax\n", "")], "profile_contract.name is missing", "profile.yaml"),
    ("no version", &[("profile.yaml", "  version: \"0.4.0\"\n", "")], "profile_contract.version is missing", "profile.yaml"),
    (
        "section gone",
        &[(
            "profile.yaml",
            "  risk_classes:\n    required: true\n    description: Every question is of low risk; no other class can be loaded.\n",
            "",
        )],
        "section profile_contract.risk_classes is missing",
        "profile.yaml",
    ),
    (
        "section not required",
        &[("profile.yaml", "workflows:\n    required: true", "workflows:\n    required: false")],
        "profile_contract.workflows.required must be true",
        "profile.yaml",
    ),
    (
        "required as text",
        &[("profile.yaml", "workflows:\n    required: true", "workflows:\n    required: \"yes\"")],
        "bool",
        "profile.yaml",
    ),
    (
        "rollback",
        &[("profile.yaml", "profile_contract:\n", "profile_contract:\n  rollback_rules: {restart: now}\n")],
        "rollback_rules must be empty",
        "profile.yaml",
    ),
    ("unknown field", &[("profile.yaml", "  name: tecrax\n", "  name: tecrax\n  nmae: x\n")], "nmae", "profile.yaml"),
    ("duplicate key", &[("profile.yaml", "  name: tecrax\n", "  name: tecrax\n  name: other\n")], "duplicate", "profile.yaml"),
    ("alias", &[("taxonomy.yaml", "[host, network_device]", "[&a host, *a]")], "", "taxonomy.yaml"),
    ("no taxonomy", &[("taxonomy.yaml", "", "")], "the file is missing", "taxonomy.yaml"),
    ("word twice", &[("taxonomy.yaml", "[host, network_device]", "[host, host]")], "stands twice", "taxonomy.yaml"),
    ("finding word", &[("finding_taxonomy.yaml", "[info, low", "[Info, low")], "no identifier", "finding_taxonomy.yaml"),
    (
        "intent id",
        &[("intents/check_ntp_health.yaml", "id: check_ntp_health", "id: check_ntp")],
        "differs from the file name",
        "intents/check_ntp_health.yaml",
    ),
    (
        "no workflow",
        &[("intents/check_ntp_health.yaml", "  workflow: workflows/check_ntp_health.yaml\n", "")],
        "workflow is missing",
        "intents/check_ntp_health.yaml",
    ),
    (
        "workflow not found",
        &[("intents/check_ntp_health.yaml", "workflows/check_ntp_health", "workflows/check_ntp")],
        "workflow not found",
        "intents/check_ntp_health.yaml",
    ),
    (
        "workflow escapes",
        &[("intents/check_ntp_health.yaml", "workflows/check_ntp_health", "workflows/../../x")],
        "leaves the profile",
        "intents/check_ntp_health.yaml",
    ),
    (
        "workflow absolute",
        &[("intents/check_ntp_health.yaml", "workflows/check_ntp_health", "/etc/workflow")],
        "leaves the profile",
        "intents/check_ntp_health.yaml",
    ),
    (
        "workflow shared",
        &[("intents/check_ntp_health.yaml", "workflows/check_ntp_health", "workflows/collect_basic_host_inventory")],
        "named by another intent",
        "intents/collect_basic_host_inventory.yaml",
    ),
    (
        "validation not found",
        &[("intents/check_ntp_health.yaml", "validation_rules/check_ntp_health", "validation_rules/x")],
        "validation not found",
        "intents/check_ntp_health.yaml",
    ),
    (
        "mode",
        &[("intents/check_ntp_health.yaml", "[read_only, dry_run]", "[read_only, apply]")],
        "mode `apply` is not read-only",
        "intents/check_ntp_health.yaml",
    ),
    (
        "no modes",
        &[("intents/check_ntp_health.yaml", "[read_only, dry_run]", "[]")],
        "modes is missing",
        "intents/check_ntp_health.yaml",
    ),
    (
        "modes not enforced",
        &[("intents/check_ntp_health.yaml", "enforce_declared_modes: true", "enforce_declared_modes: false")],
        "enforce_declared_modes must be true",
        "intents/check_ntp_health.yaml",
    ),
    (
        "side effects",
        &[("intents/check_ntp_health.yaml", "side_effect_class: none", "side_effect_class: local")],
        "side_effect_class must be `none`",
        "intents/check_ntp_health.yaml",
    ),
    (
        "risk",
        &[("intents/check_ntp_health.yaml", "risk: low", "risk: high")],
        "risk must be `low`",
        "intents/check_ntp_health.yaml",
    ),
    (
        "title",
        &[("intents/check_ntp_health.yaml", "title: Check NTP health", "title: \"\"")],
        "title needs",
        "intents/check_ntp_health.yaml",
    ),
    (
        "contract form",
        &[("intents/check_ntp_health.yaml", "tecrax.ntp_local_health@1.1", "ntp_local_health")],
        "bad facts_contract",
        "intents/check_ntp_health.yaml",
    ),
    (
        "contract without schema",
        &[("intents/check_ntp_health.yaml", "ntp_local_health@1.1", "ntp_local_health@9.9")],
        "has no schema",
        "intents/check_ntp_health.yaml",
    ),
    (
        "contract id differs",
        &[(
            "contracts/tecrax.ntp_local_health@1.1.schema.json",
            "",
            "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"properties\": {\"contract\": {\"properties\": {\"id\": {\"const\": \"tecrax.x\"}}}}}",
        )],
        "properties.contract.id differs",
        "contracts/tecrax.ntp_local_health@1.1.schema.json",
    ),
    (
        "schema dialect",
        &[("contracts/tecrax.ntp_local_health@1.1.schema.json", "", "{\"type\": \"object\"}")],
        "`$schema` must be",
        "contracts/tecrax.ntp_local_health@1.1.schema.json",
    ),
    (
        "schema syntax",
        &[("contracts/tecrax.ntp_local_health@1.1.schema.json", "", "{")],
        "not JSON",
        "contracts/tecrax.ntp_local_health@1.1.schema.json",
    ),
    (
        "target kind",
        &[("intents/check_ntp_health.yaml", "target_kinds: [host]", "target_kinds: [toaster]")],
        "target kind `toaster`",
        "intents/check_ntp_health.yaml",
    ),
    (
        "no target kind",
        &[("intents/check_ntp_health.yaml", "target_kinds: [host]", "target_kinds: []")],
        "target_kinds is missing",
        "intents/check_ntp_health.yaml",
    ),
    (
        "capability",
        &[("intents/check_ntp_health.yaml", "tecrax.host.ntp_local_health.v1", "tecrax.host.ntp.v1")],
        "capability `tecrax.host.ntp.v1`",
        "intents/check_ntp_health.yaml",
    ),
    (
        "role unused",
        &[(
            "intents/check_ntp_health.yaml",
            "    - {role: os, required: true}",
            "    - {role: os, required: true}\n    - {role: cli, required: false}",
        )],
        "no step reads through it",
        "intents/check_ntp_health.yaml",
    ),
    (
        "role undeclared",
        &[("intents/check_ntp_health.yaml", "  roles:\n    - {role: os, required: true}\n", "")],
        "which roles does not declare",
        "intents/check_ntp_health.yaml",
    ),
    (
        "parameter default",
        &[("intents/check_ntp_health.yaml", "  runbook:", "  parameters: [{name: mode, allowed: [a], default: b}]\n  runbook:")],
        "its default is not among",
        "intents/check_ntp_health.yaml",
    ),
    (
        "parameter place",
        &[(
            "intents/check_ntp_health.yaml",
            "  runbook:",
            "  parameters: [{name: mode, connection: zabbix, allowed: [a], default: a}]\n  runbook:",
        )],
        "does not use",
        "intents/check_ntp_health.yaml",
    ),
    (
        "step type",
        &[("workflows/check_ntp_health.yaml", "type: internal", "type: shell")],
        "unsupported workflow step type `shell`",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "no steps",
        &[(
            "workflows/check_ntp_health.yaml",
            "",
            "workflow: {id: tecrax.check_ntp_health, intent: check_ntp_health, mode: read_only, steps: []}",
        )],
        "workflow has no steps",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "workflow intent",
        &[("workflows/check_ntp_health.yaml", "intent: check_ntp_health", "intent: other")],
        "workflow.intent is `other`",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "workflow id",
        &[("workflows/check_ntp_health.yaml", "id: tecrax.check_ntp_health", "id: tecrax.other")],
        "workflow.id must be",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "workflow mode",
        &[("workflows/check_ntp_health.yaml", "mode: read_only", "mode: apply")],
        "workflow.mode is `apply`",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "connector missing",
        &[(
            "workflows/check_ntp_health.yaml",
            "id: read_ntp_sync_state, type: connector, connector: monitoring_host",
            "id: read_ntp_sync_state, type: connector, connector: elsewhere",
        )],
        "unknown connector `elsewhere`",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "no connector",
        &[(
            "workflows/check_ntp_health.yaml",
            "id: read_ntp_sync_state, type: connector, connector: monitoring_host",
            "id: read_ntp_sync_state, type: connector",
        )],
        "names no connector",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "action undeclared",
        &[("workflows/check_ntp_health.yaml", "action: read_ntp_sync_state", "action: read_ntp_sync_stat")],
        "is not declared by connector",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "action without shape",
        &[("connectors/monitoring_host.yaml", "    read_ntp_sync_state:\n", "    read_ntp_other_state:\n")],
        "action `read_ntp_sync_state` has no shape",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "shape without capability",
        &[("connectors/monitoring_host.yaml", "    - read_uptime\n", "")],
        "shape `read_uptime` is missing in capabilities",
        "connectors/monitoring_host.yaml",
    ),
    (
        "continue_on_error on a normalizer",
        &[("workflows/check_ntp_health.yaml", "type: internal,", "type: internal, continue_on_error: true,")],
        "continue_on_error is for connector steps",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "continue_on_error false",
        &[(
            "workflows/check_ntp_health.yaml",
            "action: read_ntp_sync_state,",
            "action: read_ntp_sync_state, continue_on_error: false,",
        )],
        "continue_on_error cannot be false",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "duplicate step",
        &[("workflows/check_ntp_health.yaml", "id: read_ntp_daemon_units", "id: read_ntp_sync_state")],
        "step id `read_ntp_sync_state` stands twice",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "unknown normalizer",
        &[("workflows/check_ntp_health.yaml", "action: normalize_ntp_health", "action: normalize_weather")],
        "unknown normalizer `normalize_weather`",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "bad timeout",
        &[("workflows/check_ntp_health.yaml", "timeout: 10s", "timeout: 1.5s")],
        "bad timeout `1.5s`",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "timeout above the connector's",
        &[("workflows/check_ntp_health.yaml", "timeout: 10s", "timeout: 11s")],
        "at most the connector's 10s",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "timeout zero",
        &[("workflows/check_ntp_health.yaml", "timeout: 10s", "timeout: 0s")],
        "must be above 0s",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "seal not last",
        &[("workflows/check_ntp_health.yaml", "    - {id: produce_receipt, type: evidence, action: produce_receipt}\n", "")],
        "exactly one evidence step",
        "workflows/check_ntp_health.yaml",
    ),
    (
        "rule type",
        &[("validation_rules/check_ntp_health.yaml", "type: require_equals", "type: require_truthy")],
        "unsupported validation step type `require_truthy`",
        "validation_rules/check_ntp_health.yaml",
    ),
    (
        "rules empty",
        &[("validation_rules/check_ntp_health.yaml", "", "validation_rule: {steps: []}")],
        "needs 1 to",
        "validation_rules/check_ntp_health.yaml",
    ),
    (
        "rules without decision",
        &[(
            "validation_rules/check_ntp_health.yaml",
            "",
            "validation_rule: {steps: [{type: require_mapping, key: a, fail: {rule: r, details: {}}}]}",
        )],
        "reach no decision",
        "validation_rules/check_ntp_health.yaml",
    ),
    (
        "rule field",
        &[("validation_rules/check_ntp_health.yaml", "      value: true\n", "")],
        "needs a `value`",
        "validation_rules/check_ntp_health.yaml",
    ),
    (
        "rule details",
        &[("validation_rules/check_ntp_health.yaml", "details_from: ntp_health", "details_from: other")],
        "is not the first part of path",
        "validation_rules/check_ntp_health.yaml",
    ),
    (
        "connector name",
        &[("connectors/monitoring_host.yaml", "name: monitoring_host", "name: other")],
        "differs from the file name",
        "connectors/monitoring_host.yaml",
    ),
    (
        "connector role",
        &[("connectors/monitoring_host.yaml", "{name: os, kinds", "{name: kernel, kinds")],
        "role `kernel` is missing in taxonomy.yaml",
        "connectors/monitoring_host.yaml",
    ),
    (
        "connector kind",
        &[("connectors/monitoring_host.yaml", "kinds: [local, ssh]", "kinds: [local, telnet]")],
        "unknown kind `telnet`",
        "connectors/monitoring_host.yaml",
    ),
    (
        "connector timeout",
        &[("connectors/monitoring_host.yaml", "timeout_default: 10s", "timeout_default: soon")],
        "bad timeout_default",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv empty",
        &[("connectors/monitoring_host.yaml", "argv: [uptime]", "argv: []")],
        "argv is empty",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv shell",
        &[("connectors/monitoring_host.yaml", "argv: [uptime]", "argv: [/bin/sh, -c, uptime]")],
        "`sh` is a shell",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv sudo",
        &[("connectors/monitoring_host.yaml", "argv: [uptime]", "argv: [sudo, uptime]")],
        "`sudo` is a shell, runs other programs",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv systemctl",
        &[("connectors/monitoring_host.yaml", "[systemctl, is-enabled,", "[systemctl, restart,")],
        "`systemctl restart` is no reading",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv find",
        &[("connectors/monitoring_host.yaml", "-name, reboot-required, -printf", "-name, reboot-required, -delete, -printf")],
        "`find -delete` is no reading",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv hostname",
        &[("connectors/monitoring_host.yaml", "argv: [hostname]", "argv: [hostname, evil]")],
        "sets it",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv relative",
        &[("connectors/monitoring_host.yaml", "argv: [uptime]", "argv: [bin/uptime]")],
        "relative path",
        "connectors/monitoring_host.yaml",
    ),
    (
        "argv control",
        &[("connectors/monitoring_host.yaml", "argv: [uptime]", "argv: [uptime, \"a\\nb\"]")],
        "control character",
        "connectors/monitoring_host.yaml",
    ),
    (
        "exit code",
        &[("connectors/monitoring_host.yaml", "exit_codes: [0, 1, 4]", "exit_codes: [0, 256]")],
        "statuses from 0 to 255",
        "connectors/monitoring_host.yaml",
    ),
    (
        "exit code twice",
        &[("connectors/monitoring_host.yaml", "exit_codes: [0, 1, 4]", "exit_codes: [0, 0]")],
        "different statuses",
        "connectors/monitoring_host.yaml",
    ),
    (
        "no exit codes",
        &[("connectors/monitoring_host.yaml", "exit_codes: [0, 1, 4]", "exit_codes: []")],
        "exit_codes must be",
        "connectors/monitoring_host.yaml",
    ),
    (
        "output bound zero",
        &[(
            "connectors/monitoring_host.yaml",
            "argv: [uptime]\n      max_output_bytes: 1024",
            "argv: [uptime]\n      max_output_bytes: 0",
        )],
        "from 1 to 1048576",
        "connectors/monitoring_host.yaml",
    ),
    (
        "output bound high",
        &[(
            "connectors/monitoring_host.yaml",
            "argv: [uptime]\n      max_output_bytes: 1024",
            "argv: [uptime]\n      max_output_bytes: 1048577",
        )],
        "from 1 to 1048576",
        "connectors/monitoring_host.yaml",
    ),
    (
        "no help",
        &[(
            "connectors/monitoring_host.yaml",
            "unsupported_help: uname is part of coreutils or busybox; install one of them",
            "unsupported_help: \"\"",
        )],
        "unsupported_help must be",
        "connectors/monitoring_host.yaml",
    ),
    ("orphan workflow", &[("workflows/lost.yaml", "", "workflow: {}")], "no intent names this file", "workflows/lost.yaml"),
    (
        "orphan rules",
        &[("validation_rules/lost.yaml", "", "validation_rule: {}")],
        "no intent names this file",
        "validation_rules/lost.yaml",
    ),
    ("foreign file", &[("rules/pack.yaml", "", "a: 1")], "is no part of a profile", "rules/pack.yaml"),
    ("pack of no intent", &[("reactions/pack.yaml", "", "a: 1")], "the file name is no intent", "reactions/pack.yaml"),
    ("yml", &[("intents/extra.yml", "", "intent: {}")], "is no part of a profile", "intents/extra.yml"),
];

#[test]
fn the_embedded_profile_is_valid_and_export_and_load_keep_it() {
    let profile = Profile::embedded(&known).unwrap_or_else(|problems| panic!("{}", list(&problems)));
    assert_eq!(profile.name, "tecrax");
    assert_eq!(profile.intents.len(), 13, "{:?}", profile.intents.keys());
    let copy = Copy::new();
    let loaded = Profile::load(copy.path(), &known).unwrap_or_else(|problems| panic!("{}", list(&problems)));
    // The program does not take it anew: it is written down beside the loader.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/profile/embedded.sha256");
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(file, format!("{}\n", loaded.digest)).unwrap();
    }
    assert_eq!(loaded.digest, profile.digest, "`UPDATE=1 cargo test --test profile load::` writes {file} anew");
    assert_eq!(loaded.operations, profile.operations);
}

#[test]
fn every_normalizer_that_the_profile_names_exists() {
    let exists = |name: &str| tecrax::facts::normalizer(name).is_some();
    Profile::embedded(&exists).unwrap_or_else(|problems| panic!("{}", list(&problems)));
}

#[test]
fn each_broken_profile_is_refused_for_its_reason() {
    for (what, edits, message, file) in CASES {
        let copy = Copy::new();
        for (path, from, to) in *edits {
            copy.edit(path, from, to);
        }
        let problems = Profile::load(copy.path(), &known).expect_err(what);
        let hit = problems.iter().find(|problem| {
            problem.message.contains(message) && problem.place.as_ref().is_some_and(|place| place.file.ends_with(file))
        });
        assert!(hit.is_some(), "{what}: wanted `{message}` in {file}, got\n{}", list(&problems));
        assert!(problems.iter().all(|problem| problem.reason == reason::BAD_PROFILE), "{what}");
    }
}

#[test]
fn every_fault_is_listed_in_one_go_with_its_line_and_column() {
    let copy = Copy::new();
    copy.edit("connectors/monitoring_host.yaml", "argv: [uptime]", "argv: [sudo, uptime]");
    copy.edit("connectors/monitoring_host.yaml", "exit_codes: [0, 1, 4]", "exit_codes: [0, 256]");
    copy.edit("intents/check_ntp_health.yaml", "risk: low", "risk: high");
    copy.edit("profile.yaml", "  name: tecrax\n", "  nmae: tecrax\n");
    let problems = Profile::load(copy.path(), &known).expect_err("four faults");
    let line = |needle: &str| {
        let problem = problems.iter().find(|problem| problem.message.contains(needle)).expect(needle);
        let place = problem.place.clone().expect("a place");
        let text = fs::read_to_string(&*place.file).expect("the named file");
        let line = text.lines().nth(place.line as usize - 1).expect("the named line").to_owned();
        assert!(place.column > 0, "{needle}");
        line.chars().skip(place.column as usize - 1).collect::<String>()
    };
    assert!(line("`sudo`").starts_with("[sudo"), "{}", line("`sudo`"));
    assert!(line("exit_codes").starts_with("[0, 256]"));
    assert!(line("risk").starts_with("high"));
    assert!(line("nmae").starts_with("nmae"));
}

#[test]
fn digests_cover_meaning_and_nothing_else() {
    let copy = Copy::new();
    let before = Profile::load(copy.path(), &known).expect("valid");
    copy.edit(
        "intents/check_ntp_health.yaml",
        "intent:\n  id: check_ntp_health\n  title: Check NTP health\n",
        "# a comment\nintent:\n  title: Check NTP health\n  id: check_ntp_health\n",
    );
    let reordered = Profile::load(copy.path(), &known).expect("valid");
    assert_eq!(before.digest, reordered.digest, "comments and key order carry no meaning");

    copy.edit(
        "connectors/monitoring_host.yaml",
        "argv: [uname, -srm]\n      max_output_bytes: 1024",
        "argv: [uname, -srm]\n      max_output_bytes: 2048",
    );
    let bounded = Profile::load(copy.path(), &known).expect("valid");
    assert_ne!(before.digest, bounded.digest);
    let digest = |profile: &Profile, id: &str| profile.intents.get(id).expect(id).digest;
    assert_ne!(digest(&before, "collect_basic_host_inventory"), digest(&bounded, "collect_basic_host_inventory"));
    assert_eq!(
        digest(&before, "check_ntp_health"),
        digest(&bounded, "check_ntp_health"),
        "an intent that does not use the shape"
    );

    copy.edit("connectors/monitoring_host.yaml", "install the package procps (Debian", "please install procps (Debian");
    let helped = Profile::load(copy.path(), &known).expect("valid");
    assert_eq!(
        digest(&bounded, "collect_basic_host_inventory"),
        digest(&helped, "collect_basic_host_inventory"),
        "help is for people"
    );
}

#[test]
fn export_writes_what_is_embedded_and_refuses_a_folder_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("new/profile");
    let written = export(&target).expect("exported");
    assert_eq!(written, embedded_files().count());
    for (path, bytes) in embedded_files() {
        assert_eq!(fs::read(target.join(path)).unwrap(), bytes, "{path}");
    }
    let again = export(&target).expect_err("in use");
    assert!(again.message.contains("not empty"), "{again}");
}

#[test]
fn hostile_folders_are_faults_not_accidents() {
    let missing = Profile::load(std::path::Path::new("/nonexistent/profile"), &known).expect_err("absent");
    assert!(missing.iter().any(|problem| problem.message.contains("cannot read")), "{}", list(&missing));

    let copy = Copy::new();
    std::os::unix::fs::symlink("/etc/passwd", copy.path().join("intents/link.yaml")).unwrap();
    let linked = Profile::load(copy.path(), &known).expect_err("symlink");
    assert!(linked.iter().any(|problem| problem.message.contains("symlink")), "{}", list(&linked));

    let copy = Copy::new();
    fs::write(copy.path().join("intents/big.yaml"), "a".repeat(300 * 1024)).unwrap();
    let big = Profile::load(copy.path(), &known).expect_err("large");
    assert!(big.iter().any(|problem| problem.message.contains("larger than")), "{}", list(&big));

    let copy = Copy::new();
    fs::write(copy.path().join("intents/binary.yaml"), [0xff, 0xfe, 0x00]).unwrap();
    let binary = Profile::load(copy.path(), &known).expect_err("not text");
    assert!(binary.iter().any(|problem| problem.message.contains("cannot read the file")), "{}", list(&binary));

    let copy = Copy::new();
    copy.edit("taxonomy.yaml", "", &format!("taxonomy: {}1{}", "[".repeat(200), "]".repeat(200)));
    assert!(Profile::load(copy.path(), &known).is_err(), "nesting");
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
