//! The plain values of `api`: durations, names, labels, selectors, ids, conditions.

use proptest::prelude::*;
use tecrax::api::labels::{is_key, is_value};
use tecrax::api::{
    Condition, ConditionStatus, ConditionType, Duration, LabelName, LabelSelector, Labels, PairId, SubdomainName, did_you_mean,
    set_condition, uid,
};

#[test]
fn durations_follow_gep_2257() {
    for (text, millis) in [
        ("0s", 0),
        ("250ms", 250),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("30m1h", 5_400_000),
        ("1s1s1s1s", 4000),
        ("00005m", 300_000),
        ("99999h59m59s999ms", 359_999_999_999),
    ] {
        assert_eq!(Duration::parse(text).map(Duration::as_millis), Some(millis), "{text}");
    }
    for text in [
        "",
        "5",
        "m",
        "-5m",
        "+5m",
        "1.5h",
        "5 m",
        " 5m",
        "5m ",
        "5d",
        "5M",
        "5us",
        "123456s",
        "1s1s1s1s1s",
        "99999h60m",
        "99999h99999h",
        "٥m",
        "5mm",
        "5ms5",
        "1h-5m",
    ] {
        assert_eq!(Duration::parse(text), None, "{text}");
    }
}

#[test]
fn durations_print_the_canonical_form() {
    for (text, canonical) in [("90m", "1h30m"), ("3600s", "1h"), ("0h0m", "0s"), ("1500ms", "1s500ms"), ("24h", "24h")] {
        assert_eq!(Duration::parse(text).unwrap().to_string(), canonical);
    }
}

proptest! {
    #[test]
    fn every_duration_that_reads_prints_what_reads_the_same(text in "([0-9]{1,5}(h|m|s|ms)){1,4}") {
        if let Some(duration) = Duration::parse(&text) {
            prop_assert_eq!(Duration::parse(&duration.to_string()), Some(duration));
        }
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "\\PC*") {
        let _ = (Duration::parse(&text), LabelName::parse(&text), SubdomainName::parse(&text), PairId::parse(&text));
        let _ = (is_key(&text), is_value(&text), did_you_mean(&text, ["intent", "interval"]));
    }
}

#[test]
fn names_are_dns_names_of_bounded_length() {
    let label = |text: &str| LabelName::parse(text).is_ok();
    let subdomain = |text: &str| SubdomainName::parse(text).is_ok();
    for (text, is_label, is_subdomain) in [
        ("a", true, true),
        ("0", true, true),
        ("web-07", true, true),
        ("web-07.fra", false, true),
        ("", false, false),
        ("-a", false, false),
        ("a-", false, false),
        ("A", false, false),
        ("a_b", false, false),
        ("a..b", false, false),
        (".a", false, false),
        ("a.-b", false, false),
        ("ä", false, false),
        ("a b", false, false),
    ] {
        assert_eq!((label(text), subdomain(text)), (is_label, is_subdomain), "{text}");
    }
    assert!(label(&"a".repeat(63)) && !label(&"a".repeat(64)));
    // Each part of a subdomain is a label; all of it is short enough for `<check>.<target>`.
    let long = ["a".repeat(63).as_str(), "b".repeat(63).as_str(), "c".repeat(61).as_str()].join(".");
    assert_eq!(long.len(), 189);
    assert!(subdomain(&long) && !subdomain(&format!("{long}c")));
    assert_eq!(63 + 1 + 189, 253);
}

#[test]
fn a_refused_name_is_quoted_at_most_in_part() {
    let error = SubdomainName::parse(&"A".repeat(10_000)).unwrap_err().to_string();
    assert!(error.len() < 600, "{}", error.len());
}

#[test]
fn labels_follow_kubernetes() {
    for text in ["a", "A.b_c-9", "example.net/a", "a-b.c/D"] {
        assert!(is_key(text), "{text}");
    }
    for text in ["", "/a", "a/", "a/b/c", "A.b/c", "-a", "a-", "a b", "a@b", "é"] {
        assert!(!is_key(text), "{text}");
    }
    assert!(is_key(&"a".repeat(63)) && !is_key(&"a".repeat(64)));
    assert!(is_value("") && is_value("true") && is_value("1.2-x") && !is_value("-") && !is_value("a b"));
    assert!(is_value(&"a".repeat(63)) && !is_value(&"a".repeat(64)));
}

