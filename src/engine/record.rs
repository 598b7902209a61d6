//! One run becomes sealed records: facts, evidence, reaction. Pure but for the redactor it is handed.

use jiff::Timestamp;

use super::reacting::Reacting;
use super::shelf::Shelf;
use crate::admission::Admitted;
use crate::api::{Confirmations, Digest, ErrorClass, SandboxLevel, StatusFinding, TrackedFinding};
use crate::connect::{Failure, Sandbox};
use crate::desired::{ConnectionConfig, Pair};
use crate::evidence::{
    Agreement, FailedTry, Head, Lineage, Place, Provenance, RecordedReading, RunEvidence, Sealed, Show, Terms, canonical,
    seal_reaction, seal_run_keeping,
};
use crate::facts;
use crate::plan::{Gap, Plan, ReadStep};
use crate::reaction::{
    self, Chain, RecordedInputs, Ruling, SecondLook, Seen, about, decide, ending, expected, in_force, observation,
};
use crate::run::{Attempt, Reading, Run};
use crate::secrets::Redactor;
use crate::status::judge;

/// Most waivers that one run says end soon.
const ENDING_MAX: usize = facts::FINDINGS_MAX / 2;

/// What sealing a run needs besides the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding<'a> {
    pub(super) origin: &'a str,
    pub(super) head: Head,
    pub(super) provenance: &'a Provenance,
    pub(super) generation: i64,
    /// The pair's own intent; a rerun may ask another.
    pub(super) own: &'a str,
    /// How the run came about.
    pub(super) chain: &'a Chain,
    /// Of a rerun: the run on schedule that it belongs to.
    pub(super) parent: Option<Parent>,
    /// What the pair remembers from before the run.
    pub(super) tracked: &'a [TrackedFinding],
    pub(super) agreement: Option<&'a Agreement>,
    pub(super) gap: Option<Gap>,
    pub(super) redactor: &'a Redactor,
    pub(super) show: Show,
    /// What stands between commands and this machine.
    pub(super) sandbox: &'a Sandbox,
    /// What decides about runs.
    pub(super) packs: &'a Shelf,
}

/// A run on schedule that led to reruns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parent {
    pub(super) started: Timestamp,
    /// Sequence number of the record of the run that asked for the rerun: of this one, or of a rerun of it.
    pub(super) seq: u64,
}

/// The run record and the reaction record that follows it.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) records: Vec<Sealed>,
    /// The rerun that follows, and how it comes about.
    pub(super) again: Option<(Plan<Admitted>, Chain)>,
}

/// Makes the admitted plan of a rerun that asks the named intent, or says why there can be none.
pub(super) type Replan<'a> = dyn Fn(&str) -> Result<Plan<Admitted>, String> + 'a;

/// What a run came to, before it is sealed.
#[derive(Debug)]
pub(super) struct Assessed {
    facts: facts::Facts,
    findings: Vec<StatusFinding>,
    /// Steps whose readings failed.
    blind: Vec<String>,
    reason: &'static str,
    summary: String,
}

/// run → facts → findings and their summary. That waivers end soon stands after what the target shows.
pub(super) fn assess(run: &Run, redactor: &Redactor) -> Assessed {
    let pair = run.plan.pair();
    let readings = readings(run);
    let mut facts = facts::assemble(&pair.check.intent, &readings, pair.id.target.as_str(), &pair.check.expect);
    let mut findings: Vec<StatusFinding> = std::mem::take(&mut facts.findings).into_iter().map(Into::into).collect();
    let blind = blind(&readings);
    let (reason, summary) = judge(facts.assessment, &mut findings);
    let mut ending = ending(&pair.check.accept, run.started);
    ending.truncate(ENDING_MAX);
    findings.truncate(facts::FINDINGS_MAX - ending.len());
    findings.extend(ending);
    // What is remembered is compared with what was sealed, so both are without secrets.
    for finding in &mut findings {
        redact(finding, redactor);
    }
    Assessed { facts, findings, blind, reason, summary }
}

fn redact(finding: &mut StatusFinding, redactor: &Redactor) {
    let StatusFinding { kind: _, component, reason_code, message, next_step } = finding;
    for text in [Some(component), Some(reason_code), Some(message), next_step.as_mut()].into_iter().flatten() {
        *text = redactor.redact(std::mem::take(text));
    }
}

