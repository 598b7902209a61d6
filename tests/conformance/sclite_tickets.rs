//! Recorded uses of tickets and functions of the Python stack's verifier, against ours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::recorded_bundles as recorded;

use std::collections::BTreeMap;

use crate::support::recorded_bundles::answers::error;
use crate::support::recorded_bundles::{json, shown};
use tecrax::evidence::json::Json;
use tecrax::evidence::sclite::guard::{GuardKey, build_guard};
use tecrax::evidence::sclite::scope::{Request, extract_host, request_report, request_scope};
use tecrax::evidence::sclite::ticket::{TicketRules, TicketUse, verify_ticket_use};
use tecrax::evidence::sclite::{Artifact, ManifestHead, Member, manifest, schema};

/// The cases of one file below the directory.
fn cases(file: &str) -> Vec<Json> {
    let name = file.strip_prefix("sclite/").expect("a file of sclite");
    json(&recorded::file(name)).get("cases").and_then(Json::as_array).expect("cases").to_vec()
}

/// Every recorded use of a ticket, by the rules of both versions, as they are and strict.
#[test]
fn conformance_sclite_ticket_use() {
    let cases = cases("sclite/ticket_use.json");
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        let id = case.text_at(&["id"]).expect("an id");
        let artifact = |key: &str| case.get(key).filter(|value| !value.is_null()).cloned().map(Artifact::of);
        let needed = |key: &str| artifact(key).expect("an artifact");
        let (ticket, contract, receipt) = (needed("ticket"), needed("contract"), needed("receipt"));
        let evidence = artifact("evidence");
        let parts = TicketUse { ticket: &ticket, contract: &contract, receipt: &receipt, evidence: evidence.as_ref() };
        for (version, results) in case.get("results").and_then(Json::as_object).expect("results").iter() {
            for (mode, theirs) in results.as_object().expect("modes").iter() {
                let rules = rules(version, mode);
                let ours = answer(&parts, rules);
                *ran.entry(format!("{version} {mode}")).or_default() += 1;
                if ours != *theirs {
                    let (theirs, ours) = (shown(theirs), shown(&ours));
                    failures.push(format!("{id}, {version} {mode}: recorded {theirs}, ours {ours}"));
                }
            }
        }
    }
    println!("sclite/ticket_use.json: {} cases, {ran:?}", cases.len());
    assert!(failures.is_empty(), "{} uses differ\n  {}", failures.len(), failures.join("\n  "));
    assert!(ran.len() == 4 && ran.values().all(|count| *count == cases.len()), "{ran:?}");
}

fn rules(version: &str, mode: &str) -> TicketRules {
    match (version, mode) {
        ("1.0.5", "default") => TicketRules::DEFAULT,
        ("1.0.5", "strict") => TicketRules::STRICT,
        ("2.0.1", "default") => TicketRules::NEWER,
        ("2.0.1", "strict") => TicketRules::NEWER_STRICT,
        other => panic!("{other:?} is new"),
    }
}

fn answer(parts: &TicketUse<'_>, rules: TicketRules) -> Json {
    let outcome = match verify_ticket_use(parts, rules) {
        Ok(outcome) => outcome,
        Err(refusal) => return error(&refusal),
    };
    let ok = outcome.review.map_or_else(
        || Json::from([("status", "passed")]),
        |detail| Json::from([("detail", detail.as_str()), ("status", "review")]),
    );
    Json::from([("ok", ok)])
}

/// Functions that are about a value: the tests of the reader run them.
const OF_A_VALUE: [&str; 6] = [
    "sanitize",
    "normalized_args_digest",
    "artifact_descriptor",
    "redaction_receipt",
    "reaction_idempotency_key",
    "escalation_proposal_id",
];

/// Every recorded function that is about a bundle.
#[test]
fn conformance_sclite_functions_of_bundles() {
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in cases("sclite/functions.json") {
        let name = case.text_at(&["fn"]).expect("a function").to_owned();
        let ours = match name.as_str() {
            "extract_host" => match extract_host(case.get("input").expect("an input")) {
                Ok(host) => Json::from([("output", host)]),
                Err(refusal) => error(&refusal),
            },
            "scope_fidelity" => output(scope_fidelity(&case)),
            "manifest" => output(build_manifest(&case)),
            "guard" => output(guard(&case)),
            other if OF_A_VALUE.contains(&other) => continue,
            other => panic!("{other} is a new function"),
        };
        *ran.entry(name.clone()).or_default() += 1;
        let recorded = ["output", "error"].into_iter().filter_map(|key| Some((key, case.get(key)?.clone())));
        let theirs = Json::Object(recorded.collect());
        if ours != theirs {
            failures.push(format!("{name}: {}\n    ours     {}", shown(&case), shown(&ours)));
        }
    }
    println!("sclite/functions.json: {ran:?}");
    assert!(failures.is_empty(), "{} cases differ\n  {}", failures.len(), failures.join("\n  "));
    assert_eq!(ran.len(), 4);
}

fn output(value: Json) -> Json {
    Json::from([("output", value)])
}

fn scope_fidelity(case: &Json) -> Json {
    let list = |key: &str| case.get(key).and_then(Json::as_array).expect("a list");
    let request =
        Request { target: case.get("target").expect("a target"), args: list("normalized_args"), plan: list("execution_plan") };
    let report = request_report(&request, Some(true), "spec.json", "2026-01-01T00:00:00+00:00").expect("a report");
    schema::validate(&report, "scope_fidelity_report.v0.1").expect("a report in its schema");
    let scope = request_scope(&request).expect("a scope");
    let mut output = scope.shape;
    let members = output.as_object_mut().expect("a shape");
    members.insert("target_host", scope.target_host);
    members.insert("verdict", scope.verdict);
    output
}

fn build_manifest(case: &Json) -> Json {
    let text = |value: &Json, key: &str| value.text_at(&[key]).unwrap_or_default().to_owned();
    let inputs: Vec<(String, String, bool, Artifact)> = case
        .get("artifacts")
        .and_then(Json::as_array)
        .expect("artifacts")
        .iter()
        .map(|input| {
            let required = input.get("required").is_none_or(Json::is_truthy);
            let artifact = Artifact::of(input.get("value").expect("an artifact").clone());
            (text(input, "role"), text(input, "path"), required, artifact)
        })
        .collect();
    let members: Vec<Member<'_>> =
        inputs.iter().map(|(role, path, required, artifact)| Member { role, path, required: *required, artifact }).collect();
    let (chain_id, created_at, profile) = (text(case, "chain_id"), text(case, "created_at"), text(case, "profile"));
    manifest(&ManifestHead { chain_id: &chain_id, created_at: &created_at, profile: &profile }, &members)
}

fn guard(case: &Json) -> Json {
    let key = GuardKey::new(case.text_at(&["key"]).expect("a key")).expect("a key");
    let nonces = case.get("nonces").and_then(Json::as_array).expect("nonces");
    let nonces: Vec<String> = nonces.iter().map(|nonce| nonce.as_str().expect("a nonce").to_owned()).collect();
    let key_id = case.text_at(&["key_id"]).expect("the name of the key");
    build_guard(case.get("manifest").expect("a manifest"), &key, key_id, &nonces).expect("a guard")
}
