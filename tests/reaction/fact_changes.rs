//! What a person is told of facts that changed.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tecrax::reaction::escalation::{CHANGES_MAX, fact_changes};

/// Path, before, after.
type Change = (String, Option<String>, Option<String>);

fn changes(was: &Value, now: &Value) -> (Vec<Change>, u64) {
    let (changes, total) = fact_changes(was, now, None);
    (changes.into_iter().map(|change| (change.path, change.was, change.now)).collect(), total)
}

#[test]
fn a_text_that_differs_behind_what_is_shown_is_a_change() {
    let long = "x".repeat(500);
    let (was, now) = (json!({"banner": format!("{long}old")}), json!({"banner": format!("{long}new")}));
    let (told, total) = changes(&was, &now);
    assert_eq!(total, 1);
    let (path, Some(was), Some(now)) = &told[0] else { panic!("{told:?}") };
    assert!(path == "banner" && was.ends_with("old\"") && now.ends_with("new\""), "{told:?}");
    assert!(was.starts_with("…x") && was.chars().count() < 130, "{was}");
}

#[test]
fn a_long_value_is_cut_where_its_begin_tells() {
    let (was, now) = (json!({"os": "a"}), json!({"os": "b".repeat(500)}));
    let (told, _) = changes(&was, &now);
    assert_eq!((told[0].1.as_deref(), told[0].2.as_ref().unwrap().chars().count()), (Some("\"a\""), 121));
}

#[test]
fn what_is_added_in_front_of_many_facts_is_the_only_change() {
    let many: Map<String, Value> = (0..5_000).map(|index| (format!("m{index:04}"), json!(index))).collect();
    let mut more = many.clone();
    more.insert("a".to_owned(), json!(1));
    let (told, total) = changes(&json!({ "all": many }), &json!({ "all": more }));
    assert_eq!((told, total), (vec![("all.a".to_owned(), None, Some("1".to_owned()))], 1));
    let mut last = many.clone();
    last.insert("m4999".to_owned(), json!("other"));
    assert_eq!(changes(&json!({ "all": many }), &json!({ "all": last })).1, 1, "and the last of them counts like the first");
}

#[test]
fn members_that_become_a_value_are_told_on_both_sides() {
    let told = changes(&json!({"disk": {"free": 1}}), &json!({"disk": null})).0;
    let expected = [("disk".to_owned(), None, Some("null".to_owned())), ("disk.free".to_owned(), Some("1".to_owned()), None)];
    assert_eq!(told, expected);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(json!(null)), any::<i8>().prop_map(|number| json!(number)), "[a-c]{0,3}".prop_map(|text| json!(text))];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Every leaf by its path.
fn leaves(path: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    match value.as_object().filter(|members| !members.is_empty()) {
        Some(members) => members.iter().for_each(|(key, value)| leaves(&format!("{path}.{key}"), value, out)),
        None => drop(out.insert(path.to_owned(), value.to_string())),
    }
}

proptest! {
    #[test]
    fn every_leaf_that_differs_is_counted_once(was in value(), now in value()) {
        let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
        leaves("x", &was, &mut left);
        leaves("x", &now, &mut right);
        let paths: BTreeSet<&String> =
            left.keys().chain(right.keys()).filter(|path| left.get(*path) != right.get(*path)).collect();
        let (told, total) = changes(&json!({ "x": was }), &json!({ "x": now }));
        prop_assert_eq!(total, paths.len() as u64);
        let expected: Vec<Change> = paths
            .into_iter()
            .take(CHANGES_MAX)
            .map(|path| (path.clone(), left.get(path).cloned(), right.get(path).cloned()))
            .collect();
        prop_assert_eq!(told, expected);
    }
}