fn labels(text: &str) -> Labels {
    text.split(',').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[test]
fn selectors_match_as_kubernetes_does() {
    for (selector, matching, other) in [
        ("{}", "", "\0"),
        ("{matchLabels: {os: linux}}", "os=linux,a=b", "os=bsd"),
        ("{matchLabels: {os: linux, a: b}}", "os=linux,a=b", "os=linux"),
        ("{matchExpressions: [{key: os, operator: In, values: [linux, bsd]}]}", "os=bsd", ""),
        ("{matchExpressions: [{key: os, operator: NotIn, values: [linux]}]}", "", "os=linux"),
        ("{matchExpressions: [{key: os, operator: Exists}]}", "os=", "a=b"),
        ("{matchExpressions: [{key: os, operator: DoesNotExist}]}", "a=b", "os="),
        ("{matchLabels: {a: b}, matchExpressions: [{key: os, operator: Exists}]}", "a=b,os=x", "a=b"),
        ("{matchExpressions: [{key: a, operator: Exists}, {key: b, operator: Exists}]}", "a=1,b=1", "a=1"),
    ] {
        let parsed: LabelSelector = serde_yaml::from_str(selector).unwrap();
        assert!(parsed.matches(&labels(matching)), "{selector} on {matching}");
        if other != "\0" {
            assert!(!parsed.matches(&labels(other)), "{selector} on {other}");
        }
    }
}

/// uids are part of stored evidence: these values never change.
#[test]
fn uids_are_stable_uuid_v8() {
    for (kind, namespace, name, wanted) in [
        ("Target", "default", "localhost", "ddb430dd-7c3d-891f-9ef1-0839d0d695a3"),
        ("Check", "default", "inventory", "7fad5870-bbe1-8053-869f-bb5cf66b06f6"),
        ("Target", "default", "inventory", "ea6339d1-c5a8-8c6f-a0ad-10958b7a2011"),
    ] {
        assert_eq!(uid(kind, namespace, name), wanted);
    }
    let all: Vec<String> = (0..500).map(|i| uid("Target", "default", &format!("t{i}"))).collect();
    for id in &all {
        let parts: Vec<&str> = id.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
        assert!(id.chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c)), "{id}");
        assert!(parts[2].starts_with('8'), "version of {id}");
        assert!(matches!(parts[3].as_bytes()[0], b'8' | b'9' | b'a' | b'b'), "variant of {id}");
    }
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 500);
    // The parts are told apart, not joined.
    assert_ne!(uid("Target", "a", "bc"), uid("Target", "ab", "c"));
}

#[test]
fn pair_ids_read_what_they_print() {
    let pair = PairId::parse("default/inventory.web-07.fra").unwrap();
    assert_eq!((pair.check.as_str(), pair.target.as_str()), ("inventory", "web-07.fra"));
    assert_eq!(pair.to_string(), "default/inventory.web-07.fra");
    assert_eq!(pair.observation_name(), "inventory.web-07.fra");
    for text in ["", "inventory.web", "default/inventory", "default/.web", "a.b/c.d", "default/Inventory.web"] {
        assert_eq!(PairId::parse(text), None, "{text}");
    }
}

fn condition(r#type: ConditionType, status: ConditionStatus, at: &str) -> Condition {
    Condition {
        r#type,
        status,
        reason: "Due".into(),
        message: String::new(),
        last_transition_time: at.into(),
        observed_generation: 1,
    }
}

#[test]
fn conditions_keep_their_transition_time_until_the_status_changes() {
    let mut list = Vec::new();
    set_condition(&mut list, condition(ConditionType::Healthy, ConditionStatus::True, "1"));
    set_condition(&mut list, condition(ConditionType::Ready, ConditionStatus::True, "1"));
    assert_eq!(list.iter().map(|c| c.r#type).collect::<Vec<_>>(), [ConditionType::Ready, ConditionType::Healthy]);

    let mut same = condition(ConditionType::Ready, ConditionStatus::True, "2");
    same.reason = "Suspended".into();
    set_condition(&mut list, same);
    assert_eq!((list.len(), list[0].last_transition_time.as_str(), list[0].reason.as_str()), (2, "1", "Suspended"));

    set_condition(&mut list, condition(ConditionType::Ready, ConditionStatus::Unknown, "3"));
    assert_eq!((list.len(), list[0].last_transition_time.as_str()), (2, "3"));
}

#[test]
fn conditions_cut_their_message_between_characters() {
    let mut list = Vec::new();
    let mut long = condition(ConditionType::Ready, ConditionStatus::True, "1");
    long.message = "é".repeat(2000);
    set_condition(&mut list, long);
    assert_eq!(list[0].message.chars().count(), 1024);
}

#[test]
fn condition_types_sort_as_they_are_shown() {
    let mut sorted = ConditionType::ALL;
    sorted.sort_unstable();
    assert_eq!(sorted, ConditionType::ALL);
    for r#type in ConditionType::ALL {
        assert_eq!(serde_json::to_value(r#type).unwrap(), r#type.as_str());
    }
}

#[test]
fn suggestions_are_near_or_absent() {
    for (word, wanted) in
        [("intrval", Some("interval")), ("Interval", Some("interval")), ("intent", None), ("zzzzzz", None), ("", None)]
    {
        assert_eq!(did_you_mean(word, ["intent", "interval", "schedule"]), wanted, "{word}");
    }
}
