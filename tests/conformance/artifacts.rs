//! Recorded observations, proposals and fixture reviews of the Python stack's profile, against ours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;
use crate::support::harness::Answer;
use serde_json::{Value, json};
use tecrax::api::Digest;
use tecrax::evidence::json::{Json, canonical, pretty};
use tecrax::evidence::sclite::ProfileRef;
use tecrax::facts;
use tecrax::profile::Profile;
use tecrax::reaction::artifacts::{
    Observed, Proposed, Rejected, fixture_ref, fixture_review, observation, proposal, validate_proposal,
};

/// The profile that was recorded; ours has another digest.
const RECORDED: ProfileRef<'static> =
    ProfileRef { id: "tecrax", version: "0.3.5", digest: "6b5b7409b9bc5d5d01380dbec060cbbdd0a9cfcbbd7cd31229039d2e535c470a" };
/// What a proposal names when nothing else is said.
const REFERENCE: &str = "01_observation.json";

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn value(json: &Json) -> Value {
    serde_json::from_slice(&canonical(json)).expect("JSON")
}

fn told(name: &str, result: Result<Json, Rejected>) -> Answer {
    Answer::Value(match result {
        Ok(artifact) => json!({ name: value(&artifact) }),
        Err(rejected) => json!({"error": {"message": rejected.to_string()}}),
    })
}

#[test]
fn conformance_tecrax_observation() {
    harness::run(
        "tecrax/observation.json",
        |case| case["expect"].clone(),
        |case| {
            let input = &case["input"];
            let observed = Observed {
                operation_id: text(input, "operation_id"),
                target_id: text(input, "target_id"),
                observed_at: text(input, "observed_at"),
                profile: RECORDED,
            };
            told("observation", observation(&input["diagnosis"], &observed))
        },
    );
}

#[test]
fn conformance_tecrax_escalation() {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the profile");
    let intents = |id: &str| profile.operations.get(id).map(|operation| operation.modes.clone());
    harness::run(
        "tecrax/escalation.json",
        |case| case["expect"].clone(),
        |case| {
            let input = &case["input"];
            if case["op"] == "validate" {
                return match validate_proposal(&Json::from(input), &intents) {
                    Ok(()) => Answer::Value(json!({"valid": true})),
                    Err(rejected) => told("proposal", Err(rejected)),
                };
            }
            let refs: Vec<String> = match input["evidence_refs"].as_array() {
                Some(refs) => refs.iter().map(|named| named.as_str().expect("a text").to_owned()).collect(),
                None => vec![REFERENCE.to_owned()],
            };
            let proposed = Proposed {
                operation_id: text(input, "operation_id"),
                reaction_id: text(input, "reaction_id"),
                diagnosis: &input["diagnosis"],
                outcome: input["suggested_outcome"].as_str().unwrap_or("escalate"),
                intent: input["intent_ref"].as_str(),
                evidence_refs: &refs,
                created_at: text(input, "created_at"),
            };
            told("proposal", proposal(&proposed, &intents))
        },
    );
}

#[test]
fn conformance_tecrax_fixture_review() {
    harness::run(
        "tecrax/fixture_review.json",
        |case| {
            let part = |key: &str| case[key].clone();
            json!({"fixture_ref": part("fixture_ref"), "review": part("review"), "stdout_sha256": part("stdout_sha256")})
        },
        |case| {
            let service = text(case, "service_name");
            let review = fixture_review(service);
            Answer::Value(json!({
                "fixture_ref": fixture_ref(service),
                "review": value(&review),
                "stdout_sha256": Digest::of(pretty(&review).as_bytes()).to_string(),
            }))
        },
    );
}
