//! `check_portainer_health`.

use serde_json::{Value, json};
use tecrax::api::{Assessment, Coverage};
use tecrax::facts::{self, Facts, Reading};

use super::{ANSWERED, LOST, fact, failed, found, observed};

const INTENT: &str = "check_portainer_health";

fn portainer(reading: Reading) -> Facts {
    observed(INTENT, &[("read_portainer_status", reading)])
}

#[test]
fn facts_portainer_version_is_what_makes_it_reachable() {
    for (status, version) in [(r#"{"Version":"2.19.5"}"#, "2.19.5"), (r#"{"Version":2}"#, "2"), (r#"{"Version":" 2.1 "}"#, "2.1")]
    {
        let facts = portainer(Reading::taken(status));
        assert_eq!((facts.assessment, found(&facts)), (Assessment::Healthy, vec![]), "{status}");
        assert_eq!((fact(&facts, "/api_reachable"), fact(&facts, "/api_version")), (&json!(true), &json!(version)), "{status}");
        assert!(facts.verdict.passed);
    }
}

#[test]
fn facts_portainer_answer_without_a_version_is_unhealthy_and_says_so() {
    for status in [r#"{"Version":null}"#, "{}", r#"{"value":"<html>"}"#, r#"{"Version":{"major":2}}"#, "<html>", ""] {
        let facts = portainer(Reading::taken(status));
        assert_eq!(facts.assessment, Assessment::Unhealthy, "{status}");
        assert_eq!(found(&facts), [("unauthenticated_status", "portainer_without_version")], "{status}");
        assert!(facts.findings[0].next_step.is_some());
        assert_eq!(fact(&facts, "/scope/observed"), &json!(["unauthenticated_status"]), "{status}");
    }
}

#[test]
fn facts_portainer_wrong_answer_is_unhealthy_once() {
    for class in ANSWERED {
        let facts = portainer(failed(class, "502 Bad Gateway"));
        assert_eq!(facts.assessment, Assessment::Unhealthy, "{class:?}");
        assert_eq!(found(&facts), [("read_portainer_status", class.reason())], "{class:?}");
        assert_eq!((fact(&facts, "/api_reachable"), fact(&facts, "/api_version")), (&json!(false), &Value::Null));
        assert_eq!(facts.verdict.rule, "check_portainer_health.unhealthy");
    }
}

#[test]
fn facts_portainer_lost_way_says_nothing_about_it() {
    for class in LOST {
        let facts = portainer(failed(class, "lost"));
        assert_eq!(
            (facts.assessment, facts.coverage, &facts.value),
            (Assessment::Unknown, Coverage::Blocked, &None),
            "{class:?}"
        );
        assert_eq!(found(&facts), [("read_portainer_status", class.reason())], "{class:?}");
    }
}

#[test]
fn facts_portainer_without_any_reading_leaves_it_open() {
    let facts =
        facts::normalizer("normalize_portainer_health").unwrap()(&facts::Readings::new(), &facts::Context { target: "t" });
    let facts = facts.unwrap();
    assert_eq!((&facts["api_reachable"], &facts["api_version"]), (&Value::Null, &Value::Null));
    assert_eq!(facts["assessment"]["state"], "unknown");
    assert_eq!(facts["scope"]["not_observed"][0], "unauthenticated_status");
}
