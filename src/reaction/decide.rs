//! The decision: what the rules ask for, weighed by what is known of each finding.

use jiff::Timestamp;

use super::chain::Chain;
use super::ruling::{Asks, Block, Ruling};
use super::track::{Seen, Terms, track};
use super::waiver::{WAIVER, waives};
use crate::api::{Assessment, FindingKey, FindingStage, ReactionOutcome, ReactionStatus, StatusFinding, TrackedFinding, reason};

/// Everything that a decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The intent that the run asked.
    pub intent: &'a str,
    /// How the run came about.
    pub chain: &'a Chain,
    /// What it has seen.
    pub seen: Seen<'a>,
    /// Of a rerun: when the run on schedule started that it belongs to.
    pub parent: Option<Timestamp>,
    /// What the pair remembers from before the run.
    pub previous: &'a [TrackedFinding],
    /// The Check's word.
    pub terms: &'a Terms,
    /// What the rules say.
    pub ruling: &'a Ruling,
    /// Why the rerun that the rules ask for can not be, when it can not.
    pub refused: Option<&'a str>,
}

/// What is decided, and what the pair remembers from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The reaction.
    pub reaction: ReactionStatus,
    /// Findings over time, in key order.
    pub tracked: Vec<TrackedFinding>,
}

/// Outcome and reason.
type Word = (ReactionOutcome, &'static str);

/// Decides what follows a run.
///
/// A run on schedule moves the findings on: those that a waiver accepts lead to nothing, those that a person was called for lead to
/// no second look, and the others wait until as many runs in a row have seen them as the Check asks for. Then the rules decide. A
/// rerun only says whether a person is called for what its parent saw; one that asked another question than the pair's refutes
/// nothing that it was not about.
pub fn decide(inputs: &Inputs<'_>) -> Decision {
    let Inputs { chain, seen, previous, terms, ruling, .. } = inputs;
    let (mut tracked, (outcome, reason)) = if chain.is_rerun() {
        (previous.to_vec(), after_rerun(inputs))
    } else {
        let tracked = track(previous, seen, terms, ruling.severity);
        let word = on_schedule(inputs, &tracked);
        (tracked, word)
    };
    // For these two a person was called before, or is called for something else.
    let known = [reason::STILL_FAILING, reason::WAIVER_EXPIRES].contains(&reason);
    if outcome == ReactionOutcome::Escalate && !known {
        raise(&mut tracked, inputs, reason);
    }
    let asked = ruling.intent.as_deref().unwrap_or(inputs.intent);
    let reaction = ReactionStatus {
        outcome,
        rule: ruling.rule.clone(),
        intent: (outcome == ReactionOutcome::Rerun).then(|| asked.to_owned()),
        depth: chain.depth,
        reason: reason.to_owned(),
    };
    Decision { reaction, tracked }
}

fn on_schedule(inputs: &Inputs<'_>, tracked: &[TrackedFinding]) -> Word {
    let Inputs { seen, terms, .. } = inputs;
    let is_raised = |tracked: &TrackedFinding| tracked.stage == FindingStage::Raised;
    let waiver_ends = seen.findings.iter().any(|finding| finding.kind == WAIVER);
    let quiet = |word: Word| if waiver_ends { (ReactionOutcome::Escalate, reason::WAIVER_EXPIRES) } else { word };
    if seen.assessment == Assessment::Healthy {
        let recovering = tracked.iter().any(is_raised);
        return quiet((ReactionOutcome::NoOp, if recovering { reason::RECOVERING } else { reason::HEALTHY }));
    }
    if all_accepted(seen.findings, terms) {
        return quiet((ReactionOutcome::NoOp, reason::ACCEPTED));
    }
    let open = || tracked.iter().filter(|tracked| is_open(tracked, seen.started));
    if open().next().is_some() && open().all(is_raised) {
        return (ReactionOutcome::Escalate, reason::STILL_FAILING);
    }
    let confirmed = open().any(|tracked| !is_raised(tracked) && tracked.seen >= terms.failures);
    if open().next().is_some() && !confirmed {
        let raised = open().any(is_raised);
        return if raised {
            (ReactionOutcome::Escalate, reason::STILL_FAILING)
        } else {
            quiet((ReactionOutcome::NoOp, reason::UNCONFIRMED))
        };
    }
    match by_rules(inputs) {
        // The rules ask for nothing, and a person waits all the same.
        (ReactionOutcome::NoOp, _) if open().any(is_raised) => (ReactionOutcome::Escalate, reason::STILL_FAILING),
        word @ (ReactionOutcome::NoOp, _) => quiet(word),
        word => word,
    }
}

fn after_rerun(inputs: &Inputs<'_>) -> Word {
    let Inputs { seen, terms, .. } = inputs;
    let answer = if seen.assessment == Assessment::Healthy {
        (ReactionOutcome::NoOp, reason::NOT_CONFIRMED)
    } else if all_accepted(seen.findings, terms) {
        (ReactionOutcome::NoOp, reason::ACCEPTED)
    } else {
        by_rules(inputs)
    };
    match answer {
        (ReactionOutcome::NoOp, _) => left_over(inputs).unwrap_or(answer),
        _ => answer,
    }
}

/// Of an answer to another question that calls nobody: what it was not about still stands. `None` when nothing does.
fn left_over(inputs: &Inputs<'_>) -> Option<Word> {
    let about = inputs.chain.about.as_ref()?;
    let open = || inputs.previous.iter().filter(|tracked| is_open(tracked, inputs.on_schedule()));
    let is_raised = |tracked: &TrackedFinding| tracked.stage == FindingStage::Raised;
    let stands = |tracked: &TrackedFinding| {
        !is_raised(tracked) && tracked.seen >= inputs.terms.failures && !about.contains(&tracked.key())
    };
    if open().any(stands) {
        return Some((ReactionOutcome::Escalate, reason::PARTLY_REFUTED));
    }
    open().any(is_raised).then_some((ReactionOutcome::Escalate, reason::STILL_FAILING))
}

fn by_rules(inputs: &Inputs<'_>) -> Word {
    let ruling = inputs.ruling;
    match (ruling.asks, ruling.blocked) {
        (_, Some(Block::Depth)) => (ReactionOutcome::Escalate, reason::DEPTH_REACHED),
        (_, Some(Block::Budget)) => (ReactionOutcome::Escalate, reason::BUDGET_REACHED),
        (_, Some(Block::Cycle { of_asker: true })) => (ReactionOutcome::Escalate, reason::CONFIRMED),
        (_, Some(Block::Cycle { of_asker: false })) => (ReactionOutcome::Escalate, reason::CYCLE_DETECTED),
        (Asks::Again, None) if inputs.refused.is_some() => (ReactionOutcome::Escalate, reason::RERUN_REFUSED),
        (Asks::Again, None) => (ReactionOutcome::Rerun, reason::TO_CONFIRM),
        (Asks::Person, None) => (ReactionOutcome::Escalate, by(ruling)),
        (Asks::Nothing, None) => (ReactionOutcome::NoOp, by(ruling)),
    }
}

const fn by(ruling: &Ruling) -> &'static str {
    if ruling.matched { reason::BY_RULE } else { reason::NO_RULE }
}

