//! The review record.

use super::super::artifact::Artifact;
use super::super::bundle::Bundle;
use super::super::chain::{ChainRules, verify_chain};
use super::super::documents::{Documents, inside};
use super::super::layout::{LIFECYCLE, MANIFEST, REVIEW_FILES};
use super::super::lifecycle::{LIFECYCLE_CHECKS, verify_lifecycle};
use super::super::manifest::entries;
use super::super::refusal::{Refusal, RefusalClass};
use super::super::scope::lifecycle_report;
use super::super::ticket::{TicketRules, TicketUseProfile, use_profile};
use super::verify_shape;
use crate::evidence::json::Json;

/// What a record does not say.
const NON_CLAIMS: [&str; 5] = [
    "does_not_execute_tools",
    "does_not_prove_legal_authorization",
    "does_not_prove_signer_identity",
    "does_not_prove_carrier_delivery",
    "does_not_replace_runtime_policy_decision",
];

/// The record of a bundle, after its shape is checked, as `review` gives it: refused when the shape is wrong.
pub fn review_bundle(bundle: &Bundle, generated_at: &str) -> Result<Json, Refusal> {
    let documents = Documents::new(bundle);
    verify_shape(&documents)?;
    Reviewed::of(&documents)?.record(generated_at)
}

/// The record of a bundle that has no page and no record yet: six artifacts and the manifest. `generated_at` is RFC 3339.
pub fn review_record(bundle: &Bundle, generated_at: &str) -> Result<Json, Refusal> {
    Reviewed::of(&Documents::new(bundle))?.record(generated_at)
}

/// As [`review_record`], for a bundle that is being read already.
pub fn review_documents(documents: &Documents<'_>, generated_at: &str) -> Result<Json, Refusal> {
    Reviewed::of(documents)?.record(generated_at)
}

/// Everything that a record is made of but the time.
pub(in crate::evidence::sclite) struct Reviewed<'a> {
    /// The artifacts that could be read, by role in the order of the manifest.
    artifacts: Vec<(String, Option<&'a Artifact>)>,
    schema_errors: Vec<String>,
    /// The root digest and the number of entries of a lifecycle that holds.
    lifecycle: Result<(String, usize), Refusal>,
    ticket_use: TicketUseProfile,
}

impl<'a> Reviewed<'a> {
    /// Runs the checks. Refused with what upstream answers by an error instead of a record.
    pub(in crate::evidence::sclite) fn of(documents: &'a Documents<'_>) -> Result<Self, Refusal> {
        let manifest = documents.load(MANIFEST, RefusalClass::Shape)?.value();
        let refused = |message: String| Refusal::new(RefusalClass::Shape, message);
        let listed = entries(manifest).ok_or_else(|| refused("manifest.entries is not an array".to_owned()))?;
        let mut paths: Vec<(String, String)> = Vec::new();
        for entry in listed.iter().filter(|entry| !entry.role.is_empty() && !entry.path.is_empty()) {
            let escapes = || refused(format!("manifest entry path escapes root: {}", entry.path));
            let path = inside(&entry.path).ok_or_else(escapes)?;
            match paths.iter_mut().find(|(role, _)| *role == entry.role) {
                Some((_, known)) => *known = path,
                None => paths.push((entry.role.clone().into_owned(), path)),
            }
        }
        let mut schema_errors = Vec::new();
        let mut artifacts = Vec::new();
        for (role, path) in paths {
            let artifact = documents.load(&path, RefusalClass::Shape);
            let kept = artifact.clone().and_then(Artifact::keeps_schema);
            schema_errors.extend(kept.err().map(|refusal| format!("{role}:{refusal}")));
            artifacts.push((role, artifact.ok()));
        }
        let chain = verify_chain(manifest, documents, &ChainRules::LIFECYCLE);
        let lifecycle = chain.and_then(|chain| verify_lifecycle(&chain).map(|_| (chain.root, chain.roles.len())));
        let lifecycle = match lifecycle {
            Err(refusal) if refusal.class == RefusalClass::Uncaught => return Err(refusal),
            other => other,
        };
        let ticket_use = use_profile(|role| find(&artifacts, role), TicketRules::DEFAULT)?;
        Ok(Self { artifacts, schema_errors, lifecycle, ticket_use })
    }

