//! Recorded decisions of the Python stack's policy engine, against ours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;
use crate::support::harness::Answer;
use serde_json::{Map, Value, json};
use tecrax::admission::policy::{
    EnforcementPlan, Pack, Request, Verdict, connector_request, criticality, gate, operation_request, prefixed,
};

const FILE: &str = "rexecop/policy.json";
/// Sections that say what happens to actions that change something: a plan can not express one.
const MUTATING: [&str; 2] = ["runtime_admission", "legacy_projection"];

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is a text"))
}

#[test]
fn conformance_rexecop_policy_cases() {
    let packs = harness::read(FILE)["packs"].clone();
    harness::run(
        FILE,
        |case| {
            let mut expect = case["expect"].clone();
            if let Some(error) = expect.get_mut("evaluate_error").and_then(Value::as_object_mut) {
                error.remove("type");
            }
            expect
        },
        |case| {
            let pack = Pack::from_python(&packs[text(case, "pack")]).expect("a pack that compiles");
            let mut answer = json!({
                "compiled": true,
                "policy_pack_digest": prefixed(pack.digest()),
                "rule_order": pack.rules().iter().map(|rule| &rule.id).collect::<Vec<_>>(),
            });
            let runtime = case["runtime_context"].as_object().cloned().unwrap_or_default();
            let verdict = Request::from_json(&case["request"]).and_then(|request| pack.evaluate(&request, &runtime));
            let more = match verdict {
                Ok(verdict) => {
                    winning_rule(&pack, &verdict);
                    let plan = EnforcementPlan::of(&pack, &verdict);
                    json!({
                        "verdict": verdict.record(),
                        "verdict_digest": prefixed(verdict.digest()),
                        "enforcement_plan": plan.record(),
                        "enforcement_plan_digest": prefixed(plan.digest()),
                        "admission_digest": prefixed(plan.admission_digest()),
                    })
                }
                Err(refused) => json!({"evaluate_error": {"reason": refused.code}}),
            };
            answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            Answer::Value(answer)
        },
    );
}

/// The recordings name the rule by what it gives the verdict; the one that we name has to give exactly that.
fn winning_rule(pack: &Pack, verdict: &Verdict) {
    let Some(name) = &verdict.rule else {
        assert!(verdict.obligations.is_empty() && verdict.constraints.is_empty());
        return;
    };
    let gives = |rule: &&tecrax::admission::policy::Rule| {
        rule.id == *name
            && rule.effect == verdict.decision
            && rule.reason_code == verdict.reason_code
            && rule.obligations == verdict.obligations
            && rule.constraints == verdict.constraints
    };
    assert_eq!(pack.rules().iter().filter(gives).count(), 1, "{name}");
}

#[test]
fn conformance_rexecop_policy_compile_cases() {
    harness::run_section(
        FILE,
        "compile_cases",
        |case| {
            let expect = &case["expect"];
            match expect.get("uncaught") {
                // The wording of an accident is not meant; that it is refused is.
                Some(_) => json!({"ok": false}),
                None => expect.clone(),
            }
        },
        |case| {
            Answer::Value(match Pack::from_python(&case["pack"]) {
                Ok(pack) => json!({
                    "ok": true,
                    "status": "compiled",
                    "reason_code": "compiled",
                    "diagnostics": [],
                    "normalized": pack.record(),
                    "policy_pack_digest": prefixed(pack.digest()),
                }),
                Err(_) if case["expect"].get("uncaught").is_some() => json!({"ok": false}),
                Err(refused) => {
                    json!({"ok": false, "status": "rejected", "reason_code": refused.code, "diagnostics": [refused.code]})
                }
            })
        },
    );
}

fn resource(case: &Value) -> Value {
    json!({"target_ref": case["target"], "criticality": case.get("target_criticality").unwrap_or(&json!("low"))})
}