/// Whether there is something that is not as it should be, and all of it is accepted.
fn all_accepted(findings: &[StatusFinding], terms: &Terms) -> bool {
    let mut about_target = findings.iter().filter(|finding| finding.kind != WAIVER).peekable();
    about_target.peek().is_some() && about_target.all(|finding| waives(&terms.accepted, finding))
}

/// Whether the run that started then saw it, and nobody has accepted it.
fn is_open(tracked: &TrackedFinding, started: Timestamp) -> bool {
    let seen = tracked.gone == 0 && tracked.last_seen == started;
    seen && tracked.stage != FindingStage::Accepted && tracked.finding.kind != WAIVER
}

impl Inputs<'_> {
    /// Start of the run on schedule.
    fn on_schedule(&self) -> Timestamp {
        self.parent.unwrap_or(self.seen.started)
    }
}

/// Raises what the run on schedule saw often enough. A rerun of the same question that saw some of it again confirms only that; one
/// of another question that refutes what it was about leaves the rest.
fn raise(tracked: &mut [TrackedFinding], inputs: &Inputs<'_>, reason: &str) {
    let Inputs { seen, terms, chain, .. } = inputs;
    let started = inputs.on_schedule();
    let refuted = chain.about.as_deref().filter(|_| reason == reason::PARTLY_REFUTED).unwrap_or_default();
    let saw = |key: &FindingKey| seen.findings.iter().any(|finding| FindingKey::from(finding) == *key);
    let ready = |tracked: &TrackedFinding| is_open(tracked, started) && tracked.seen >= terms.failures;
    let some_again =
        chain.is_rerun() && chain.about.is_none() && tracked.iter().any(|tracked| ready(tracked) && saw(&tracked.key()));
    for tracked in tracked.iter_mut().filter(|tracked| ready(tracked)) {
        let key = tracked.key();
        if !refuted.contains(&key) && (!some_again || saw(&key)) {
            tracked.stage = FindingStage::Raised;
        }
    }
}
