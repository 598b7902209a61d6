//! One run becomes sealed records: facts, evidence, reaction. Pure but for the redactor it is handed.

use crate::admission::Admitted;
use crate::api::{Assessment, SandboxLevel, StatusFinding};
use crate::connect::{Failure, Sandbox};
use crate::desired::ConnectionConfig;
use crate::evidence::{
    Agreement, FailedTry, Head, Lineage, Place, Provenance, RecordedReading, RunEvidence, Sealed, Show, Terms, seal_reaction,
    seal_run,
};
use crate::facts;
use crate::plan::{Gap, Plan, ReadStep};
use crate::reaction::{Inputs as ReactionInputs, decide};
use crate::run::{Attempt, Reading, Run};
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
    pub(super) agreement: Option<&'a Agreement>,
    pub(super) gap: Option<Gap>,
    pub(super) redactor: &'a Redactor,
    pub(super) show: Show,
    /// What stands between commands and this machine.
    pub(super) sandbox: &'a Sandbox,
}

/// The run record and the reaction record that follows it.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) records: Vec<Sealed>,
    pub(super) outcome: crate::api::ReactionOutcome,
}

/// What a run came to, before it is sealed.
#[derive(Debug)]
pub(super) struct Assessed {
    facts: facts::Facts,
    findings: Vec<StatusFinding>,
    reason: &'static str,
    summary: String,
}

/// run → facts → findings and their summary.
pub(super) fn assess(run: &Run) -> Assessed {
    let pair = run.plan.pair();
    let mut facts = facts::assemble(&pair.check.intent, &readings(run), pair.id.target.as_str(), &pair.check.expect);
    let mut findings: Vec<StatusFinding> = std::mem::take(&mut facts.findings).into_iter().map(Into::into).collect();
    let (reason, summary) = judge(facts.assessment, &mut findings);
    Assessed { facts, findings, reason, summary }
}

/// run → facts → evidence → reaction.
pub(super) fn record(run: &Run, binding: Binding<'_>) -> Recorded {
    let pair = run.plan.pair();
    let Assessed { facts, findings, reason, summary } = assess(run);
    let readings: Vec<RecordedReading> =
        run.plan.steps().iter().zip(&run.readings).map(|(step, reading)| recorded(&run.plan, step, reading)).collect();
    let said = RunEvidence {
        terms: Terms::admitted(binding.origin, &run.plan),
        agreement: binding.agreement,
        started: run.started,
        ended: run.ended,
        generation: binding.generation,
        provenance: binding.provenance,
        lineage: binding.lineage,
        gap: binding.gap,
        sandbox_level: sandbox_level(&run.plan, binding.sandbox).as_str(),
        readings: &readings,
        facts: facts.value,
        assessment: facts.assessment,
        coverage: facts.coverage,
        findings: &findings,
        reason,
        summary: &summary,
    };
    let run_record = seal_run(said, binding.head, binding.redactor, binding.show);
    let inputs = ReactionInputs {
        intent: pair.check.intent.id.clone(),
        assessment: facts.assessment,
        depth: binding.lineage.map_or(0, |lineage| lineage.depth),
        escalated_as: binding.escalated_as,
    };
    let reaction = decide(&inputs);
    let place = Place { origin: binding.origin, head: run_record.head(), at: run.ended };
    let reaction_record = seal_reaction(&pair.id, &place, place.head.seq, &reaction, &inputs.to_json());
    Recorded { records: vec![run_record, reaction_record], outcome: reaction.outcome }
}

/// How the commands of a run on this machine were shut in: every one of them like the others, or it was not started. A run without
/// any shut nothing in.
fn sandbox_level(plan: &Plan<Admitted>, sandbox: &Sandbox) -> SandboxLevel {
    let pair = plan.pair();
    let is_here = |step: &ReadStep| {
        let connection = pair.target.connections.get(&step.connection);
        connection.is_some_and(|connection| matches!(connection.config, ConnectionConfig::Local | ConnectionConfig::Wrapper(_)))
    };
    if plan.steps().iter().any(is_here) { sandbox.level() } else { SandboxLevel::None }
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

fn recorded(plan: &Plan<Admitted>, step: &ReadStep, reading: &Reading) -> RecordedReading {
    let output = match &reading.result {
        Ok(output) => Some(output),
        Err(failure) => failure.partial.as_deref(),
    };
    let connection = plan.pair().target.connections.get(&step.connection);
    RecordedReading {
        at: reading.at,
        took_ms: milliseconds(reading.took),
        attempts: u32::try_from(reading.attempts.len()).unwrap_or(u32::MAX),
        failed: failed(&reading.attempts),
        outcome: reading.result.as_ref().map_or_else(|failure| failure.class.reason(), |_| "ok"),
        exit_code: output.map(|output| output.exit_code),
        form: reading.result.as_ref().map_or_else(|failure| &failure.form, |output| &output.form).clone(),
        output_digest: output.map(|output| output.digest),
        network: connection.is_some_and(|connection| connection.config.is_network()),
        fixture: connection.is_some_and(|connection| matches!(connection.config, ConnectionConfig::Fixture(_))),
    }
}

/// The tries before the last one; that one is the reading.
fn failed(attempts: &[Attempt]) -> Vec<FailedTry> {
    let earlier = attempts.split_last().map_or(attempts, |(_, earlier)| earlier);
    earlier
        .iter()
        .filter_map(|attempt| {
            let (class, message) = attempt.failure.clone()?;
            Some(FailedTry { at: attempt.at, took_ms: milliseconds(attempt.took), outcome: class.reason(), message })
        })
        .collect()
}

fn milliseconds(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
