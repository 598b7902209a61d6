//! The state of a pair as a fold over its records: the log is the truth, this is what it says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Refusal;
use super::reacted::take_reaction;
use super::remembered::Remembered;
use crate::api::{
    Assessment, Condition, ConditionStatus, ConditionType, Coverage, Digest, FindingStage, HistoryEntry, LastEvidence,
    MESSAGE_MAX, ObservationStatus, PairId, ReactionOutcome, ReactionStatus, StatusFinding, TrackedFinding, reason,
    set_condition,
};
use crate::evidence::{Agreement, Head, Record, RecordKind};

/// Entries of a pair's history.
const HISTORY_MAX: usize = 5;
/// Findings kept in status.
const FINDINGS_MAX: usize = 32;

/// Everything that is shown about a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairState {
    /// The pair.
    pub pair: PairId,
    /// The intent of the last run.
    pub intent: String,
    /// Sequence number of the last record.
    pub seq: u64,
    /// Leaf hash of the last record.
    pub leaf: Digest,
    /// The last run that was not a rerun.
    pub last: Option<LastEvidence>,
    /// When the last run that was not a rerun ended.
    pub ended: Option<Timestamp>,
    /// When the pair was last healthy.
    pub last_healthy: Option<Timestamp>,
    /// Since when the assessment is what it is.
    pub since: Option<Timestamp>,
    /// Runs, reruns included.
    pub runs: u64,
    /// Reruns.
    pub reruns: u64,
    /// Whether the last run used fixtures.
    pub fixtures: bool,
    /// Whether the pair is no longer desired.
    pub removed: bool,
    /// The terms of the last run.
    #[serde(default)]
    pub agreement: Option<Agreement>,
    /// What policy refused since the last run.
    #[serde(default)]
    pub denied: Option<Refusal>,
    /// Whether the pair was suspended since the last run.
    #[serde(default)]
    pub suspended: bool,
    /// Findings of the last run that was not a rerun, with their latest wording.
    pub findings: Vec<StatusFinding>,
    /// Findings over time, in key order: what the last reaction record says of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracked: Vec<TrackedFinding>,
    /// Sentences about declared things without effect.
    pub not_in_effect: Vec<String>,
    /// The Observation's status: replaced when its meaning changes, and only then.
    pub status: Option<ObservationStatus>,
}

/// The part of a denial record that the fold reads.
#[derive(Deserialize)]
struct DenialRecord {
    plan_digest: Digest,
    policy_digest: Digest,
    message: String,
    #[serde(default)]
    reason: Option<String>,
}

/// The parts of a run record that the fold reads.
#[derive(Deserialize)]
struct RunParts {
    execution_contract: Digest,
}

/// The part of a run record that the fold reads.
#[derive(Deserialize)]
struct RunRecord {
    intent: String,
    started: Timestamp,
    ended: Timestamp,
    plan_digest: Digest,
    spec_digest: Digest,
    generation: i64,
    depth: u32,
    fixtures: bool,
    assessment: Assessment,
    coverage: Coverage,
    reason: String,
    planned_at: Timestamp,
    parts: RunParts,
}

/// The part of a run record's detail that the fold reads.
#[derive(Deserialize)]
struct RunDetail {
    findings: Vec<StatusFinding>,
    summary: String,
    not_in_effect: Vec<String>,
}

/// The part of a reaction record that the fold reads.
#[derive(Deserialize)]
struct ReactionRecord {
    reaction: ReactionStatus,
    /// None in old records.
    #[serde(default)]
    findings: Vec<Remembered>,
}

impl PairState {
    /// The state of a pair without records.
    pub fn new(pair: PairId) -> Self {
        let head = Head::empty();
        Self {
            pair,
            intent: String::new(),
            seq: head.seq,
            leaf: head.leaf,
            last: None,
            ended: None,
            last_healthy: None,
            since: None,
            runs: 0,
            reruns: 0,
            fixtures: false,
            removed: false,
            agreement: None,
            denied: None,
            suspended: false,
            findings: Vec::new(),
            tracked: Vec::new(),
            not_in_effect: Vec::new(),
            status: None,
        }
    }

