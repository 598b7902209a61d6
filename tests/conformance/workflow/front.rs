//! What is decided before a recorded workflow runs: by the policy of its environment, and by whom it is aimed at.

use serde_json::{Map, Value, json};
use tecrax::admission::policy::{EnforcementPlan, Pack, gate, operation_request};
use tecrax::admission::{DefaultPolicy, Judge};
use tecrax::api::{SandboxLevel, Severity};
use tecrax::plan::propose;
use tecrax::profile::Profile;

use super::recorded::{question, text};
use crate::support::manifests::desired;
use crate::support::profile::known;
use crate::support::script::{pair, target};

const TOO_MANY_STEPS: &str = "policy max_steps is lower than planned workflow";

/// The words of the other stack's policy, when it refused the case.
pub fn refusal_by_policy(case: &Value) -> Option<&str> {
    let planned = text(&case["expect"]["plan_error"]["error"]);
    let started = text(&case["expect"]["commands"][0]["result"]["error"]);
    let told =
        |error: &str| error.contains("policy_pack") || error.starts_with("operation policy denied") || error == TOO_MANY_STEPS;
    [planned, started].into_iter().find(|error| told(error))
}

/// What the policy of the case refuses by our engine, in those words: first the pack, then whether what it asks for can be met.
pub fn decided(case: &Value) -> Option<String> {
    let written = case["environment"].get("policy_pack")?;
    let pack = match Pack::from_python(written) {
        Ok(pack) => pack,
        Err(refused) => return Some(format!("invalid policy_pack: {}", refused.code)),
    };
    let resource = json!({"target_ref": case["target"], "criticality": "low"});
    let (mode, intent, risk) = (text(&case["mode"]), text(&case["intent"]["id"]), text(&case["workflow"]["risk"]));
    let request = operation_request("op-1", mode, intent, risk, &resource).expect("a request");
    let verdict = pack.evaluate(&request, &Map::new()).expect("a verdict");
    let plan = EnforcementPlan::of(&pack, &verdict);
    if let Err(closed) = gate::operation(&verdict, &plan) {
        return Some(format!("operation policy denied: {} blockers={}", closed.reason_code, closed.blockers.join(",")));
    }
    // What the plan itself is too long for, our judge says, of a Policy with the same bound.
    let most = plan.controls.max_steps;
    let bound = format!("constraints: [{{name: steps, kind: max_steps, value: \"{most}\"}}]");
    let policy = format!(
        "kind: Policy\nmetadata: {{name: p}}\nspec:\n  targetSelector: {{}}\n  rules:\n  - {{name: r, effect: AllowWithObligations, {}}}\n",
        if most > 0 { bound } else { "obligations: [{name: o, kind: receipt}]".to_owned() }
    );
    let profile = Profile::embedded(&known).expect("the bundled profile");
    let desired = desired(&profile, &policy);
    // That it selects none of the pairs of no manifest is only a warning.
    let errors = desired.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    assert_eq!((errors, desired.policies.len()), (0, 1), "{:?}", desired.problems);
    let judge = Judge::new(&desired, "tecrax", DefaultPolicy::Deny, SandboxLevel::Full);
    let denial = judge.decide(&propose(&pair(&target(&["os"]), &question(case)))).err()?;
    assert!(denial.message.contains("readings"), "{}", denial.message);
    Some(TOO_MANY_STEPS.to_owned())
}

/// Whether a Check that is aimed as the case is leads nowhere: a target that the environment does not have, or none at all.
pub fn aimed(case: &Value) -> Option<bool> {
    let error = text(&case["expect"]["plan_error"]["error"]);
    if !error.contains("target") {
        return None;
    }
    let wanted = match text(&case["target"]).trim() {
        "" => String::new(),
        name => format!(", targetRef: {{name: {name}}}"),
    };
    let manifest = |name: &str| {
        format!("kind: Target\nmetadata: {{name: {name}}}\nspec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n---\n")
    };
    let names = case["environment"]["targets"].as_object().expect("targets").keys().map(String::as_str);
    let manifests: Vec<String> = names.chain(["other"]).map(manifest).collect();
    let manifests = manifests.concat();
    let aimed =
        |wanted: &str| format!("{manifests}kind: Check\nmetadata: {{name: c}}\nspec: {{intent: check_ntp_health{wanted}}}\n");
    let profile = Profile::embedded(&known).expect("the bundled profile");
    assert_eq!(desired(&profile, &aimed(", targetRef: {name: other}")).pairs.len(), 1, "a Check that is aimed well");
    let nowhere = desired(&profile, &aimed(&wanted));
    Some(nowhere.pairs.is_empty() && !nowhere.problems.is_empty())
}
