//! Any catalog of the Python stack: what is wrong with it is said with its place, and nothing else is.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cli::fuzz::catalog;

const ENVIRONMENT: &str = "environment:\n  id: lab\n  profile: tecrax\n  \
    targets: {web: {type: host}, gate: {type: network_device}, plain: {}}\n  \
    connectors: {on: {enabled: true}, implied: {}, off: {enabled: false}}\n";

/// A target as it is written, and whether it is right by itself.
fn target() -> impl Strategy<Value = (Value, bool)> {
    let of = |all: Vec<(&'static str, bool)>| prop::sample::select(all);
    // Mostly right, so that whole catalogs are right now and then.
    let kinds = of(vec![
        ("web host", true),
        ("plain host", true),
        ("gate network_device", true),
        ("gate host", false),
        ("gone host", false),
    ]);
    let kinds = prop_oneof![9 => of(vec![("web host", true), ("plain host", true), ("gate network_device", true)]), 1 => kinds];
    let profiles = prop_oneof![19 => Just(("tecrax", true)), 1 => Just(("other", false))];
    let connectors = prop_oneof![9 => of(vec![("on", true), ("implied", true)]), 1 => of(vec![("off", false), ("gone", false)])];
    let extra = prop_oneof![19 => Just(None), 1 => prop::sample::select(vec!["note", "ID", "targets"]).prop_map(Some)];
    let ids = prop_oneof![19 => "[a-z][a-z0-9-]{0,3}".prop_map(|id| (id, true)), 1 => Just(("two words".to_owned(), false))];
    (ids, kinds, profiles, prop::collection::vec(connectors, 1..3), extra).prop_map(
        |((id, named), kind, profile, connectors, extra)| {
            let (place, target_kind) = kind.0.split_once(' ').unwrap();
            let names: Vec<&str> = connectors.iter().map(|(name, _)| *name).collect();
            let once = names.iter().collect::<BTreeSet<_>>().len() == names.len();
            let mut target = json!({
                "id": id, "target_kind": target_kind, "profile_ref": profile.0, "environment_ref": "environment.yaml",
                "environment_target": place, "capabilities": ["b", "a"], "connector_refs": names,
                "classification": {"criticality": "low"},
            });
            if let Some(extra) = extra {
                target[extra] = json!("x");
            }
            let right = named && kind.1 && profile.1 && connectors.iter().all(|(_, on)| *on) && once && extra.is_none();
            (target, right)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A catalog is read when every target is right and no id stands twice, and it says what was written; otherwise it says where.
    #[test]
    fn a_catalog_is_right_or_says_where_it_is_not(targets in prop::collection::vec(target(), 0..6), version in prop_oneof![9 => Just("0.1"), 1 => Just("0.2")]) {
        let written: Vec<&Value> = targets.iter().map(|(target, _)| target).collect();
        let ids: BTreeSet<&str> = written.iter().filter_map(|target| target["id"].as_str()).collect();
        let right = targets.iter().all(|(_, right)| *right) && ids.len() == targets.len() && !targets.is_empty() && version == "0.1";
        let text = serde_json::to_string_pretty(&json!({"target_catalog": {"version": version, "targets": written}})).unwrap();
        match catalog(&text, ENVIRONMENT) {
            Ok(read) => {
                prop_assert!(right, "{}", text);
                prop_assert_eq!(read.len(), written.len());
                for (read, written) in read.iter().zip(written) {
                    for field in ["id", "target_kind", "profile_ref", "environment_target", "classification"] {
                        prop_assert_eq!(&read[field], &written[field]);
                    }
                    prop_assert_eq!(&read["environment_id"], "lab");
                    prop_assert_eq!(&read["capabilities"], &json!(["a", "b"]));
                }
            }
            Err((message, place)) => {
                prop_assert!(!right, "{}\n{}", message, text);
                let place = place.expect("every refusal says where");
                prop_assert!(&*place.file == "catalog.yaml" && (1..=text.lines().count()).contains(&(place.line as usize)), "{}: {}", place, message);
            }
        }
    }

    /// Any text is answered, as a catalog and as an environment, and what is said of it stands in it.
    #[test]
    fn any_text_is_answered(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 0..4),
        targets in prop::collection::vec(target(), 1..3),
        which: bool,
    ) {
        let written: Vec<&Value> = targets.iter().map(|(target, _)| target).collect();
        let whole = json!({"target_catalog": {"version": "0.1", "targets": written}}).to_string();
        let mut texts = [whole, ENVIRONMENT.to_owned()];
        let mut changed: Vec<char> = texts[usize::from(which)].chars().collect();
        for (place, with) in flips {
            let place = place.index(changed.len());
            changed[place] = with;
        }
        texts[usize::from(which)] = changed.into_iter().collect();
        if let Err((message, place)) = catalog(&texts[0], &texts[1]) {
            prop_assert!(!message.is_empty() && place.is_some(), "{}", message);
        }
    }
}
