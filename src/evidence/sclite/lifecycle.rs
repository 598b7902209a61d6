//! Lifecycle of a chain: the six roles, each artifact what its role says, each bound to the ones before it.

use super::artifact::Artifact;
use super::chain::Chain;
use super::coerce;
use super::layout::{APPROVED, LIFECYCLE, schema_identities};
use super::python::repr_list;
use super::refusal::Refusal;
use crate::evidence::json::Json;

/// States of an approval that no run can come after.
const TERMINAL: [&str; 3] = ["rejected", "expired", "revoked"];
/// How many checks a lifecycle passes: one of the schema for each role, and eight of order and bindings.
pub const LIFECYCLE_CHECKS: u32 = 14;

/// The artifacts of a lifecycle, each in its role.
#[derive(Debug, Clone, Copy)]
pub struct Lifecycle<'a> {
    /// What was wanted.
    pub intent: &'a Artifact,
    /// What was decided.
    pub policy: &'a Artifact,
    /// What may be done.
    pub contract: &'a Artifact,
    /// The permission to do it.
    pub ticket: &'a Artifact,
    /// What was done.
    pub receipt: &'a Artifact,
    /// What is claimed of it.
    pub evidence: &'a Artifact,
}

/// Checks that a chain whose digests hold is an executable lifecycle; returns its artifacts. [`LIFECYCLE_CHECKS`] checks.
pub fn verify_lifecycle<'a>(chain: &Chain<'a>) -> Result<Lifecycle<'a>, Refusal> {
    let expected = LIFECYCLE.map(|(role, _)| role);
    let &[intent, policy, contract, ticket, receipt, evidence] = chain.artifacts.as_slice() else {
        return Err(roles_mismatch(&expected, &chain.roles));
    };
    if chain.roles != expected {
        return Err(roles_mismatch(&expected, &chain.roles));
    }
    for (role, artifact) in expected.iter().zip(&chain.artifacts) {
        identity(role, artifact)?;
    }
    let lifecycle = Lifecycle { intent, policy, contract, ticket, receipt, evidence };
    lifecycle.bindings()?;
    Ok(lifecycle)
}

fn roles_mismatch(expected: &[&str], got: &[String]) -> Refusal {
    let (expected, got) = (repr_list(expected.iter().copied()), repr_list(got.iter().map(String::as_str)));
    Refusal::chain(format!("lifecycle roles mismatch: expected {expected}, got {got}"))
}

/// The artifact is of the type and schema of its role.
fn identity(role: &str, artifact: &Artifact) -> Result<(), Refusal> {
    let or_missing = |text: &str| if text.is_empty() { "missing".to_owned() } else { text.to_owned() };
    if artifact.artifact_type() != role {
        let got = or_missing(artifact.artifact_type());
        return Err(Refusal::chain(format!("{role} artifact_type mismatch: expected {role}, got {got}")));
    }
    let allowed = schema_identities(role);
    let (version, schema) = (artifact.schema_version(), artifact.schema_ref());
    if allowed.contains(&format!("{version}:{schema}").as_str()) {
        return Ok(());
    }
    let (allowed, got) = (allowed.join(", "), format!("{}:{}", or_missing(version), or_missing(schema)));
    Err(Refusal::chain(format!("{role} schema identity mismatch: expected one of {allowed}, got {got}")))
}

impl Lifecycle<'_> {
    /// The rules between the artifacts, in the order of the reference.
    fn bindings(&self) -> Result<(), Refusal> {
        bound(self.policy, "intent", self.intent, "policy-intent digest mismatch")?;
        self.approval()?;
        bound(self.contract, "intent", self.intent, "execution_contract-intent digest mismatch")?;
        bound(self.contract, "policy_decision", self.policy, "execution_contract-policy digest mismatch")?;
        bound(self.ticket, "execution_contract", self.contract, "ticket-execution_contract digest mismatch")?;
        let integrity = object(self.ticket.get("integrity"));
        let integrity = integrity.ok_or_else(|| Refusal::chain("execution_ticket missing integrity object"))?;
        if coerce::text(integrity.get("ticket_binds_execution_contract_digest")) != self.contract.digest() {
            return Err(Refusal::chain("ticket integrity execution_contract digest mismatch"));
        }
        bound(self.receipt, "execution_ticket", self.ticket, "receipt-ticket digest mismatch")?;
        bound(self.receipt, "execution_contract", self.contract, "receipt-execution_contract digest mismatch")?;
        bound(self.evidence, "execution_receipt", self.receipt, "evidence-receipt digest mismatch")?;
        bound(self.evidence, "execution_ticket", self.ticket, "evidence-ticket digest mismatch")
    }

    /// The decision and the approval let a run happen.
    fn approval(&self) -> Result<(), Refusal> {
        let decision = coerce::text(self.policy.get("decision"));
        let approval = object(self.ticket.get("approval"));
        let approval = approval.ok_or_else(|| Refusal::chain("execution_ticket missing approval object"))?;
        let status = coerce::text(approval.get("status"));
        let approved = APPROVED.contains(&status.as_ref());
        if decision == "deny" {
            return Err(Refusal::chain("policy decision denies executable lifecycle"));
        }
        if decision == "owner_approval_required" && !approved {
            return Err(Refusal::chain("owner approval required before executable lifecycle"));
        }
        if TERMINAL.contains(&status.as_ref()) {
            return Err(Refusal::chain(format!("execution ticket approval is terminal: {status}")));
        }
        if !approved {
            let status = if status.is_empty() { "missing" } else { &status };
            return Err(Refusal::chain(format!("execution ticket is not approved for executable lifecycle: {status}")));
        }
        Ok(())
    }
}

/// The link `name` of `source` describes `target`.
fn bound(source: &Artifact, name: &str, target: &Artifact, reason: &str) -> Result<(), Refusal> {
    let kind = if source.artifact_type().is_empty() { "artifact" } else { source.artifact_type() };
    let links = object(source.get("links")).ok_or_else(|| Refusal::chain(format!("{kind} has no links object")))?;
    let link = object(links.get(name)).ok_or_else(|| Refusal::chain(format!("{kind} missing links.{name}")))?;
    let descriptor = object(link.get("descriptor"));
    let descriptor = descriptor.ok_or_else(|| Refusal::chain(format!("{kind} missing links.{name}.descriptor")))?;
    if target.is_described_by(descriptor) { Ok(()) } else { Err(Refusal::chain(reason)) }
}

/// The value when it is an object.
fn object(value: Option<&Json>) -> Option<&Json> {
    value.filter(|value| value.as_object().is_some())
}
