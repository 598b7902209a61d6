//! Expectations: what holds, what fails, what can not be told, and what is refused when manifests are loaded.

use serde_json::{Value, json};
use tecrax::api::{Expect, LabelName, Operator, Otherwise};
use tecrax::facts::{Outcome, check_path, evaluate};

fn expect(key: &str, operator: Operator, values: &[&str]) -> Expect {
    Expect {
        name: LabelName::parse("root-disk").unwrap(),
        key: key.into(),
        operator,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        otherwise: Otherwise::Unhealthy,
    }
}

fn outcome(key: &str, operator: Operator, values: &[&str]) -> Outcome {
    let facts = json!({
        "root": {"used": 93.4, "blocks": 100, "mount": "/", "none": null, "unread": ""},
        "synchronized": true, "version": "12", "list": [1],
    });
    evaluate(&expect(key, operator, values), &facts)
}

fn failed(observed: &str) -> Outcome {
    Outcome::Failed { observed: observed.into() }
}

#[test]
fn facts_expect_orders_numbers_as_numbers() {
    assert_eq!(outcome("root.used", Operator::Lt, &["90"]), failed("93.4"));
    assert_eq!(outcome("root.used", Operator::Lt, &["100"]), Outcome::Held, "not as text");
    assert_eq!(outcome("root.blocks", Operator::Le, &["100.0"]), Outcome::Held);
    assert_eq!(outcome("root.blocks", Operator::Gt, &["100"]), failed("100"));
    assert_eq!(outcome("root.blocks", Operator::Ge, &["1e2"]), Outcome::Held);
    assert_eq!(outcome("version", Operator::Lt, &["90"]), Outcome::NotObserved, "a text has no order");
}

#[test]
fn facts_expect_in_compares_numbers_as_numbers_and_the_rest_as_text() {
    assert_eq!(outcome("root.blocks", Operator::In, &["1", "1e2"]), Outcome::Held);
    assert_eq!(outcome("synchronized", Operator::In, &["true"]), Outcome::Held);
    assert_eq!(outcome("synchronized", Operator::NotIn, &["true"]), failed("true"));
    assert_eq!(outcome("version", Operator::In, &["12.0"]), failed("12"), "a text is not a number");
}

#[test]
fn facts_expect_of_what_was_not_observed_neither_holds_nor_fails() {
    for key in ["root.none", "root.gone", "gone.gone", "root.unread", "root.used.deeper", "list.0", ""] {
        for operator in [Operator::In, Operator::NotIn, Operator::Lt, Operator::Ge] {
            assert_eq!(outcome(key, operator, &["0"]), Outcome::NotObserved, "{key} {operator:?}");
        }
        assert_eq!(outcome(key, Operator::Exists, &[]), failed("absent"), "{key}");
        assert_eq!(outcome(key, Operator::DoesNotExist, &[]), Outcome::Held, "{key}");
    }
    assert_eq!(outcome("root.mount", Operator::DoesNotExist, &[]), failed("/"));
}

fn schema(file: &str) -> Value {
    let path = format!("{}/profile/contracts/{file}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn refused(file: &str, expect: &Expect, wanted: &str) {
    let message = check_path(expect, &schema(file)).expect_err("this must be refused");
    assert!(message.contains(wanted), "{message:?} does not say {wanted:?}");
}

const INVENTORY: &str = "tecrax.basic_host_inventory@1.1";

#[test]
fn facts_expect_paths_of_the_contract_are_accepted() {
    let schema = schema(INVENTORY);
    for (key, operator, values) in [
        ("root_filesystem.used_percent", Operator::Lt, vec!["90"]),
        ("memory_mib.available", Operator::Ge, vec!["512"]),
        ("os.id", Operator::In, vec!["debian", "ubuntu"]),
        ("complete", Operator::In, vec!["true"]),
        ("assessment.state", Operator::NotIn, vec!["unknown"]),
        ("os", Operator::Exists, vec![]),
        ("scope.not_observed", Operator::Exists, vec![]),
    ] {
        assert_eq!(check_path(&expect(key, operator, &values), &schema), Ok(()), "{key}");
    }
}

#[test]
fn facts_expect_near_misses_get_a_suggestion() {
    let slip = expect("root_filesystem.used_percnt", Operator::Lt, &["90"]);
    refused(INVENTORY, &slip, "did you mean `root_filesystem.used_percent`?");
    let short = expect("root_filesystem.used", Operator::Lt, &["90"]);
    refused(INVENTORY, &short, "`root_filesystem.used_1024`, `root_filesystem.used_percent`");
    refused(INVENTORY, &slip, "tecrax.basic_host_inventory@1.1 has no fact `root_filesystem.used_percnt`");
    let old = expect("root_filesystem.used_percent", Operator::Lt, &["90"]);
    refused("tecrax.basic_host_inventory@1.0", &old, "`root_filesystem.used_1024`");
    refused(INVENTORY, &expect("root_filesystem.zzzzzzzz", Operator::Lt, &["90"]), "it has `root_filesystem.available_1024`");
    refused(INVENTORY, &expect("rootfilesystem.used_percent", Operator::Lt, &["90"]), "mean `root_filesystem.used_percent`?");
    refused(INVENTORY, &expect("used_percent", Operator::Lt, &["90"]), "mean `root_filesystem.used_percent`?");
    refused(INVENTORY, &expect("zzzzzzzzzzzz", Operator::Lt, &["90"]), "`memory_mib`");
    refused(INVENTORY, &expect("", Operator::Exists, &[]), "has no fact ``");
    refused(INVENTORY, &expect("kernel.", Operator::Exists, &[]), "has no fact `kernel.`");
}

#[test]
fn facts_expect_operators_must_fit_the_type() {
    refused(INVENTORY, &expect("kernel", Operator::Lt, &["6"]), "`kernel` is a text; use In or NotIn");
    refused(INVENTORY, &expect("complete", Operator::Ge, &["1"]), "`complete` is a boolean");
    refused(INVENTORY, &expect("os", Operator::In, &["debian"]), "only Exists and DoesNotExist apply");
    refused(INVENTORY, &expect("scope.observed", Operator::In, &["os"]), "an array");
}

#[test]
fn facts_expect_values_must_be_possible() {
    let used = "root_filesystem.used_percent";
    refused(INVENTORY, &expect(used, Operator::Lt, &["90%"]), "\"90%\" is none");
    refused(INVENTORY, &expect(used, Operator::Lt, &["inf"]), "\"inf\" is none");
    refused(INVENTORY, &expect(used, Operator::Lt, &[]), "exactly one value, not 0");
    refused(INVENTORY, &expect(used, Operator::Lt, &["1", "2"]), "exactly one value, not 2");
    refused(INVENTORY, &expect(used, Operator::In, &["full"]), "\"full\" can never equal it");
    refused(INVENTORY, &expect("complete", Operator::In, &["yes"]), "\"yes\" can never equal it");
    refused(INVENTORY, &expect("os.id", Operator::In, &[]), "at least one value");
    refused(INVENTORY, &expect("os.id", Operator::Exists, &["debian"]), "takes no values");
    refused(INVENTORY, &expect("assessment.state", Operator::In, &["helthy"]), "did you mean \"healthy\"?");
}
