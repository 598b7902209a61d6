//! Recorded behaviour of the Python stack's evidence, against ours: documents, artifacts, and functions of one value.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tecrax::api::Digest;
use tecrax::evidence::json::{Json, JsonErrorKind, Limits, canonical, read};
use tecrax::evidence::sclite::{Descriptor, args_digest, ids, redaction, schema};

/// Functions that are about a bundle: the verifier's tests run them.
const OF_THE_VERIFIER: [&str; 4] = ["extract_host", "scope_fidelity", "manifest", "guard"];

/// The cases of one file.
fn cases(file: &str) -> Vec<Json> {
    let path = harness::directory().join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let content = read(&bytes, &Limits::UPSTREAM).unwrap_or_else(|error| panic!("{}: {error}", path.display())).value;
    let cases = content.get("cases").and_then(Json::as_array).expect("a list of cases").to_vec();
    assert!(!cases.is_empty(), "{file} has no case");
    cases
}

fn text<'a>(case: &'a Json, key: &str) -> &'a str {
    case.text_at(&[key]).unwrap_or_else(|| panic!("no text `{key}` in {}", shown(case)))
}

fn digest(case: &Json, key: &str) -> Digest {
    Digest::parse(text(case, key)).expect("a digest")
}

fn shown(value: &Json) -> String {
    String::from_utf8(canonical(value)).expect("UTF-8").chars().take(400).collect()
}

/// Runs `check` on every case and fails with all that went wrong.
fn all(file: &str, check: impl Fn(&Json) -> Result<(), String>) {
    let cases = cases(file);
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    println!("{file}: {} ran, {} fail", cases.len(), failures.len());
    assert!(failures.is_empty(), "{file}: {} of {} cases fail\n  {}", failures.len(), cases.len(), failures.join("\n  "));
}

fn same(case: &Json, what: &str, expected: &Json, ours: &Json) -> Result<(), String> {
    let id = case.text_at(&["id"]).map_or_else(|| shown(case), str::to_owned);
    if expected == ours { Ok(()) } else { Err(format!("{id}: {what}: expected {}, got {}", shown(expected), shown(ours))) }
}

#[test]
fn conformance_sclite_canonical_json() {
    all("sclite/canonical_json.json", |case| document(case, case, &Limits::UPSTREAM));
}

/// What 2.0.1 refuses, our strict limits refuse too.
#[test]
fn conformance_sclite_canonical_json_strict() {
    all("sclite/canonical_json.json", |case| document(case, case.get("result_2_0_1").unwrap_or(case), &Limits::STRICT));
}

fn document(case: &Json, expected: &Json, limits: &Limits) -> Result<(), String> {
    let bytes = case
        .text_at(&["input"])
        .map_or_else(|| STANDARD.decode(text(case, "input_base64")).expect("base64"), |input| input.as_bytes().to_vec());
    let ours = match read(&bytes, limits) {
        Ok(document) => {
            let bytes = canonical(&document.value);
            Json::from([
                ("canonical", Json::from(std::str::from_utf8(&bytes).expect("UTF-8"))),
                ("canonical_bytes", Json::from(bytes.len() as u64)),
                ("sha256", Json::from(Digest::of(&bytes).to_string())),
            ])
        }
        Err(error) => Json::from([("error", Json::from(kind(error.kind)))]),
    };
    let theirs = expected.text_at(&["error", "kind"]).map_or_else(
        || {
            ["canonical", "canonical_bytes", "sha256"]
                .into_iter()
                .map(|key| (key, expected.get(key).expect(key).clone()))
                .collect()
        },
        |kind| tecrax::evidence::json::Object::from([("error", kind)]),
    );
    same(case, "result", &Json::Object(theirs), &ours)
}

