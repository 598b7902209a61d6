//! Escalations as commands show them.

use serde_json::{Value, json};

use super::context::Context;
use super::exit::{Exit, Failure};
use super::recalled::Recalled;
use crate::api::{
    API_VERSION, Condition, ConditionStatus, ConditionType, DEFAULT_NAMESPACE, EscalationAcknowledgement, EscalationClaim,
    EscalationFinding, EscalationId, EscalationSpec, EscalationStatus, EscalationSuppression, LocalRef, PairId, uid,
};
use crate::evidence::{PROPOSAL_PART, RecordKind, Subject};
use crate::reaction::escalation::Matter;
use crate::status::{EscalationState, matter_now};
use crate::store::Db;

/// Records after a run in which its chain of reruns and decisions ends: more than any pack allows.
const CHAIN_MAX: usize = 64;
/// Longest proposal, in characters; the bounds of its parts keep it below.
const PROPOSAL_MAX: usize = 2048;

/// An Escalation with what it says now.
pub struct Shown {
    pub state: EscalationState,
    pub matter: Matter,
}

/// Every Escalation, in the order of namespace and name.
///
/// # Errors
/// The store's.
pub fn all(context: &Context<'_>, db: &Db) -> Result<Vec<Shown>, Failure> {
    let (pairs, now) = (db.states()?, (context.now)());
    let shown = |state: EscalationState| matter_now(&state, &pairs, now).map(|matter| Shown { state, matter });
    Ok(db.escalations()?.into_values().filter_map(shown).collect())
}

/// What to type to name it: with its namespace when that is not the default.
pub fn typed_name(id: &EscalationId) -> String {
    let scope = if id.namespace.as_str() == DEFAULT_NAMESPACE { String::new() } else { format!(" -n {}", id.namespace) };
    format!("escalation/{}{scope}", id.name)
}

impl Shown {
    /// Where it stands, in a word or two.
    pub fn stands(&self) -> String {
        let matter = &self.matter;
        match (&matter.suppressed, &matter.acknowledged) {
            _ if !matter.is_open() => "Resolved".to_owned(),
            (Some(suppressed), _) => format!("Suppressed/{}", suppressed.reason.as_str()),
            (None, Some(_)) => "Acknowledged".to_owned(),
            (None, None) => "Open".to_owned(),
        }
    }

    /// As a Kubernetes object.
    ///
    /// # Errors
    /// The store's.
    pub fn object(&self, db: &Db) -> Result<Value, Failure> {
        let Self { state, matter } = self;
        let (namespace, name) = (state.id.namespace.as_str(), state.id.name.as_str());
        let value = |value: serde_json::Result<Value>| value.map_err(|error| Failure::new(Exit::Io, error.to_string()));
        Ok(json!({
            "apiVersion": API_VERSION,
            "kind": "Escalation",
            "metadata": {"name": name, "namespace": namespace, "uid": uid("Escalation", namespace, name)},
            "spec": value(serde_json::to_value(spec(matter)))?,
            "status": value(serde_json::to_value(self.status(proposal(db, state, matter)?)))?,
        }))
    }

    fn status(&self, proposal: Option<String>) -> EscalationStatus {
        let Self { state, matter } = self;
        let members = matter.members.as_ref();
        let mut evidence = vec![format!("escalation/{}@{}", state.id, state.seq)];
        evidence.extend(matter.context.run.as_ref().map(|run| format!("{}/{}@{}", state.id.namespace, run.pair, run.seq)));
        EscalationStatus {
            conditions: self.conditions(),
            summary: matter.summary.clone(),
            severity: matter.severity,
            runbook_url: matter.runbook.clone(),
            claims: matter.claims.iter().map(claim).collect(),
            incident: matter.incident,
            first_seen: matter.first_seen.to_string(),
            last_seen: matter.last_seen.to_string(),
            resolved_at: matter.resolved_at.map(|at| at.to_string()),
            suppressed: matter.suppressed.as_ref().map(|suppressed| EscalationSuppression {
                reason: suppressed.reason.as_str().to_owned(),
                by: suppressed.by.clone(),
                until: suppressed.until.map(|at| at.to_string()),
            }),
            acknowledged: matter.acknowledged.as_ref().map(|said| EscalationAcknowledgement {
                by: said.by.clone(),
                reason: said.reason.clone(),
                at: said.at.to_string(),
                expires: said.expires.to_string(),
            }),
            members: members.into_iter().flat_map(|members| &members.names).map(ToString::to_string).collect(),
            members_total: members.map_or(0, |members| members.total),
            proposal,
            evidence_refs: evidence,
        }
    }

    /// `Escalated`, while a person is called.
    fn conditions(&self) -> Vec<Condition> {
        let Self { state, matter } = self;
        let calls = matter.is_open() && matter.suppressed.is_none();
        let escalated = calls.then(|| Condition {
            r#type: ConditionType::Escalated,
            status: ConditionStatus::True,
            reason: matter.finding.reason_code.clone(),
            message: matter.finding.message.clone(),
            last_transition_time: state.changed_at.unwrap_or(matter.first_seen).to_string(),
            observed_generation: 0,
        });
        escalated.into_iter().collect()
    }
}

/// The proposal that was sealed with the decision to call a person, as compact JSON: after the run that led to the Escalation, or after
/// the last of its reruns. `None` when retention has dropped it.
fn proposal(db: &Db, state: &EscalationState, matter: &Matter) -> Result<Option<String>, Failure> {
    let Some(run) = &matter.context.run else { return Ok(None) };
    let Some(pair) = PairId::parse(&format!("{}/{}", state.id.namespace, run.pair)) else { return Ok(None) };
    let subject = Subject::from(pair);
    for seq in (run.seq + 1..).take(CHAIN_MAX) {
        let Some(record) = db.record(&subject, seq)? else { return Ok(None) };
        match RecordKind::parse(&record.header.kind) {
            Some(RecordKind::Reaction) => {}
            // A rerun, or the next run on schedule.
            Some(RecordKind::Run) if Recalled::of(db, &record)?.depth > 0 => continue,
            _ => return Ok(None),
        }
        let parts = db.parts(&record)?;
        if let Some((_, bytes)) = parts.parts.iter().find(|(name, _)| *name == PROPOSAL_PART) {
            let text = String::from_utf8_lossy(bytes).into_owned();
            return Ok((text.chars().count() <= PROPOSAL_MAX).then_some(text));
        }
    }
    Ok(None)
}

fn spec(matter: &Matter) -> EscalationSpec {
    let key = matter.key.clone();
    EscalationSpec {
        target_ref: matter.target.clone().map(|name| LocalRef { name }),
        finding: EscalationFinding { kind: key.kind, component: key.component, reason_code: key.reason_code },
    }
}

fn claim(claim: &crate::reaction::escalation::Claim) -> EscalationClaim {
    EscalationClaim {
        check: claim.check.clone(),
        since: claim.since.to_string(),
        last_seen: claim.last_seen.to_string(),
        seen: claim.seen,
        runs: claim.runs,
    }
}
