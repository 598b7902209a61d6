//! One step of a timeline: a run with the decision that followed it, or something else that was recorded.

use jiff::Timestamp;
use serde_json::Value;

use super::super::decisions::Decided;
use super::super::recalled::Recalled;
use crate::api::FindingKey;
use crate::reaction::Packs;

/// One step of a timeline.
#[derive(Debug)]
pub struct Step {
    /// Sequence number of its first record.
    pub seq: u64,
    /// When it began.
    pub at: Timestamp,
    /// How many steps in a row are alike, this one included.
    pub times: u64,
    /// When the last of them began.
    pub until: Timestamp,
    /// What it is.
    pub what: What,
}

/// What a step is.
#[derive(Debug)]
pub enum What {
    /// A run and its decision; the decision of a run that ended in a crash is missing.
    Ran { run: Box<Recalled>, decided: Option<Box<Decided>>, inputs: Vec<Met> },
    /// Another record: `denied`, `suspended`, `removed`.
    Noted { word: &'static str, message: String },
}

/// A condition of the rule that fired, and what it met.
#[derive(Debug, Clone, PartialEq)]
pub struct Met {
    /// The condition as a sentence: path, operator, value.
    pub condition: String,
    /// What stood there; `None` when nothing did.
    pub actual: Option<Value>,
}

impl Step {
    /// Whether `other` says the same, so that both are told once. Reruns and their parents are told one by one.
    pub fn is_like(&self, other: &Self) -> bool {
        let (What::Ran { run, decided: Some(decided), .. }, What::Ran { run: next, decided: Some(after), .. }) =
            (&self.what, &other.what)
        else {
            return false;
        };
        let meaning = |run: &Recalled| (run.depth, run.assessment, run.reason.clone());
        let keys = |run: &Recalled| run.findings.iter().map(FindingKey::from).collect::<Vec<_>>();
        meaning(run) == meaning(next)
            && run.depth == 0
            && decided.reaction == after.reaction
            && decided.reaction.intent.is_none()
            && keys(run) == keys(next)
    }

    /// Takes in a step that is like this one and came later.
    pub fn join(&mut self, later: Self) {
        self.times += later.times;
        self.until = later.until;
        self.what = later.what;
    }
}

/// The conditions of the rule that fired, with what they met; none where the pack has changed since.
pub fn inputs(packs: &Packs, run: &Recalled, decided: &Decided) -> Vec<Met> {
    let Some(pack) = packs.for_intent(&run.intent) else { return Vec::new() };
    let known = decided.inputs.ruling.as_ref();
    if known.is_some_and(|ruling| ruling.pack != pack.digest()) {
        return Vec::new();
    }
    let observation = run.observation();
    let Some(rule) = pack.rules().iter().find(|rule| rule.id() == decided.reaction.rule) else { return Vec::new() };
    let met = rule.inputs(&observation);
    met.map(|input| Met { condition: input.condition.to_string(), actual: input.actual.cloned() }).collect()
}