fn kind(kind: JsonErrorKind) -> &'static str {
    match kind {
        JsonErrorKind::Syntax => "json_syntax",
        JsonErrorKind::NotUtf8 => "not_utf8",
        JsonErrorKind::LoneSurrogate => "lone_surrogate",
        JsonErrorKind::NonFinite => "non_finite_number",
        JsonErrorKind::IntegerTooLong => "integer_too_long",
        JsonErrorKind::DuplicateKey => "duplicate_key",
        JsonErrorKind::TooDeep => "too_deep",
        JsonErrorKind::TooLarge => "too_large",
    }
}

#[test]
fn conformance_sclite_artifacts() {
    all("sclite/artifacts.json", |case| {
        let artifact = case.get("artifact").expect("an artifact");
        let result = schema::validate(artifact, text(case, "schema"));
        let ours = Json::from(result.err().map(|error| error.message));
        same(case, "first failure", case.get("error").unwrap_or(&Json::Null), &ours)?;
        same(case, "valid", case.get("valid").expect("valid"), &Json::from(ours.is_null()))?;
        case.get("descriptor").map_or(Ok(()), |expected| same(case, "address", expected, &Descriptor::of(artifact).to_json()))
    });
}

/// Each schema accepts the artifact that was recorded for it, and there is one for each.
#[test]
fn conformance_sclite_schemas_are_all_recorded() {
    let recorded = cases("sclite/artifacts.json");
    for name in schema::known() {
        let base = recorded.iter().find(|case| text(case, "id") == format!("{name}/base"));
        assert!(base.is_some_and(|case| case.get("valid") == Some(&Json::Bool(true))), "no valid case for {name}");
    }
}

#[test]
fn conformance_sclite_functions() {
    let mut ran = 0;
    for case in cases("sclite/functions.json") {
        let name = text(&case, "fn");
        let Some(ours) = function(name, &case) else {
            assert!(OF_THE_VERIFIER.contains(&name), "no test runs the function {name}");
            continue;
        };
        same(&case, name, case.get("output").expect("an output"), &ours).unwrap_or_else(|failure| panic!("{failure}"));
        ran += 1;
    }
    assert_eq!(ran, 61, "how many cases there are of functions of one value");
}

/// The result of a function of one value.
fn function(name: &str, case: &Json) -> Option<Json> {
    let input = || case.get("input").expect("an input");
    Some(match name {
        "normalized_args_digest" => Json::from(args_digest(input())),
        "artifact_descriptor" => Descriptor::of(input()).to_json(),
        "sanitize" => redaction::sanitize(input()),
        "redaction_receipt" => receipt(case),
        "reaction_idempotency_key" => Json::from(
            ids::reaction_idempotency_key(
                &Descriptor::of(case.get("observation").expect("an observation")).digest,
                &digest(case, "profile_digest"),
                &digest(case, "rule_digest"),
                text(case, "target_id"),
            )
            .to_string(),
        ),
        "escalation_proposal_id" => Json::from(ids::escalation_proposal_id(
            text(case, "operation_id"),
            text(case, "reaction_id"),
            text(case, "outcome"),
            case.text_at(&["intent_ref"]),
            case.get("diagnosis").expect("a diagnosis"),
        )),
        _ => return None,
    })
}

/// The recorded part of a receipt under our own policy; policy and receipt keep their schemas.
fn receipt(case: &Json) -> Json {
    let policy = redaction::policy();
    let (source, redacted) = (case.get("source").expect("a source"), case.get("redacted").expect("a redacted"));
    let receipt = redaction::receipt("2026-03-04T10:00:00+00:00", &policy, source, redacted);
    assert_eq!(schema::validate(&policy, "redaction_policy.v0.1"), Ok(()));
    assert_eq!(schema::validate(&receipt, "redaction_receipt.v0.1"), Ok(()));
    assert_eq!(receipt.at(&["policy", "policy_hash"]), Some(&Json::from(Descriptor::of(&policy).digest.to_string())));
    Json::from([
        ("redacted_hash", receipt.at(&["redacted", "hash"]).cloned()),
        ("source_hash", receipt.at(&["source", "hash"]).cloned()),
        ("status", receipt.get("status").cloned()),
        ("summary", receipt.get("summary").cloned()),
    ])
}