/// The answer of the gate, in the form of the recording.
fn connector(pack: Option<&Pack>, case: &Value) -> Value {
    let closed = pack.and_then(|pack| {
        let word = |key| text(case, key);
        let (operation, mode, backend) = (word("operation_id"), word("mode"), word("backend"));
        let request = connector_request(operation, mode, backend, word("connector"), word("action"), &resource(case)).unwrap();
        let verdict = pack.evaluate(&request, &Map::new()).unwrap();
        gate::connector(&verdict).err().map(|closed| (verdict, closed))
    });
    match closed {
        None => json!({"allowed": true, "response": null}),
        Some((verdict, closed)) => json!({"allowed": false, "response": {
            "success": false,
            "action": case["action"],
            "connector": case["connector"],
            "error": format!("connector policy denied: {}", closed.reason_code),
            "data": {
                "error_class": "policy_denied",
                "policy_decision": verdict.decision.as_str(),
                "policy_reason_code": closed.reason_code,
                "policy_blockers": closed.blockers,
            },
        }}),
    }
}

fn gate_answer(case: &Value) -> Value {
    json!({"allowed": case["allowed"], "response": case["response"]})
}

#[test]
fn conformance_rexecop_policy_connector_gate() {
    harness::run_section(FILE, "connector_gate", gate_answer, |case| {
        let pack = (!case["pack"].is_null()).then(|| Pack::from_python(&case["pack"]).expect("a pack that compiles"));
        Answer::Value(connector(pack.as_ref(), case))
    });
}

#[test]
fn conformance_rexecop_policy_shipped_pack() {
    let shipped = harness::read(FILE)["shipped_pack"].clone();
    let pack = Pack::from_python(&shipped["policy_pack"]).expect("a pack that compiles");
    assert_eq!(prefixed(pack.digest()), text(&shipped, "policy_pack_digest"));
    let operations = shipped["operations"].as_array().unwrap();
    for case in operations {
        let asked = ["operation_id", "mode", "intent", "risk"].map(|key| text(case, key));
        let request = operation_request(asked[0], asked[1], asked[2], asked[3], &resource(case)).unwrap();
        let verdict = pack.evaluate(&request, &Map::new()).unwrap();
        let plan = EnforcementPlan::of(&pack, &verdict);
        let mut answer = json!({
            "operation_id": asked[0],
            "mode": asked[1],
            "intent": asked[2],
            "risk": asked[3],
            "target": case["target"],
            "decision": verdict.decision.as_str(),
            "verdict_digest": prefixed(verdict.digest()),
        });
        let more = match gate::operation(&verdict, &plan) {
            Ok(()) => json!({
                "plan_allowed": true,
                "reason_code": verdict.reason_code,
                "blockers": verdict.blockers,
                "controls": plan.controls.record(),
                "plan_digest": prefixed(plan.digest()),
                "admission_digest": prefixed(plan.admission_digest()),
            }),
            Err(closed) => json!({
                "plan_allowed": false,
                "reason_code": closed.reason_code,
                "blockers": closed.blockers,
                "error": format!("operation policy denied: {} blockers={}", closed.reason_code, closed.blockers.join(",")),
            }),
        };
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(answer, *case, "{}", asked[2]);
    }
    let connectors = shipped["connectors"].as_array().unwrap();
    for case in connectors {
        assert_eq!(connector(Some(&pack), case), gate_answer(case), "{}.{}", case["connector"], case["action"]);
    }
    println!("{FILE} shipped_pack: {} operations and {} calls ran", operations.len(), connectors.len());
    assert!(operations.len() >= 14 && connectors.len() >= 8);
}

#[test]
fn conformance_rexecop_policy_criticality() {
    let recorded = harness::read(FILE)["criticality"].clone();
    let targets = recorded["targets"].as_object().unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    for case in cases {
        assert_eq!(criticality(targets, text(case, "target")), text(case, "criticality"), "{}", case["target"]);
    }
    println!("{FILE} criticality: {} ran", cases.len());
    assert!(cases.len() >= 11);
}

/// What is not compared is said: nothing of the file is passed over unseen.
#[test]
fn conformance_rexecop_policy_sections_are_accounted_for() {
    let file = harness::read(FILE);
    let compared = ["cases", "compile_cases", "connector_gate", "shipped_pack", "criticality", "packs", "format"];
    for (section, content) in file.as_object().unwrap() {
        let skipped = MUTATING.contains(&section.as_str());
        assert!(skipped || compared.contains(&section.as_str()), "nobody looks at {section}");
        if skipped {
            println!("{FILE} {section}: {} skipped, about actions that change something", content.as_array().unwrap().len());
        }
    }
    let skipped: usize = MUTATING.iter().map(|section| file[section].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(skipped, 31, "the two sections about actions that change something");
}
