//! Redaction of values for eyes outside: the sanitizer of the format, its policy, and the receipt that says what was done.
//!
//! This is no scanner for secrets: it knows a few names of members and a few forms of text. What holds secrets back is the
//! [`Redactor`](crate::secrets::Redactor), before anything becomes evidence.

use super::Descriptor;
use crate::evidence::json::{Json, Object};

/// Stands for a secret.
const REDACTED: &str = "<redacted>";
/// Stands for raw output.
const OMITTED: &str = "<omitted_for_public_demo>";
/// Stands for a path below a home directory.
const LOCAL_PATH: &str = "<local_path_omitted>";
/// Members whose value is a secret, in any case.
const SECRET_KEYS: [&str; 10] =
    ["api_key", "apikey", "auth", "authorization", "cookie", "cookies", "password", "password_ref", "secret", "token"];
/// Members that hold raw output, in any case.
const OUTPUT_KEYS: [&str; 2] = ["stdout", "stderr"];
/// Words that make `name: value` a secret.
const SECRET_WORDS: [&str; 6] = ["authorization", "cookie", "token", "secret", "api-key", "api_key"];
/// What a redaction does not say.
const NON_CLAIMS: [&str; 3] = [
    "does_not_claim_complete_secret_detection",
    "does_not_prove_upstream_data_never_contained_secrets",
    "does_not_authorize_publication",
];

/// `value` without what the policy names.
pub fn sanitize(value: &Json) -> Json {
    match value {
        Json::Object(object) => Json::Object(sanitize_object(object)),
        Json::Array(items) => items.iter().map(sanitize).collect(),
        Json::Text(text) => Json::Text(sanitize_text(text)),
        other => other.clone(),
    }
}

fn sanitize_object(object: &Object) -> Object {
    let named = object.get("name").and_then(Json::as_str);
    if let Some(name) = named.filter(|_| object.contains_key("value") || object.contains_key("raw")) {
        let mut clean: Object = object.iter().map(|(key, value)| (key.to_owned(), sanitize(value))).collect();
        clean.insert("value", REDACTED);
        if object.contains_key("raw") {
            clean.insert("raw", format!("{name}: {REDACTED}"));
        }
        return clean;
    }
    object.iter().map(|(key, value)| (key.to_owned(), sanitize_member(key, value))).collect()
}

fn sanitize_member(key: &str, value: &Json) -> Json {
    let key = key.to_lowercase();
    if SECRET_KEYS.contains(&&*key) && value.is_truthy() {
        return Json::from(REDACTED);
    }
    if OUTPUT_KEYS.contains(&&*key) {
        return Json::from(if value.is_truthy() { OMITTED } else { "" });
    }
    sanitize(value)
}

fn sanitize_text(text: &str) -> String {
    if text.starts_with("/home/") {
        return LOCAL_PATH.to_owned();
    }
    let lower = text.to_lowercase();
    if let Some((name, _)) = text.split_once(':')
        && SECRET_WORDS.iter().any(|word| lower.contains(word))
    {
        return format!("{name}: {REDACTED}");
    }
    if lower.contains("session=") { REDACTED.to_owned() } else { text.to_owned() }
}

/// Our policy: what [`sanitize`] does, as an artifact.
pub fn policy() -> Json {
    let rule = |id: &str, description: &str, applies_to: &[&str], action: &str, replacement: &str| {
        Json::from([
            ("action", Json::from(action)),
            ("applies_to", applies_to.iter().copied().collect()),
            ("description", Json::from(description)),
            ("replacement", Json::from(replacement)),
            ("rule_id", Json::from(id)),
        ])
    };
    let text = ["string_values"];
    Json::from([
        ("artifact_type", Json::from("redaction_policy")),
        ("mode", Json::from("public_safe_fixture_redaction")),
        ("non_claims", NON_CLAIMS.into_iter().collect()),
        ("policy_id", Json::from("tecrax-public-safe-v1")),
        ("public_safety", safety("live_target_execution")),
        (
            "rules",
            Json::Array(vec![
                rule(
                    "sensitive_value_keys",
                    "Members with these names lose their value.",
                    &SECRET_KEYS,
                    "replace_value",
                    REDACTED,
                ),
                rule("raw_stdout_stderr", "Raw output is left out.", &OUTPUT_KEYS, "omit_or_replace", OMITTED),
                rule(
                    "local_paths",
                    "Texts that begin with a home directory are replaced.",
                    &text,
                    "replace_local_path",
                    LOCAL_PATH,
                ),
                rule(
                    "header_like_secrets",
                    "Texts such as `token: x` keep only the name.",
                    &text,
                    "replace_header_value",
                    REDACTED,
                ),
            ]),
        ),
        ("schema_version", Json::from("v0.1")),
    ])
}

/// The receipt of one redaction under `policy`: digests of both sides and how many places differ.
pub fn receipt(generated_at: &str, policy: &Json, source: &Json, redacted: &Json) -> Json {
    let digest = |value| Json::from(Descriptor::of(value).digest.to_string());
    let side = |label: &str, hash: Json| Json::from([("hash", hash), ("label", Json::from(label))]);
    let (source_hash, redacted_hash) = (digest(source), digest(redacted));
    let same = source_hash == redacted_hash;
    let rules = policy.get("rules").and_then(Json::as_array).map_or(0, <[Json]>::len);
    Json::from([
        ("artifact_type", Json::from("redaction_receipt")),
        ("generated_at", Json::from(generated_at)),
        ("non_claims", NON_CLAIMS.into_iter().collect()),
        (
            "policy",
            Json::from([
                ("policy_hash", digest(policy)),
                ("policy_id", policy.get("policy_id").cloned().unwrap_or_else(|| Json::from(""))),
            ]),
        ),
        ("public_safety", safety("raw_source_included")),
        ("redacted", side("redacted_artifact", redacted_hash)),
        ("schema_version", Json::from("v0.1")),
        ("source", side("source_artifact", source_hash)),
        ("status", Json::from(if same { "unchanged" } else { "redacted" })),
        (
            "summary",
            Json::from([
                ("changed_paths_estimate", Json::from(changed_paths(source, redacted))),
                ("rules_considered", Json::from(rules as u64)),
                ("source_and_redacted_hash_match", Json::from(same)),
            ]),
        ),
    ])
}

/// What neither a policy nor a receipt holds; `first` is what only one of them names.
fn safety(first: &'static str) -> Json {
    let names = ["raw_live_evidence_included", "raw_stdout_stderr_included", "credentials_included", "private_paths_included"];
    Json::Object(names.into_iter().chain([first]).map(|name| (name, false)).collect())
}

/// In how many places two values differ. Another kind is one place (`1` and `1.0` are of two kinds); a member that is absent
/// counts as `null`; items beyond the shorter list count one each.
pub fn changed_paths(left: &Json, right: &Json) -> u64 {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            let here = left.iter().map(|(key, value)| changed_paths(value, right.get(key).unwrap_or(&Json::Null)));
            let there = right.iter().filter(|(key, _)| !left.contains_key(key));
            here.sum::<u64>() + there.map(|(_, value)| changed_paths(&Json::Null, value)).sum::<u64>()
        }
        (Json::Array(left), Json::Array(right)) => {
            let pairs = left.iter().zip(right).map(|(left, right)| changed_paths(left, right));
            left.len().abs_diff(right.len()) as u64 + pairs.sum::<u64>()
        }
        (Json::Float(left), Json::Float(right)) => u64::from(!left.is_same_number(right.get())),
        _ => u64::from(left != right),
    }
}
