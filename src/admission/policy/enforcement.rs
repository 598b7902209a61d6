//! What a verdict means for one operation: ready with its limits, or blocked; and the record that admits or denies it.

use serde_json::{Value, json};

use super::canonical::record_digest;
use super::pack::SCHEMA_VERSION;
use super::{Controls, Pack, Verdict};
use crate::api::Digest;

/// Reason code when an operation may run.
pub const CONTROLS_PROJECTED: &str = "policy_controls_projected";

/// What has to be held while an operation runs, or why it may not.
#[derive(Debug, Clone, PartialEq)]
pub struct EnforcementPlan {
    /// What the verdict is about.
    pub subject_ref: String,
    /// Name of the pack.
    pub pack_id: String,
    /// Version of the pack.
    pub pack_version: String,
    /// Digest of the pack.
    pub pack_digest: Digest,
    /// Name of the verdict.
    pub verdict_id: String,
    /// Digest of the verdict.
    pub verdict_digest: Digest,
    /// [`CONTROLS_PROJECTED`], or the first cause against it.
    pub reason_code: String,
    /// Limits; those of nothing when it is blocked.
    pub controls: Controls,
    /// Causes against it, each once; none when the operation may run.
    pub blockers: Vec<String>,
}

impl EnforcementPlan {
    /// The plan for the verdict of a pack.
    pub fn of(pack: &Pack, verdict: &Verdict) -> Self {
        let mut causes: Vec<String> = Vec::new();
        if verdict.pack_id != pack.id() {
            causes.push("policy_verdict_pack_mismatch".to_owned());
        }
        if verdict.pack_version != pack.version() {
            causes.push("policy_verdict_version_mismatch".to_owned());
        }
        let mut blockers = causes.clone();
        if !verdict.decision.admits() {
            blockers.extend(verdict.blockers.iter().cloned());
            causes.push(verdict.reason_code.clone());
        }
        let controls = Controls::of(verdict).unwrap_or_else(|cause| {
            causes.push(cause);
            Controls::default()
        });
        for cause in &causes {
            if !blockers.contains(cause) {
                blockers.push(cause.clone());
            }
        }
        Self {
            subject_ref: verdict.subject_ref.clone(),
            pack_id: pack.id().to_owned(),
            pack_version: pack.version().to_owned(),
            pack_digest: pack.digest(),
            verdict_id: verdict.id(),
            verdict_digest: verdict.digest(),
            reason_code: causes.into_iter().next().unwrap_or_else(|| CONTROLS_PROJECTED.to_owned()),
            controls,
            blockers,
        }
    }

    /// Whether the operation may run.
    pub fn is_ready(&self) -> bool {
        self.reason_code == CONTROLS_PROJECTED
    }

    /// Name of the plan.
    pub fn id(&self) -> String {
        format!("policy-enforcement:{}", self.verdict_id)
    }

    /// The record of the Python stack.
    pub fn record(&self) -> Value {
        json!({
            "plan_id": self.id(),
            "subject_ref": self.subject_ref,
            "policy_pack_id": self.pack_id,
            "policy_pack_version": self.pack_version,
            "policy_pack_digest": prefixed(self.pack_digest),
            "verdict_id": self.verdict_id,
            "verdict_digest": prefixed(self.verdict_digest),
            "status": if self.is_ready() { "ready" } else { "blocked" },
            "reason_code": self.reason_code,
            "schema_version": SCHEMA_VERSION,
            "controls": self.controls.record(),
            "blockers": self.blockers,
        })
    }

    /// Digest of the record.
    pub fn digest(&self) -> Digest {
        record_digest("govengine.policy.enforcement.PolicyEnforcementPlan", &self.record())
    }

    /// The decision about the subject, as the Python stack records it.
    pub fn admission(&self) -> Value {
        json!({
            "decision_id": format!("policy-admission:{}", self.verdict_id),
            "subject_ref": self.subject_ref,
            "subject_kind": "task",
            "outcome": if self.is_ready() { "allowed" } else { "denied" },
            "allowed": self.is_ready(),
            "reason_code": self.reason_code,
            "detail": "",
            "blockers": self.blockers,
            "context": {},
            "signal": {
                "policy_enforcement_plan_id": self.id(),
                "policy_enforcement_plan_digest": prefixed(self.digest()),
                "policy_pack_digest": prefixed(self.pack_digest),
                "verdict_digest": prefixed(self.verdict_digest),
            },
            "explainability": {},
            "metadata": {"source": "policy_enforcement_plan", "schema_version": SCHEMA_VERSION},
        })
    }

    /// Digest of the decision.
    pub fn admission_digest(&self) -> Digest {
        record_digest("govengine.admission.GovAdmissionDecision", &self.admission())
    }
}

/// A digest as records of the Python stack write it.
pub fn prefixed(digest: Digest) -> String {
    format!("sha256:{digest}")
}
