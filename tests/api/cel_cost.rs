//! CEL rules stay far within what an API server lets them cost.

use crate::support::schemas::{crds, structural};
use serde_json::Value;

/// What an API server lets one rule cost, and all rules of a CRD together.
const RULE_BUDGET: u64 = 10_000_000;
const CRD_BUDGET: u64 = 100_000_000;

/// The largest value a node admits, in characters of JSON; roughly.
fn size(node: &Value) -> u64 {
    match node["type"].as_str().unwrap() {
        "string" => node["maxLength"].as_u64().unwrap_or(32) + 2,
        "array" => node["maxItems"].as_u64().unwrap() * size(&node["items"]),
        "object" => {
            let own: u64 = node["properties"].as_object().into_iter().flatten().map(|(k, v)| k.len() as u64 + 3 + size(v)).sum();
            let free =
                node.get("additionalProperties").map_or(0, |values| node["maxProperties"].as_u64().unwrap() * size(values));
            own + free + 2
        }
        _ => 20,
    }
}

/// Cost of one evaluation: an upper estimate in the API server's units (one a step, a tenth a compared character).
fn cost(rule: &str, node: &Value) -> u64 {
    if rule.contains("oldSelf") {
        assert_eq!(rule, "self == oldSelf", "only whole values are compared");
        return 2 + size(node).div_ceil(10);
    }
    let steps = 10 + 3 * (rule.matches("has(").count() + rule.matches("&&").count() + rule.matches("||").count()) as u64;
    let mut times = 1;
    for (at, _) in rule.match_indices(".all(") {
        let list = rule[..at].rsplit("self.").next().unwrap();
        times *= node["properties"][list]["maxItems"].as_u64().expect("a list with a bound");
    }
    // A filter over a literal list of presence tests visits every element.
    let literal = if rule.contains(".filter(") { 10 * rule.matches("has(").count() as u64 } else { 0 };
    (steps + literal) * times
}

fn costs(node: &Value, times: u64, path: &str, found: &mut Vec<(String, u64)>) {
    for rule in node["x-kubernetes-validations"].as_array().into_iter().flatten() {
        found.push((path.to_owned(), times * cost(rule["rule"].as_str().unwrap(), node)));
    }
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        costs(property, times, &format!("{path}.{name}"), found);
    }
    if let Some(items) = node.get("items") {
        costs(items, times * node["maxItems"].as_u64().unwrap(), &format!("{path}[]"), found);
    }
}

#[test]
fn rules_stay_far_within_the_cost_budget() {
    for (kind, crd) in crds() {
        let mut found = Vec::new();
        costs(structural(&crd), 1, &kind, &mut found);
        let total: u64 = found.iter().map(|(_, cost)| cost).sum();
        for (path, cost) in &found {
            // The estimate is rough, so it has to be a factor of ten below the budget.
            assert!(*cost < RULE_BUDGET / 10, "{path} costs {cost}");
        }
        assert!(total < CRD_BUDGET / 10, "{kind} costs {total}");
        assert!(!path_iterates_items(&found), "{kind}: no rule may run per TargetSet item");
    }
}

fn path_iterates_items(found: &[(String, u64)]) -> bool {
    found.iter().any(|(path, _)| path.starts_with("TargetSet.spec.items[]"))
}