    /// Where the next record binds to.
    pub const fn head(&self) -> Head {
        Head { seq: self.seq, leaf: self.leaf }
    }

    /// What a person was called for and that was not seen gone since.
    pub fn raised(&self) -> impl Iterator<Item = &TrackedFinding> {
        self.tracked.iter().filter(|tracked| tracked.stage == FindingStage::Raised)
    }
}

/// Takes one record into the state. A record whose body this version can not read only moves the head, so that a later version's
/// records never stop an older reader.
pub fn fold(mut state: PairState, record: &Record<'_>) -> PairState {
    state.seq = record.header.seq;
    state.leaf = record.leaf;
    match RecordKind::parse(&record.header.kind) {
        Some(RecordKind::Run) => {
            if let Ok(run) = serde_json::from_slice::<RunRecord>(record.body)
                && let Some(detail) = record.detail.and_then(|detail| serde_json::from_slice::<RunDetail>(detail).ok())
            {
                take_run(&mut state, &run, detail);
            }
        }
        Some(RecordKind::Reaction) => {
            if let Ok(reaction) = serde_json::from_slice::<ReactionRecord>(record.body) {
                state.tracked = reaction.findings.into_iter().map(|one| one.told(&state)).collect();
                take_reaction(&mut state, reaction.reaction, record.header.sealed_at);
            }
        }
        Some(RecordKind::Tombstone) => take_tombstone(&mut state),
        Some(RecordKind::Denial) => {
            if let Ok(denial) = serde_json::from_slice::<DenialRecord>(record.body) {
                let DenialRecord { plan_digest, policy_digest, message, reason } = denial;
                state.denied = Some(Refusal { plan_digest, policy_digest, message, reason });
                state.removed = false;
            }
        }
        Some(RecordKind::Suspension) => {
            state.suspended = true;
            state.removed = false;
        }
        Some(RecordKind::Escalation | RecordKind::Retention) | None => {}
    }
    state
}

/// What the pair said is over: it stays in the log, but a pair that comes back starts anew instead of being fresh or escalated
/// by what an earlier life said.
fn take_tombstone(state: &mut PairState) {
    state.removed = true;
    state.last = None;
    state.ended = None;
    state.last_healthy = None;
    state.since = None;
    state.fixtures = false;
    state.agreement = None;
    state.denied = None;
    state.suspended = false;
    state.findings.clear();
    state.tracked.clear();
    state.not_in_effect.clear();
    state.status = None;
}

fn take_run(state: &mut PairState, run: &RunRecord, detail: RunDetail) {
    state.runs = state.runs.saturating_add(1);
    state.removed = false;
    state.denied = None;
    state.suspended = false;
    let agreement = Agreement { planned_at: run.planned_at, contract: run.parts.execution_contract };
    if run.depth > 0 {
        // A rerun never replaces its parent's facts; the reaction record that follows says what it led to.
        state.reruns = state.reruns.saturating_add(1);
        if run.intent == state.intent {
            state.agreement = Some(agreement);
        }
        return;
    }
    state.agreement = Some(agreement);
    let before = state.last.as_ref();
    let failures = match (run.assessment, before) {
        (Assessment::Healthy, _) => 0,
        (_, Some(last)) => last.failures.saturating_add(1),
        (_, None) => 1,
    };
    if before.is_none_or(|last| last.assessment != run.assessment) {
        state.since = Some(run.started);
    }
    if run.assessment == Assessment::Healthy {
        state.last_healthy = Some(run.started);
    }
    // The reaction of the run before stays until this run's own record arrives, so that an escalation is not forgotten between.
    let reaction = before.map_or(ReactionOutcome::NoOp, |last| last.reaction);
    state.last = Some(LastEvidence {
        started: run.started,
        plan_digest: run.plan_digest,
        spec_digest: run.spec_digest,
        assessment: run.assessment,
        coverage: run.coverage,
        reaction,
        failures,
        seq: state.seq,
    });
    state.ended = Some(run.ended);
    state.intent.clone_from(&run.intent);
    state.fixtures = run.fixtures;
    state.findings.clone_from(&detail.findings);
    state.findings.truncate(FINDINGS_MAX);
    state.not_in_effect.clone_from(&detail.not_in_effect);
    state.status = Some(next_status(state.status.take(), run, detail));
}

