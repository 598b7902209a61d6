//! Catalogs and profiles of the Python stack, broken in any way: read, or refused with a place.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::path::Path;

use proptest::prelude::*;
use tecrax::cli::catalog::{applicability, descriptors, read, stack_profile};
use tecrax::secrets::Redactor;

const ENVIRONMENT: &str = "environment:\n  id: env\n  profile: tecrax\n  targets:\n    web: {type: host}\n    sw: {type: network_device}\n  \
                           connectors:\n    monitoring_host: {enabled: true}\n    zabbix_api: {enabled: false}\n";
const CATALOG: &str = "target_catalog:\n  version: \"0.1\"\n  targets:\n  - id: web\n    target_kind: host\n    profile_ref: tecrax\n    \
                       environment_ref: env.yaml\n    capabilities: [ssh_readonly, a.b]\n    connector_refs: [monitoring_host]\n    \
                       classification: {site: fra, tier: 1}\n  - id: sw\n    target_kind: network_device\n    profile_ref: tecrax\n    \
                       environment_ref: env.yaml\n    capabilities: []\n    connector_refs: []\n";
const PROFILE: &str = "profile_contract: {name: tecrax, version: '7'}\n";
const INTENT: &str = "intent:\n  id: check_x\n  workflow: workflows/x.yaml\n  modes: [read_only]\n  risk: low\n  catalog:\n    title: Check x\n    \
                      summary: Looks at x.\n    target_kinds: [host]\n    required_capabilities: [cap.x]\n    side_effect_class: none\n    \
                      validation_ref: rules/x.yaml\n    runbook_ref: docs/x.md\n";
const WORKFLOW: &str = "workflow:\n  risk: low\n  steps: [{id: a, type: connector, connector: monitoring_host}]\n";

/// A text with a few pieces cut out, put in, or replaced.
fn broken(text: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\n", ":", "- ", "{", "}", "[", "]", "\"", "&a ", "*a", "!!str ", "null", "~", "1e999", "../", "\t", "#", "''"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..30, piece), 0..4).prop_map(move |edits| {
        let mut chars: Vec<char> = text.chars().collect();
        for (place, length, piece) in edits {
            let from = place.index(chars.len() + 1);
            let to = (from + length).min(chars.len());
            chars.splice(from..to, piece.chars());
        }
        chars.into_iter().collect()
    })
}

fn put(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_catalog_is_read_or_refused_with_a_place(
        catalog in broken(CATALOG),
        environment in prop_oneof![2 => Just(ENVIRONMENT.to_owned()), 1 => broken(ENVIRONMENT)],
    ) {
        let folder = tempfile::TempDir::new().unwrap();
        put(folder.path(), "catalog.yaml", &catalog);
        put(folder.path(), "env.yaml", &environment);
        match read(&folder.path().join("catalog.yaml"), "tecrax", &Redactor::default()) {
            Ok(read) => {
                prop_assert!(!read.targets.is_empty() && read.version == "0.1");
                prop_assert!(read.targets.iter().all(|target| target.profile_ref == "tecrax" && !target.id.is_empty()));
            }
            Err(problem) => {
                let place = problem.place.expect("a place");
                prop_assert!(place.file.starts_with(folder.path().to_str().unwrap()), "{}", place.file);
            }
        }
    }

    #[test]
    fn any_profile_is_read_or_refused_with_a_place(
        profile in prop_oneof![3 => Just(PROFILE.to_owned()), 1 => broken(PROFILE)],
        intent in broken(INTENT),
        workflow in prop_oneof![3 => Just(WORKFLOW.to_owned()), 1 => broken(WORKFLOW)],
    ) {
        let folder = tempfile::TempDir::new().unwrap();
        for (name, text) in
            [("profile.yaml", profile.as_str()), ("intents/check_x.yaml", &intent), ("workflows/x.yaml", &workflow), ("rules/x.yaml", "{}")]
        {
            put(folder.path(), name, text);
        }
        put(folder.path(), "catalog.yaml", CATALOG);
        put(folder.path(), "env.yaml", ENVIRONMENT);
        match stack_profile(folder.path()).and_then(|profile| descriptors(&profile)) {
            Ok(operations) => {
                let [operation] = operations.as_slice() else { panic!("{operations:?}") };
                prop_assert_eq!(&operation.id, "check_x");
                prop_assert_eq!(&operation.digest(), &operation.digest);
                prop_assert!(operation.title.chars().count() <= 120 && operation.summary.chars().count() <= 500);
                let catalog = read(&folder.path().join("catalog.yaml"), "tecrax", &Redactor::default()).unwrap();
                // A capability that no target has is always named.
                let answer = applicability(operation, &catalog.targets[1]);
                prop_assert!(!answer.applies() || operation.target_kinds.contains(&"network_device".to_owned()));
            }
            Err(problem) => prop_assert!(problem.place.is_some(), "{}", problem.message),
        }
    }
}
