//! One pair's decisions, made again in their order.

use jiff::Timestamp;

use super::super::decisions::Decided;
use super::super::recalled::Recalled;
use super::findings::{OtherFinding, differing};
use super::packs::Tried;
use crate::api::{ReactionOutcome, ReactionStatus, TrackedFinding};
use crate::reaction::{Chain, Decision, Inputs, Ruling, Seen, decide};

/// What is known of a pair on the way through its records.
#[derive(Debug, Default)]
pub struct Again {
    /// The run whose decision comes next.
    run: Option<Recalled>,
    /// What the pair remembered; `None` where the records that say it were dropped.
    tracked: Option<Vec<TrackedFinding>>,
    /// Start of the last run on schedule.
    parent: Option<Timestamp>,
    /// The chain that the tried rules lead to, while they ask for the reruns that are recorded.
    chain: Option<Chain>,
}

/// A decision, made again.
#[derive(Debug)]
pub enum Verdict {
    /// It is the same.
    Same,
    /// It is another one, or it leaves findings behind that stand otherwise.
    Other(ReactionStatus, Vec<OtherFinding>),
    /// The run would not have been: an earlier decision would differ.
    NotReached,
    /// What it depends on was dropped by retention.
    Forgotten,
}

impl Again {
    /// Of a pair whose first record is `seq`.
    pub fn from(seq: u64) -> Self {
        Self { tracked: (seq <= 1).then(Vec::new), ..Self::default() }
    }

    /// The next run.
    pub fn ran(&mut self, run: Recalled) {
        self.run = Some(run);
    }

    /// The pair's life is over; a new one starts from nothing.
    pub fn ended(&mut self) {
        *self = Self { tracked: Some(Vec::new()), ..Self::default() };
    }

    /// Decides again what `decided` says.
    pub fn decided(&mut self, decided: &Decided, packs: &Tried) -> Verdict {
        let run = self.run.take().filter(|run| run.seq == decided.run_seq);
        let previous = self.tracked.replace(decided.tracked.clone());
        let (Some(run), Some(previous)) = (run, previous) else { return Verdict::Forgotten };
        if run.depth == 0 {
            self.parent = Some(run.started);
            self.chain = Some(Chain::default());
        }
        let Some(mut chain) = self.chain.take() else { return Verdict::NotReached };
        chain.about.clone_from(&decided.inputs.about);
        let ruling = match packs.get(&run.intent) {
            Some(pack) => Ruling::of(pack, &run.observation(), &chain),
            None => Ruling::without_pack(run.assessment),
        };
        let (blind, expects) = (&decided.inputs.blind, &decided.inputs.expects);
        let Recalled { started, assessment, ref findings, ref facts, .. } = run;
        let seen = Seen { started, assessment, findings, blind, facts, expects };
        let inputs = Inputs {
            intent: &run.intent,
            chain: &chain,
            seen,
            parent: self.parent,
            previous: &previous,
            terms: &decided.inputs.terms(),
            ruling: &ruling,
            refused: decided.inputs.refused.as_deref(),
        };
        let Decision { reaction, tracked } = decide(&inputs);
        let findings = differing(&decided.tracked, &tracked);
        if !is_same(&reaction, &decided.reaction) || !findings.is_empty() {
            return Verdict::Other(reaction, findings);
        }
        if reaction.outcome == ReactionOutcome::Rerun {
            self.chain = Some(chain.then(ruling.digest, None));
        }
        Verdict::Same
    }
}

/// A rule may have another name; what is done, and why, is the decision.
fn is_same(left: &ReactionStatus, right: &ReactionStatus) -> bool {
    (left.outcome, &left.intent, &left.reason) == (right.outcome, &right.intent, &right.reason)
}