/// The status after a run: the old value when the meaning is the same, so that nothing is written for nothing.
fn next_status(old: Option<ObservationStatus>, run: &RunRecord, mut detail: RunDetail) -> ObservationStatus {
    detail.findings.truncate(FINDINGS_MAX);
    let same = old.as_ref().is_some_and(|old| {
        old.assessment == run.assessment
            && old.coverage == run.coverage
            && old.observed_generation == run.generation
            && condition_reason(&old.conditions, ConditionType::Healthy) == Some(run.reason.as_str())
            && old.findings.iter().map(key).eq(detail.findings.iter().map(key))
            && not_in_effect(&old.conditions) == sentences(&detail.not_in_effect)
    });
    match old {
        Some(old) if same => old,
        old => replace_status(old, run, detail),
    }
}

fn replace_status(old: Option<ObservationStatus>, run: &RunRecord, detail: RunDetail) -> ObservationStatus {
    let at = seconds(run.started);
    let (mut conditions, mut history, reaction) = match old {
        Some(old) => (old.conditions, old.history, old.reaction),
        None => (Vec::new(), Vec::new(), pending_reaction()),
    };
    let condition = |r#type, status, reason: &str, message: &str| Condition {
        r#type,
        status,
        reason: reason.to_owned(),
        message: message.to_owned(),
        last_transition_time: at.clone(),
        observed_generation: run.generation,
    };
    set_condition(
        &mut conditions,
        condition(ConditionType::Ready, ConditionStatus::True, reason::ON_SCHEDULE, "observed on schedule"),
    );
    let healthy = match run.assessment {
        Assessment::Healthy => ConditionStatus::True,
        Assessment::Unknown => ConditionStatus::Unknown,
        Assessment::Degraded | Assessment::Unhealthy => ConditionStatus::False,
    };
    set_condition(&mut conditions, condition(ConditionType::Healthy, healthy, &run.reason, &detail.summary));
    if detail.not_in_effect.is_empty() {
        conditions.retain(|condition| condition.r#type != ConditionType::NotInEffect);
    } else {
        let message = sentences(&detail.not_in_effect);
        set_condition(
            &mut conditions,
            condition(ConditionType::NotInEffect, ConditionStatus::True, reason::NOT_IN_EFFECT, &message),
        );
    }
    let changed =
        history.first().is_none_or(|entry: &HistoryEntry| entry.assessment != run.assessment || entry.reason != run.reason);
    if changed {
        history.insert(0, HistoryEntry { assessment: run.assessment, reason: run.reason.clone(), since: at.clone() });
        history.truncate(HISTORY_MAX);
    }
    ObservationStatus {
        conditions,
        observed_generation: run.generation,
        assessment: run.assessment,
        coverage: run.coverage,
        summary: detail.summary,
        findings: detail.findings,
        reaction,
        history,
    }
}

/// An instant in whole seconds, as Kubernetes writes times in status.
pub(super) fn seconds(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// What stands in a status between a run record and its reaction record.
fn pending_reaction() -> ReactionStatus {
    ReactionStatus {
        outcome: ReactionOutcome::NoOp,
        rule: "builtin.none".to_owned(),
        intent: None,
        depth: 0,
        reason: reason::NOT_YET_OBSERVED.to_owned(),
    }
}

fn key(finding: &StatusFinding) -> (&str, &str, &str) {
    (&finding.kind, &finding.component, &finding.reason_code)
}

/// The sentences about declared things without effect, as the condition has them; empty without the condition.
fn not_in_effect(conditions: &[Condition]) -> &str {
    let condition = conditions.iter().find(|condition| condition.r#type == ConditionType::NotInEffect);
    condition.map_or("", |condition| condition.message.as_str())
}

/// All sentences as one message, inside the bound of messages.
fn sentences(list: &[String]) -> String {
    list.join("; ").chars().take(MESSAGE_MAX).collect()
}

fn condition_reason(conditions: &[Condition], wanted: ConditionType) -> Option<&str> {
    conditions.iter().find(|condition| condition.r#type == wanted).map(|condition| condition.reason.as_str())
}