/// Steps whose readings failed: those that findings tell of, and those whose failure is only the effect of what the facts name. What the
/// Target does not declare is nobody's failure.
fn blind(readings: &facts::Readings) -> Vec<String> {
    let failed = readings
        .iter()
        .filter(|(_, reading)| matches!(reading, facts::Reading::Failed { class, .. } if *class != ErrorClass::NotDeclared));
    failed.map(|(step, _)| step.clone()).collect()
}

/// run → facts → evidence → reaction.
pub(super) fn record(run: &Run, binding: Binding<'_>, replan: &Replan<'_>) -> Recorded {
    let pair = run.plan.pair();
    let Assessed { facts, findings, blind, reason, summary } = assess(run, binding.redactor);
    let readings: Vec<RecordedReading> =
        run.plan.steps().iter().zip(&run.readings).map(|(step, reading)| recorded(&run.plan, step, reading)).collect();
    let said = RunEvidence {
        terms: Terms::admitted(binding.origin, &run.plan),
        agreement: binding.agreement,
        started: run.started,
        ended: run.ended,
        generation: binding.generation,
        provenance: binding.provenance,
        lineage: binding.parent.map(|parent| Lineage { parent_seq: parent.seq, depth: binding.chain.depth }),
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
    let (run_record, facts_read) = seal_run_keeping(said, binding.head, binding.redactor, binding.show);
    let observation = observation(facts_read, facts.assessment, facts.coverage, &findings);
    let ruling = match binding.packs.for_intent(&pair.check.intent.id) {
        Some(pack) => Ruling::of(pack, &observation, binding.chain),
        None => Ruling::without_pack(facts.assessment),
    };
    let terms = terms(pair, run.started);
    let expects = expected(&pair.check.expect, binding.tracked);
    let seen = Seen {
        started: run.started,
        assessment: facts.assessment,
        findings: &findings,
        blind: &blind,
        facts: observation.get("facts").unwrap_or(&serde_json::Value::Null),
        expects: &expects,
    };
    let mut inputs = reaction::Inputs {
        intent: &pair.check.intent.id,
        chain: binding.chain,
        seen,
        parent: binding.parent.map(|parent| parent.started),
        previous: binding.tracked,
        terms: &terms,
        ruling: &ruling,
        refused: None,
    };
    let mut decision = decide(&inputs);
    let replanned = decision.reaction.intent.as_deref().map(replan);
    let refused;
    let again = match replanned {
        Some(Ok(plan)) => {
            let pack = binding.packs.for_intent(&pair.check.intent.id);
            let look = SecondLook {
                own: binding.own,
                asker: &pair.check.intent.id,
                asked: &plan.pair().check.intent,
                rule: pack.and_then(|pack| pack.rule(ruling.digest)),
            };
            let chain = binding.chain.then(ruling.digest, about(&look, binding.chain, &decision.tracked));
            Some((plan, chain))
        }
        Some(Err(why)) => {
            refused = binding.redactor.redact(why);
            inputs.refused = Some(&refused);
            decision = decide(&inputs);
            None
        }
        None => None,
    };
    let said = RecordedInputs::of(&inputs, &decision, || Digest::of(&canonical(&observation))).to_json();
    let place = Place { origin: binding.origin, head: run_record.head(), at: run.ended };
    let reacted = Reacting {
        pair,
        place: &place,
        packs: binding.packs,
        observation: &observation,
        ruling: &ruling,
        decision: &decision,
        chain: binding.chain,
        rerun: again.as_ref().map(|(plan, _)| plan),
        said: (facts.assessment, facts.coverage, &findings),
    };
    let parts = reacted.parts(binding.redactor, binding.show);
    let reaction_record = seal_reaction(&pair.id, &place, place.head.seq, &decision.reaction, &said, &decision.tracked, parts);
    Recorded { records: vec![run_record, reaction_record], again }
}

/// The Check's word on how steady hands are, with the waivers that are in force now.
fn terms(pair: &Pair, now: Timestamp) -> reaction::Terms {
    let Confirmations { failures, recoveries } = pair.check.confirmations;
    reaction::Terms {
        failures: u32::from(failures),
        recoveries: u32::from(recoveries),
        severity: pair.check.severity,
        accepted: in_force(&pair.check.accept, now),
    }
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
