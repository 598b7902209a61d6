//! What a pack says about one request.

use serde_json::{Value, json};

use super::canonical::record_digest;
use super::pack::SCHEMA_VERSION;
use super::rule::{Constraint, Obligation};
use super::{Effect, Pack, Request};
use crate::api::Digest;

/// What a pack says about one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The decision.
    pub decision: Effect,
    /// The rule that decided; none when an invariant or the default did.
    pub rule: Option<String>,
    /// Why, as a code.
    pub reason_code: String,
    /// One of [`RISK_CLASSES`](super::RISK_CLASSES).
    pub risk_class: String,
    /// From 0 to 1.
    pub risk_score: f64,
    /// Those of the rule.
    pub obligations: Vec<Obligation>,
    /// Those of the rule.
    pub constraints: Vec<Constraint>,
    /// What stands in the way; empty when something may run.
    pub blockers: Vec<String>,
    /// Name of the request.
    pub request_id: String,
    /// What was asked about.
    pub subject_ref: String,
    /// References that came with the request.
    pub evidence_refs: Vec<String>,
    /// Name of the pack.
    pub pack_id: String,
    /// Version of the pack.
    pub pack_version: String,
}

impl Verdict {
    /// A verdict without a rule.
    pub(super) fn without_rule(pack: &Pack, request: &Request, decision: Effect, reason: &str, risk: (&str, f64)) -> Self {
        Self {
            decision,
            rule: None,
            reason_code: reason.to_owned(),
            risk_class: risk.0.to_owned(),
            risk_score: risk.1,
            obligations: Vec::new(),
            constraints: Vec::new(),
            blockers: if decision.admits() { Vec::new() } else { vec![reason.to_owned()] },
            request_id: request.id.clone(),
            subject_ref: request.subject_ref.clone(),
            evidence_refs: request.evidence_refs.clone(),
            pack_id: pack.id().to_owned(),
            pack_version: pack.version().to_owned(),
        }
    }

    /// Name of the verdict.
    pub fn id(&self) -> String {
        format!("{}:{}", self.pack_id, self.request_id)
    }

    /// The record of the Python stack.
    pub fn record(&self) -> Value {
        json!({
            "verdict_id": self.id(),
            "request_id": self.request_id,
            "subject_ref": self.subject_ref,
            "schema_version": SCHEMA_VERSION,
            "decision": self.decision.as_str(),
            "reason_code": self.reason_code,
            "risk_class": self.risk_class,
            "risk_score": self.risk_score,
            "obligations": self.obligations.iter().map(Obligation::json).collect::<Vec<_>>(),
            "constraints": self.constraints.iter().map(Constraint::json).collect::<Vec<_>>(),
            "blockers": self.blockers,
            "evidence_refs": self.evidence_refs,
            "metadata": {"policy_pack": self.pack_id, "policy_version": self.pack_version},
        })
    }

    /// Digest of the record.
    pub fn digest(&self) -> Digest {
        record_digest("govengine.policy.model.PolicyVerdict", &self.record())
    }
}
