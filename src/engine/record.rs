//! One run becomes sealed records: facts, evidence, reaction. Pure but for the redactor it is handed.

use crate::api::{Assessment, StatusFinding};
use crate::connect::Failure;
use crate::desired::ConnectionConfig;
use crate::evidence::{
    DETAIL, Head, Lineage, Part, Provenance, RecordKind, RecordedReading, RunBody, Sealed, Subject, reaction_body, redact,
    run_body, run_detail, seal,
};
use crate::facts;
use crate::reaction::{Inputs as ReactionInputs, decide};
use crate::run::{Reading, Run};
use crate::secrets::Redactor;
use crate::status::judge;

/// What sealing a run needs besides the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding<'a> {
    pub(super) origin: &'a str,
    pub(super) head: Head,
    pub(super) provenance: &'a Provenance,
    pub(super) generation: i64,
    pub(super) lineage: Option<Lineage>,
    /// What the pair was escalated as, when it has not been healthy since.
    pub(super) escalated_as: Option<Assessment>,
    pub(super) redactor: &'a Redactor,
}

/// The run record and the reaction record that follows it.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) records: Vec<Sealed>,
    pub(super) outcome: crate::api::ReactionOutcome,
}

/// run → facts → evidence → reaction.
pub(super) fn record(run: &Run, binding: Binding<'_>) -> Recorded {
    let pair = run.plan.pair();
    let facts = facts::assemble(&pair.check.intent, &readings(run), pair.id.target.as_str(), &pair.check.expect);
    let mut findings: Vec<StatusFinding> = facts.findings.into_iter().map(Into::into).collect();
    let (reason, summary) = judge(facts.assessment, &mut findings);
    let recorded: Vec<RecordedReading> =
        run.plan.steps().iter().zip(&run.readings).map(|(step, reading)| recorded(step, reading)).collect();
    let depth = binding.lineage.map_or(0, |lineage| lineage.depth);
    let said = RunBody {
        intent: &pair.check.intent.id,
        started: run.started,
        ended: run.ended,
        plan_digest: run.plan.digest(),
        spec_digest: pair.spec_digest,
        generation: binding.generation,
        rule: run.plan.state().rule(),
        provenance: binding.provenance,
        lineage: binding.lineage,
        fixtures: uses_fixtures(run),
        readings: &recorded,
        facts: facts.value.as_ref(),
        assessment: facts.assessment,
        coverage: facts.coverage,
        findings: &findings,
        reason,
        summary: &summary,
        not_in_effect: &pair.not_in_effect,
    };
    let subject = Subject::Pair(pair.id.clone());
    let sealed =
        |head, kind, body, parts| seal(binding.origin, &subject, head, kind, redact(body, binding.redactor), parts, run.ended);
    let parts = vec![Part::own(DETAIL, &redact(run_detail(&said), binding.redactor))];
    let run_record = sealed(binding.head, RecordKind::Run, run_body(&said), parts);
    let inputs = ReactionInputs {
        intent: pair.check.intent.id.clone(),
        assessment: facts.assessment,
        depth,
        escalated_as: binding.escalated_as,
    };
    let reaction = decide(&inputs);
    let body = reaction_body(run_record.head().seq, &reaction, &inputs.to_json());
    let reaction_record = sealed(run_record.head(), RecordKind::Reaction, body, Vec::new());
    Recorded { records: vec![run_record, reaction_record], outcome: reaction.outcome }
}

fn readings(run: &Run) -> facts::Readings {
    run.plan
        .steps()
        .iter()
        .zip(&run.readings)
        .map(|(step, reading)| {
            let reading = match &reading.result {
                Ok(output) => facts::Reading::Taken { stdout: output.stdout.clone(), stderr: output.stderr.clone() },
                Err(Failure { class, message, next_step, .. }) => {
                    facts::Reading::Failed { class: *class, message: message.clone(), next_step: next_step.clone() }
                }
            };
            (step.id.clone(), reading)
        })
        .collect()
}

fn recorded(step: &crate::plan::ReadStep, reading: &Reading) -> RecordedReading {
    let output = match &reading.result {
        Ok(output) => Some(output),
        Err(failure) => failure.partial.as_deref(),
    };
    RecordedReading {
        step: step.id.clone(),
        shape_digest: step.shape.digest,
        at: reading.at,
        took_ms: u64::try_from(reading.took.as_millis()).unwrap_or(u64::MAX),
        attempts: reading.attempts,
        outcome: reading.result.as_ref().map_or_else(|failure| failure.class.reason().to_owned(), |_| "ok".to_owned()),
        exit_code: output.map(|output| output.exit_code),
        output_digest: output.map(|output| output.digest),
    }
}

fn uses_fixtures(run: &Run) -> bool {
    let connections = &run.plan.pair().target.connections;
    run.plan.steps().iter().any(|step| {
        connections.get(&step.connection).is_some_and(|connection| matches!(connection.config, ConnectionConfig::Fixture(_)))
    })
}
