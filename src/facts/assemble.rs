//! The stage: readings, contract, rule and expectations become one bounded result.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::expect::{Outcome, evaluate};
use super::finding::{FINDINGS_MAX, Finding, FindingKind};
use super::reading::{Context, Reading, Readings, both};
use super::subject::{Subject, projected, subject};
use super::text::{cut, lines, trim};
use super::validation::{self, Verdict};
use super::{contracts, envelope};
use crate::api::{Assessment, Coverage, ErrorClass, Expect, reason};
use crate::profile::{ContractRef, Intent, WorkflowStep};

/// Readings that failed alike from which they become one finding.
const GROUP_MIN: usize = 3;
/// Steps that such a finding names; the rest is counted, so that the reason behind them is never cut off.
const GROUP_NAMED: usize = 5;
/// Characters of standard error that a finding quotes.
const QUOTED_MAX: usize = 120;

/// What a run says about its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The contract that the intent promises and `value` keeps.
    pub contract: ContractRef,
    /// The facts; `None` when there are none to state: nothing was read, or what was read does not fit the contract.
    pub value: Option<Value>,
    /// The worst of what the contract judges and what the expectations say.
    pub assessment: Assessment,
    /// How much of the contract was observed; blocked without facts.
    pub coverage: Coverage,
    /// What the intent's rule file decided.
    pub verdict: Verdict,
    /// What is not as it should be, at most [`FINDINGS_MAX`]: readings, then expectations, then facts.
    pub findings: Vec<Finding>,
}

/// Turns the readings of a run into facts. Never fails: whatever goes wrong ends as `unknown` with a finding that says why.
pub fn assemble(intent: &Intent, readings: &Readings, target: &str, expects: &[Expect]) -> Facts {
    let steps: Vec<&str> = intent.workflow.steps.iter().filter_map(read_step).collect();
    let subject = intent.workflow.steps.iter().rev().find_map(subject_of);
    let mut findings = failed_readings(&steps, readings);

    let normalized = normalize(intent, subject, &steps, readings, target);
    let mut judged = Vec::new();
    let facts = normalized.unwrap_or_else(|finding| {
        judged.extend(finding);
        None
    });
    let (assessment, coverage) = facts.as_ref().map_or((Assessment::Unknown, Coverage::Blocked), states);
    let (expected, unmet) = judge_expectations(expects, facts.as_ref());
    findings.extend(unmet);
    if let (Some(subject), Some(facts)) = (subject, &facts) {
        let effects = (subject.effects)(facts);
        findings.retain(|finding| !is_effect(finding, effects));
        judged.extend((subject.judge)(facts));
        judged.extend(unexplained(subject, facts, readings, effects));
    }
    findings.extend(judged);
    findings.truncate(FINDINGS_MAX);

    let value = facts.and_then(|facts| projected(facts, &intent.contract.version));
    let (verdict, value) = decide(intent, subject, value);
    Facts { contract: intent.contract.clone(), value, assessment: assessment.max(expected), coverage, verdict, findings }
}

/// Whether a reading has only failed because of what the facts name themselves.
fn is_effect(finding: &Finding, effects: &[&str]) -> bool {
    finding.kind == FindingKind::Reading
        && finding.reason_code == ErrorClass::Unsupported.reason()
        && effects.contains(&finding.component.as_str())
}

/// What the rule file of the intent says of the facts, and the facts again.
fn decide(intent: &Intent, subject: Option<&Subject>, value: Option<Value>) -> (Verdict, Option<Value>) {
    let Some((subject, facts)) = subject.zip(value) else {
        return (validation::evaluate(&intent.validation, &Value::Object(Map::new())).verdict, None);
    };
    let mut state = Value::Object(Map::from_iter([(subject.state_key.to_owned(), facts)]));
    let verdict = validation::evaluate(&intent.validation, &state).verdict;
    (verdict, state.get_mut(subject.state_key).map(Value::take))
}

fn read_step(step: &WorkflowStep) -> Option<&str> {
    match step {
        WorkflowStep::Read { id, .. } => Some(id),
        WorkflowStep::Normalize { .. } | WorkflowStep::Seal { .. } => None,
    }
}

