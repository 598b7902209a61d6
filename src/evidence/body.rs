//! What a record says.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::{Assessment, Coverage, Digest, ReactionStatus, StatusFinding};

/// Where a run comes from: everything that its evidence binds besides what it saw.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// Digest of the manifests' content.
    pub manifest_digest: Digest,
    /// Git commit of the manifests.
    pub revision: Option<String>,
    /// Whether the manifests differ from that commit.
    pub dirty: bool,
    /// Digest of the profile.
    pub profile_digest: Digest,
    /// Version of tecrax.
    pub tool_version: &'static str,
}

/// A rerun's parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lineage {
    /// Sequence number of the run that led to this one.
    pub parent_seq: u64,
    /// How many reruns led here.
    pub depth: u32,
}

/// One reading as evidence keeps it: never the raw output, only its digest.
#[derive(Debug, Clone)]
pub struct RecordedReading {
    /// Step id.
    pub step: String,
    /// Digest of the shape.
    pub shape_digest: Digest,
    /// When it was taken.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// `ok`, or the error class.
    pub outcome: String,
    /// Exit status, when there was one.
    pub exit_code: Option<i32>,
    /// Digest of the kept output.
    pub output_digest: Option<Digest>,
}

/// Everything that a run record says.
#[derive(Debug)]
pub struct RunBody<'a> {
    /// The intent.
    pub intent: &'a str,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Digest of the plan.
    pub plan_digest: Digest,
    /// Digest of the Check's and Target's spec.
    pub spec_digest: Digest,
    /// Generation of the Check's spec.
    pub generation: i64,
    /// The rule that admitted it.
    pub rule: &'a str,
    /// Where it comes from.
    pub provenance: &'a Provenance,
    /// The run that led to it.
    pub lineage: Option<Lineage>,
    /// Whether any reading came from a fixture.
    pub fixtures: bool,
    /// The readings.
    pub readings: &'a [RecordedReading],
    /// The facts, when there are any.
    pub facts: Option<&'a Value>,
    /// The assessment, expectations included.
    pub assessment: Assessment,
    /// How much was seen.
    pub coverage: Coverage,
    /// What is not as it should be.
    pub findings: &'a [StatusFinding],
    /// CamelCase reason of the assessment.
    pub reason: &'a str,
    /// One sentence for a person.
    pub summary: &'a str,
    /// Sentences about declared things without effect.
    pub not_in_effect: &'a [String],
}

/// The body of a run record: what binds it and what a machine compares.
pub fn run_body(run: &RunBody<'_>) -> Value {
    json!({
        "intent": run.intent,
        "started": run.started.to_string(),
        "ended": run.ended.to_string(),
        "plan_digest": run.plan_digest,
        "spec_digest": run.spec_digest,
        "generation": run.generation,
        "admission_rule": run.rule,
        "manifest_digest": run.provenance.manifest_digest,
        "git_revision": run.provenance.revision,
        "git_dirty": run.provenance.dirty,
        "profile_digest": run.provenance.profile_digest,
        "tool_version": run.provenance.tool_version,
        "sandbox_level": "none",
        "parent_seq": run.lineage.map(|lineage| lineage.parent_seq),
        "depth": run.lineage.map_or(0, |lineage| lineage.depth),
        "fixtures": run.fixtures,
        "assessment": run.assessment,
        "coverage": run.coverage,
        "reason": run.reason,
    })
}

/// The part of a run record that is shown: facts, readings, words for people.
pub fn run_detail(run: &RunBody<'_>) -> Value {
    let readings: Vec<Value> = run
        .readings
        .iter()
        .map(|reading| {
            json!({
                "step": reading.step,
                "shape_digest": reading.shape_digest,
                "at": reading.at.to_string(),
                "took_ms": reading.took_ms,
                "attempts": reading.attempts,
                "outcome": reading.outcome,
                "exit_code": reading.exit_code,
                "output_digest": reading.output_digest,
            })
        })
        .collect();
    json!({
        "readings": readings,
        "facts": run.facts,
        "findings": run.findings,
        "summary": run.summary,
        "not_in_effect": run.not_in_effect,
    })
}

/// The body of a reaction record.
pub fn reaction_body(run_seq: u64, reaction: &ReactionStatus, inputs: &Value) -> Value {
    json!({
        "run_seq": run_seq,
        "reaction": reaction,
        "inputs": inputs,
    })
}

/// The body of a tombstone: the manifests that no longer want the pair.
pub fn tombstone_body(provenance: &Provenance) -> Value {
    json!({
        "manifest_digest": provenance.manifest_digest,
        "git_revision": provenance.revision,
        "git_dirty": provenance.dirty,
        "tool_version": provenance.tool_version,
    })
}
