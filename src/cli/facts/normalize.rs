//! `facts normalize`: recorded readings through a normalizer.

use std::collections::BTreeSet;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format::{self, Format};
use super::args::NormalizeArgs;
use super::readings;
use crate::api::did_you_mean;
use crate::facts::{self, Subject, subject, subjects};
use crate::profile::{Profile, WorkflowStep};

/// Runs `facts normalize`.
pub(super) fn run(context: &Context<'_>, args: &NormalizeArgs) -> Result<Exit, Failure> {
    let profile = context.profile()?;
    let subject = find(&profile, &args.normalizer)?;
    let given = readings::read(&args.steps, args.readings.as_deref())?;
    let steps = steps(&profile, subject);
    readings::known(&given, &steps.iter().map(String::as_str).collect::<Vec<_>>(), subject.normalizer)?;
    if given.is_empty() {
        return Err(Failure::new(Exit::Usage, "no reading is given").help(format!(
            "give STEP=FILE or --readings FILE; {} reads {}",
            subject.normalizer,
            join(&steps)
        )));
    }
    let normalize = facts::normalizer(subject.normalizer)
        .ok_or_else(|| Failure::new(Exit::Config, format!("{} is not built", subject.normalizer)))?;
    let value = normalize(&given, &facts::Context { target: &args.target })
        .map_err(|error| Failure::new(Exit::Failing, format!("these readings can not become facts: {error}")))?;
    context.screen.data(&format::text(Format::Json, &value)?);
    Ok(Exit::Ok)
}

/// The subject of a normalizer's name, or of the last normalizer of an intent.
fn find(profile: &Profile, name: &str) -> Result<&'static Subject, Failure> {
    let of_intent = || {
        let intent = profile.intents.get(name)?;
        intent.workflow.steps.iter().rev().find_map(|step| match step {
            WorkflowStep::Normalize { action, .. } => subject(action),
            _ => None,
        })
    };
    subject(name).or_else(of_intent).ok_or_else(|| {
        let known: Vec<&str> =
            subjects().iter().map(|subject| subject.normalizer).chain(profile.intents.keys().map(String::as_str)).collect();
        let help = did_you_mean(name, known.iter().copied())
            .map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        Failure::new(Exit::Config, format!("no normalizer or intent named `{name}`")).help(help)
    })
}

/// Every step that the normalizer may look at: those that its components name, and the readings of every intent that uses it.
fn steps(profile: &Profile, subject: &Subject) -> BTreeSet<String> {
    let mut steps: BTreeSet<String> =
        subject.components.iter().flat_map(|(_, steps)| *steps).map(|step| (*step).to_owned()).collect();
    for intent in profile.intents.values() {
        let uses = |step: &WorkflowStep| matches!(step, WorkflowStep::Normalize { action, .. } if action == subject.normalizer);
        if intent.workflow.steps.iter().any(uses) {
            steps.extend(intent.workflow.steps.iter().filter_map(|step| match step {
                WorkflowStep::Read { id, .. } => Some(id.clone()),
                _ => None,
            }));
        }
    }
    steps
}

fn join(steps: &BTreeSet<String>) -> String {
    steps.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