fn subject_of(step: &WorkflowStep) -> Option<&'static Subject> {
    match step {
        WorkflowStep::Normalize { action, .. } => subject(action),
        WorkflowStep::Read { .. } | WorkflowStep::Seal { .. } => None,
    }
}

/// The facts in the newest version of their contract. `Ok(None)` when nothing was read, which the findings of the readings
/// already explain; a subject that joins others says it of each.
fn normalize(
    intent: &Intent,
    subject: Option<&'static Subject>,
    steps: &[&str],
    readings: &Readings,
    target: &str,
) -> Result<Option<Value>, Option<Finding>> {
    let invalid = |message: String| {
        Some(
            Finding::new(FindingKind::Facts, &intent.contract.id, reason::INVALID_FACTS, &message)
                .next_step(Some("compare the output of the readings on the target with what the intent documents")),
        )
    };
    let Some(subject) = subject else {
        return Err(invalid("this version has no normalizer for the intent".into()));
    };
    if subject.contract() != intent.contract.id || contracts::find(&intent.contract.id, &intent.contract.version).is_none() {
        return Err(invalid(format!("the normalizer {} does not write {}", subject.normalizer, intent.contract)));
    }
    // A step that only serves the others, as the version of an API does, says nothing about the subject.
    let says = |step: &&&str| subject.components.iter().any(|(_, shown_by)| shown_by.contains(*step));
    let mut shown = steps.iter().filter(says).filter_map(|step| readings.get(*step));
    let taken = shown.clone().any(|reading| matches!(reading, Reading::Taken { .. }));
    let taken = taken || subject.joins_others();
    if !taken && !shown.any(Reading::seen_wrong) {
        return Ok(None);
    }
    let facts = match (subject.normalize)(readings, &Context { target }) {
        Ok(facts) => facts,
        Err(error) if taken => return Err(invalid(error.to_string())),
        Err(_) => return Ok(None),
    };
    // A service that answered wrongly is something that was seen only where its contract can say so.
    let observed = envelope::at(&facts, &["scope", "observed"]).as_array().is_some_and(|list| !list.is_empty());
    Ok((taken || observed).then_some(facts))
}

/// What the facts say of themselves.
fn states(facts: &Value) -> (Assessment, Coverage) {
    let assessment = Assessment::parse(envelope::text_at(facts, &["assessment", "state"])).unwrap_or(Assessment::Unknown);
    let coverage = match envelope::text_at(facts, &["coverage", "state"]) {
        "complete" => Coverage::Complete,
        "partial" => Coverage::Partial,
        _ => Coverage::Blocked,
    };
    (assessment, coverage)
}

/// One finding per failed reading. When all failed it is one for all of them, and so it is for several that failed with the
/// same words: a person needs to hear once that a host is dead.
fn failed_readings(steps: &[&str], readings: &Readings) -> Vec<Finding> {
    // A role the Target does not declare is nobody's failure: its component is not observed, and nobody is called for it.
    let declared = |step: &&&str| !matches!(readings.get(**step), Some(Reading::Failed { class: ErrorClass::NotDeclared, .. }));
    let steps: Vec<&str> = steps.iter().filter(declared).copied().collect();
    let failed: Vec<Failed<'_>> = steps.iter().filter_map(|step| Failed::of(step, readings.get(*step))).collect();
    if let (Some(first), true) = (failed.first(), failed.len() == steps.len() && failed.len() > 1)
        && failed.iter().all(|one| one.class == first.class)
    {
        let all = match steps.len() {
            2 => BOTH.to_owned(),
            number => format!("{ALL}{number}{READINGS}"),
        };
        return vec![first.finding(&all, &format!("{all}: {}", first.message))];
    }
    let mut groups: BTreeMap<(ErrorClass, &str), Vec<&str>> = BTreeMap::new();
    for one in &failed {
        groups.entry((one.class, one.message)).or_default().push(one.step);
    }
    let mut findings = Vec::new();
    for one in &failed {
        match groups.get(&(one.class, one.message)) {
            Some(group) if group.len() >= GROUP_MIN => {
                if group.first() == Some(&one.step) {
                    findings.push(one.finding("several readings", &format!("{}: {}", listed(group), one.message)));
                }
            }
            _ => findings.push(one.finding(one.step, &format!("{}: {}", one.step, one.message))),
        }
    }
    findings
}

