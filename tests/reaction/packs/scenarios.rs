//! Runs of an intent, and what its pack decides about them.

use std::collections::BTreeSet;

use serde_json::json;
use tecrax::api::{Assessment, ErrorClass, Expect, LabelName, Operator, Otherwise, StatusFinding};
use tecrax::facts::{Facts, Reading, Readings, assemble};
use tecrax::profile::{Intent, WorkflowStep};
use tecrax::reaction::pack::{Context, Evaluation, Pack};
use tecrax::reaction::{WAIVER, WAIVER_EXPIRES, observed_facts};

use super::classes;
use super::readings::{failed, recorded, steps, written};

/// One run.
pub struct Scenario {
    pub name: String,
    pub readings: Readings,
    pub expects: Vec<Expect>,
    /// Findings that are added to those of the facts.
    pub more: Vec<StatusFinding>,
    /// The class, when every reading fails with it.
    pub class: Option<ErrorClass>,
    /// Whether what is read makes no facts that keep the contract.
    pub invalid: bool,
}

/// What became of one.
pub struct Decided {
    pub name: String,
    pub class: Option<ErrorClass>,
    pub assessment: Assessment,
    /// Reason codes of readings and facts.
    pub codes: BTreeSet<String>,
    pub evaluation: Evaluation,
}

impl Scenario {
    pub fn of(name: impl Into<String>, readings: Readings) -> Self {
        Self { name: name.into(), readings, expects: Vec::new(), more: Vec::new(), class: None, invalid: false }
    }

    pub fn run(&self, intent: &Intent) -> Facts {
        let assemble = |intent: &Intent| assemble(intent, &self.readings, "default/web-07", &self.expects);
        if self.invalid { assemble(&of_no_version(intent)) } else { assemble(intent) }
    }

    pub fn decide(&self, intent: &Intent, pack: &Pack) -> Decided {
        let facts = self.run(intent);
        let findings: Vec<StatusFinding> = facts.findings.into_iter().map(StatusFinding::from).chain(self.more.clone()).collect();
        let observed = observed_facts(facts.value.as_ref(), facts.assessment, facts.coverage, &findings);
        let spoken = findings.iter().filter(|finding| ["reading", "facts"].contains(&finding.kind.as_str()));
        Decided {
            name: self.name.clone(),
            class: self.class,
            assessment: facts.assessment,
            codes: spoken.map(|finding| finding.reason_code.clone()).collect(),
            evaluation: pack.evaluate(&json!({"facts": observed}), &Context::default()),
        }
    }
}

/// The intent with a contract that its facts can not keep.
fn of_no_version(intent: &Intent) -> Intent {
    let mut intent = intent.clone();
    "0.0".clone_into(&mut intent.contract.version);
    intent
}

/// The normalizer of an intent.
pub fn normalizer(intent: &Intent) -> &str {
    let action = intent.workflow.steps.iter().rev().find_map(|step| match step {
        WorkflowStep::Normalize { action, .. } => Some(action.as_str()),
        _ => None,
    });
    action.expect("every workflow normalizes")
}

/// Readings of a healthy run.
pub fn healthy(intent: &Intent) -> Readings {
    let all = recorded(normalizer(intent)).into_iter();
    let mut good =
        all.filter(|(name, readings)| Scenario::of(name, readings.clone()).run(intent).assessment == Assessment::Healthy);
    good.next().unwrap_or_else(|| panic!("{}: no recorded reading is healthy", intent.id)).1
}

/// Everything that can be told apart by readings of a leaf.
pub fn leaf(intent: &Intent) -> Vec<Scenario> {
    let cases = recorded(normalizer(intent)).into_iter().chain(written(normalizer(intent)));
    let mut all: Vec<Scenario> = cases.map(|(name, readings)| Scenario::of(name, readings)).collect();
    all.extend(common(intent, &healthy(intent)));
    all
}

/// What every intent can meet, beginning with a run in which all is well.
pub fn common(intent: &Intent, good: &Readings) -> Vec<Scenario> {
    let mut all = vec![Scenario::of("all is well", good.clone())];
    for class in classes::all() {
        let lost = steps(intent).into_iter().map(|step| (step.to_owned(), failed(class))).collect();
        all.push(Scenario { class: Some(class), ..Scenario::of(format!("all {class:?}"), lost) });
        for step in steps(intent) {
            let mut one = good.clone();
            one.insert(step.to_owned(), failed(class));
            all.push(Scenario::of(format!("{step} {class:?}"), one));
        }
    }
    for step in steps(intent) {
        let mut silent = good.clone();
        silent.insert(step.to_owned(), Reading::taken(""));
        all.push(Scenario::of(format!("{step} says nothing"), silent));
    }
    all.push(Scenario { invalid: true, ..Scenario::of("no facts that keep the contract", good.clone()) });
    for otherwise in [Otherwise::Degraded, Otherwise::Unhealthy] {
        let expects = vec![unmet(otherwise)];
        all.push(Scenario { expects, ..Scenario::of(format!("expected otherwise: {otherwise:?}"), good.clone()) });
    }
    let waiver = StatusFinding {
        kind: WAIVER.into(),
        component: "root-disk".into(),
        reason_code: WAIVER_EXPIRES.into(),
        message: "it ends soon".into(),
        next_step: None,
    };
    all.push(Scenario { more: vec![waiver], ..Scenario::of("a waiver ends soon", good.clone()) });
    all
}

/// An expectation that no facts meet.
fn unmet(otherwise: Otherwise) -> Expect {
    let name = LabelName::parse("never").expect("a name");
    Expect { name, key: "contract.id".into(), operator: Operator::In, values: vec!["nothing".into()], otherwise }
}