    /// The record made at `generated_at`.
    pub(in crate::evidence::sclite) fn record(&self, generated_at: &str) -> Result<Json, Refusal> {
        let value = |role: &str| find(&self.artifacts, role).map(Artifact::value);
        let scope = lifecycle_report(value, MANIFEST, generated_at)?;
        let scope_verdict = scope.text_at(&["verdict"]).unwrap_or_default().to_owned();
        let checks = self.checks(&scope, &scope_verdict);
        let has = |word: &str| checks.iter().any(|check| check.text_at(&["status"]) == Some(word));
        let verdict = ["fail", "review"].into_iter().find(|word| has(word)).unwrap_or("pass");
        let digest = self.lifecycle.as_ref().map(|(root, _)| root.as_str()).unwrap_or_default();
        let short = digest.get(..12).unwrap_or("unverified");
        Ok(Json::from([
            ("artifact_type", Json::from("review_record")),
            ("checks", Json::Array(checks)),
            ("generated_at", Json::from(generated_at)),
            ("non_claims", NON_CLAIMS.into_iter().collect()),
            ("public_safety", public_safety()),
            ("review_id", Json::from(format!("review-record-{short}"))),
            ("review_profile", Json::from("sclite-review-bundle-v0.1")),
            ("schema_ref", Json::from("schemas/review_record.v0.1.schema.json")),
            ("schema_version", Json::from("v0.1")),
            ("source_manifest", Json::from(MANIFEST)),
            ("summary", self.summary(digest, &scope, &scope_verdict)),
            ("scope_fidelity_report", scope),
            ("verdict", Json::from(verdict)),
        ]))
    }

    /// The five checks.
    fn checks(&self, scope: &Json, scope_verdict: &str) -> Vec<Json> {
        let schema = if self.schema_errors.is_empty() {
            let detail = "all manifest artifacts validated against declared schemas";
            check("schema_validation", "pass", detail, Some(self.artifacts.len()))
        } else {
            let detail = self.schema_errors.join("; ");
            check("schema_validation", "fail", &detail, Some(self.schema_errors.len()))
        };
        let [chain, binding] = match &self.lifecycle {
            Ok((root, count)) => [
                check("chain_integrity", "pass", root, Some(*count)),
                check("lifecycle_binding", "pass", "semantic checks present", Some(LIFECYCLE_CHECKS as usize)),
            ],
            Err(refusal) => ["chain_integrity", "lifecycle_binding"].map(|name| check(name, "fail", &refusal.message, None)),
        };
        let targets = scope.get("lifecycle_targets").and_then(Json::as_array).map_or(0, <[Json]>::len);
        let reason = scope.text_at(&["summary", "reason"]).unwrap_or_default();
        let used = &self.ticket_use;
        vec![
            schema,
            chain,
            binding,
            check("scope_fidelity", scope_verdict, reason, Some(targets)),
            check("ticket_use_profile", used.status.word(), &used.detail, Some(used.checks as usize)),
        ]
    }

    fn summary(&self, digest: &str, scope: &Json, scope_verdict: &str) -> Json {
        let targets = scope.get("lifecycle_targets").and_then(Json::as_array).unwrap_or_default();
        let hosts = targets.iter().filter_map(|target| target.text_at(&["target_host"]));
        let mut hosts: Vec<&str> = hosts.filter(|host| !host.is_empty()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        let id = |role: &str, key: &str| {
            let value = find(&self.artifacts, role).and_then(|artifact| artifact.get(key));
            value.filter(|value| value.is_truthy()).cloned().unwrap_or_else(|| Json::from(""))
        };
        let used = self.ticket_use.checks > 0;
        let files = LIFECYCLE.into_iter().chain(REVIEW_FILES);
        Json::from([
            ("artifact_count", Json::from(self.artifacts.len() as u64)),
            ("receipt_id", if used { id("execution_receipt", "receipt_id") } else { Json::from("") }),
            ("review_bundle_files", Json::Object(files.collect())),
            ("review_bundle_shape", Json::from("canonical-v0.1")),
            ("root_chain_digest", Json::from(digest)),
            ("scope_fidelity_verdict", Json::from(scope_verdict)),
            ("target_hosts", hosts.into_iter().collect()),
            ("ticket_id", id("execution_ticket", "ticket_id")),
            ("ticket_use_applicability", Json::from(self.ticket_use.applicability.word())),
            ("ticket_use_status", Json::from(self.ticket_use.status.word())),
        ])
    }
}

fn find<'a>(artifacts: &[(String, Option<&'a Artifact>)], role: &str) -> Option<&'a Artifact> {
    artifacts.iter().find(|(known, _)| known == role).and_then(|(_, artifact)| *artifact)
}

fn check(name: &str, status: &str, detail: &str, count: Option<usize>) -> Json {
    let members = [("detail", detail), ("name", name), ("status", status)].map(|(key, text)| (key, Json::from(text)));
    let count = count.map(|count| ("count", Json::from(count as u64)));
    Json::Object(members.into_iter().chain(count).collect())
}

/// What a record says of itself.
fn public_safety() -> Json {
    Json::from([
        ("live_target_execution", false),
        ("protocol_adapter_work", false),
        ("public_push", false),
        ("static_analysis_only", true),
        ("trust_authority_decision", false),
    ])
}