/// The component of a finding about both readings of a run.
const BOTH: &str = "both readings";
/// What stands before the number of readings in the component of a finding about more of them.
const ALL: &str = "all ";
/// What stands behind it.
const READINGS: &str = " readings";

/// Whether a finding about readings with this component is about every reading of a run of several.
pub fn stands_for_all(component: &str) -> bool {
    let number = component.strip_prefix(ALL).and_then(|rest| rest.strip_suffix(READINGS));
    component == BOTH || number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn listed(steps: &[&str]) -> String {
    let (named, rest) = steps.split_at_checked(GROUP_NAMED).unwrap_or((steps, &[]));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    named.join(", ") + &more
}

struct Failed<'a> {
    step: &'a str,
    class: ErrorClass,
    message: &'a str,
    next_step: Option<&'a str>,
}

impl<'a> Failed<'a> {
    fn of(step: &'a str, reading: Option<&'a Reading>) -> Option<Self> {
        match reading {
            Some(Reading::Taken { .. }) => None,
            Some(Reading::Failed { class, message, next_step }) => {
                Some(Self { step, class: *class, message, next_step: next_step.as_deref() })
            }
            None => Some(Self {
                step,
                class: ErrorClass::Internal,
                message: "the run ended without taking this reading",
                next_step: None,
            }),
        }
    }

    fn finding(&self, component: &str, message: &str) -> Finding {
        Finding::new(FindingKind::Reading, component, self.class.reason(), message).next_step(self.next_step)
    }
}

/// The worst assessment the expectations ask for, and a finding for each that does not hold.
fn judge_expectations(expects: &[Expect], facts: Option<&Value>) -> (Assessment, Vec<Finding>) {
    let mut worst = Assessment::Healthy;
    let mut findings = Vec::new();
    for expect in expects {
        let (name, key) = (expect.name.as_str(), &expect.key);
        // Without facts presence can not be judged either.
        let outcome = facts.map_or(Outcome::NotObserved, |facts| evaluate(expect, facts));
        let (assessment, reason, message) = match outcome {
            Outcome::Held => continue,
            Outcome::Failed { observed } => {
                let wanted = format!("{:?} {}", expect.operator, expect.values.join(", "));
                let message = format!("{name}: {key} is {observed}, wanted {}", wanted.trim_end());
                (expect.otherwise.into(), reason::EXPECTATION_FAILED, message)
            }
            Outcome::NotObserved => {
                (Assessment::Unknown, reason::EXPECTATION_NOT_OBSERVED, format!("{name}: {key} was not observed"))
            }
        };
        worst = worst.max(assessment);
        findings.push(Finding::new(FindingKind::Expectation, name, reason, &message));
    }
    (worst, findings)
}

/// Components that were not observed although one of their readings was taken: the output did not say it. One finding per reading.
fn unexplained(subject: &Subject, facts: &Value, readings: &Readings, effects: &[&str]) -> Vec<Finding> {
    let missing = envelope::at(facts, &["scope", "not_observed"]).as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing = missing.filter(|component| !effects.contains(component));
    let mut silent: Vec<(&str, Vec<&str>)> = Vec::new();
    for component in missing {
        let Some((_, steps)) = subject.components.iter().find(|(name, _)| *name == component) else { continue };
        let Some(step) = steps.iter().find(|step| matches!(readings.get(**step), Some(Reading::Taken { .. }))) else { continue };
        match silent.iter_mut().find(|(known, _)| known == step) {
            Some((_, components)) => components.push(component),
            None => silent.push((step, vec![component])),
        }
    }
    silent.into_iter().map(|(step, components)| not_said(step, &components, readings)).collect()
}

fn not_said(step: &str, components: &[&str], readings: &Readings) -> Finding {
    let (component, verb) = match components {
        [one] => (*one, "was"),
        _ => (step, "were"),
    };
    let mut message = format!("{} {verb} not observed: the output of {step} does not say it", components.join(", "));
    let complaint = both(readings, step).and_then(|(_, stderr)| lines(stderr).map(trim).find(|line| !line.is_empty()));
    if let Some(complaint) = complaint {
        message.push_str(", but ");
        message.push_str(cut(complaint, QUOTED_MAX));
    }
    Finding::new(FindingKind::Facts, component, &format!("{component}_not_observed"), &message)
}
