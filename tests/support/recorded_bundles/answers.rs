//! Our answers in the form of the recorded ones.

use tecrax::evidence::json::{Json, Object};
use tecrax::evidence::sclite::ticket::TicketUseOutcome;
use tecrax::evidence::sclite::{
    ChainRules, ChainSummary, Documents, LIFECYCLE_CHECKS, Reference, Refusal, Upstream, UpstreamReview, layout, schema,
    verify_chain,
};

use super::Recorded;

/// What we say of one check; `None` when we know of no such check.
pub fn answer(recorded: &Recorded, check: &str, upstream: &Upstream) -> Option<Json> {
    match upstream {
        Upstream::Reaction(result) => reaction(recorded, check, result),
        Upstream::Lifecycle(review) => lifecycle(recorded, check, review),
    }
}

fn lifecycle(recorded: &Recorded, check: &str, review: &UpstreamReview) -> Option<Json> {
    Some(match check {
        "shape" => of(review.shape.clone().map(|()| ok())),
        "chain" => of(review.chain.clone().map(|chain| summary(&chain, false))),
        "lifecycle" => of(review.lifecycle.clone().map(|chain| summary(&chain, true))),
        "ticket_use" => of(review.ticket_use.clone().map(|outcome| ticket_use(&outcome))),
        "ticket_use_strict" => of(review.ticket_use_strict.clone().map(|outcome| ticket_use(&outcome))),
        "review" => of(review.review.clone().map(|record| in_short(&record))),
        "trust_profile" => of(review.trust_reference.clone().expect("a trust reference").map(|()| checks(Reference::Trust))),
        "carrier_profile" => {
            of(review.carrier_reference.clone().expect("a carrier reference").map(|()| checks(Reference::Carrier)))
        }
        "kernel_guard" => of(review
            .guard
            .clone()
            .expect("a key")
            .map(|tag| Json::from([("guard_root_tag", tag), ("status", "passed".to_owned())]))),
        "secure_bundle" => match review.secure.as_ref().expect("a key") {
            Err(refusal) => error(refusal),
            Ok(outcome) => Json::from([
                ("guard_root_tag", Json::from(outcome.root_tag.as_str())),
                ("key_id", Json::from(outcome.key_id.as_str())),
                ("status", Json::from("passed")),
                ("ticket_use_detail", Json::from(outcome.ticket_use.detail.as_str())),
                ("ticket_use_status", Json::from(outcome.ticket_use.status.word())),
                ("verification_result", outcome.result.clone()),
            ]),
        },
        "manifest_schema" => schema_of(recorded, layout::MANIFEST, "artifact_chain_manifest.v0.2"),
        "redaction_policy" => schema_of(recorded, "redaction_policy.json", "redaction_policy.v0.1"),
        "redaction_receipt" => schema_of(recorded, "redaction_receipt.json", "redaction_receipt.v0.1"),
        _ => return None,
    })
}

fn reaction(recorded: &Recorded, check: &str, result: &Result<ChainSummary, Refusal>) -> Option<Json> {
    let chain = |rules: &ChainRules| {
        let documents = Documents::new(&recorded.bundle);
        let manifest = documents.artifact(layout::REACTION_MANIFEST).expect("a manifest").value();
        let chain = verify_chain(manifest, &documents, rules);
        of(chain.map(|chain| entries(&ChainSummary { roles: chain.roles, root_chain_digest: chain.root }, None)))
    };
    Some(match check {
        "chain" => chain(&ChainRules::REACTION),
        "chain_no_schema" => chain(&ChainRules { schemas: false, ..ChainRules::REACTION }),
        "reaction" => of(result.clone().map(|chain| entries(&chain, Some("passed")))),
        _ => return None,
    })
}

fn of(result: Result<Json, Refusal>) -> Json {
    result.unwrap_or_else(|refusal| error(&refusal))
}

fn ok() -> Json {
    Json::from([("ok", true)])
}

/// A refusal as it is recorded.
pub fn error(refusal: &Refusal) -> Json {
    let told = [("message", refusal.message.as_str()), ("type", refusal.class.upstream_name())];
    Json::from([("error", Json::from(told))])
}

fn summary(chain: &ChainSummary, lifecycle: bool) -> Json {
    let mut summary = Object::from([
        ("entry_count", Json::from(chain.roles.len() as u64)),
        ("lifecycle_status", Json::from(if lifecycle { "passed" } else { "not_checked" })),
        ("root_chain_digest", Json::from(chain.root_chain_digest.as_str())),
        ("status", Json::from("passed")),
    ]);
    if lifecycle {
        summary.insert("semantic_check_count", LIFECYCLE_CHECKS);
    }
    Json::Object(summary)
}

fn entries(chain: &ChainSummary, semantics: Option<&str>) -> Json {
    let members = [
        ("checked_entries", chain.roles.iter().map(String::as_str).collect()),
        ("entry_count", Json::from(chain.roles.len() as u64)),
        ("root_chain_digest", Json::from(chain.root_chain_digest.as_str())),
        ("status", Json::from("passed")),
    ];
    let semantics = semantics.map(|word| ("reaction_semantics", Json::from(word)));
    Json::Object(members.into_iter().chain(semantics).collect())
}

fn ticket_use(outcome: &TicketUseOutcome) -> Json {
    assert_eq!(outcome.review, None, "1.0.5 knows no review of a ticket");
    Json::from([("checks", Json::from(outcome.checks)), ("status", Json::from("passed"))])
}

fn checks(reference: Reference) -> Json {
    Json::from([("checks", reference.checks().into_iter().collect::<Json>())])
}

/// The parts of a record that are recorded.
fn in_short(record: &Json) -> Json {
    let part = |path: &[&str]| record.at(path).expect("a part of a record").clone();
    let mut summary = part(&["summary"]);
    summary.as_object_mut().expect("a summary").remove("review_bundle_files").expect("the files of the bundle");
    Json::from([
        ("checks", part(&["checks"])),
        ("review_id", part(&["review_id"])),
        ("scope_fidelity", part(&["scope_fidelity_report", "summary"])),
        ("summary", summary),
        ("verdict", part(&["verdict"])),
    ])
}

fn schema_of(recorded: &Recorded, file: &str, name: &str) -> Json {
    let documents = Documents::new(&recorded.bundle);
    let Ok(artifact) = documents.artifact(file) else {
        let message = format!("[Errno 2] No such file or directory: '<BUNDLE>/{file}'");
        let told = [("message", message), ("type", "FileNotFoundError".to_owned())];
        return Json::from([("error", Json::from(told))]);
    };
    match schema::validate(artifact.value(), name) {
        Ok(()) => ok(),
        Err(failure) => {
            let told = [("message", failure.to_string()), ("type", "JsonSchemaValidationError".to_owned())];
            Json::from([("error", Json::from(told))])
        }
    }
}
