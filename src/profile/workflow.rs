//! `workflows/<id>.yaml`: the ordered, bounded steps of one intent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::connector;
use super::model::{Workflow, WorkflowStep};
use super::raw;
use super::report::{Report, is_token};
use super::yaml::At;
use crate::api::{Duration, did_you_mean};

/// Most steps of one workflow.
const MAX_STEPS: usize = 64;
/// The one action of an evidence step.
const SEAL_ACTION: &str = "produce_receipt";

/// What a workflow is checked against.
pub(super) struct Vocabulary<'a> {
    pub(super) connectors: &'a BTreeMap<String, connector::Loaded>,
    pub(super) known_normalizer: &'a dyn Fn(&str) -> bool,
    pub(super) profile: &'a str,
}

/// Reads and checks the workflow of `intent`; `None` when it is absent or unusable.
pub(super) fn check(report: &mut Report<'_>, path: &str, intent: &str, vocabulary: &Vocabulary<'_>) -> Option<Workflow> {
    let raw::WorkflowFile { workflow } = report.read(path)?;
    if workflow.intent.value != intent {
        let message = format!("workflow.intent is `{}`, but intent `{intent}` names this file", workflow.intent.value);
        report.fault(path, Some(workflow.intent.referenced), message);
    }
    let expected = format!("{}.{intent}", vocabulary.profile);
    if workflow.id.value != expected {
        report.fault(path, Some(workflow.id.referenced), format!("workflow.id must be `{expected}`"));
    }
    let read_only = workflow.mode.value == "read_only";
    if !read_only {
        let message = format!("workflow.mode is `{}`; every workflow is read_only", workflow.mode.value);
        report.fault(path, Some(workflow.mode.referenced), message);
    }
    let at = Some(workflow.steps.referenced);
    let raw_steps = workflow.steps.value;
    if raw_steps.is_empty() {
        report.fault(path, at, "workflow has no steps");
    }
    if raw_steps.len() > MAX_STEPS {
        report.fault(path, at, format!("workflow has more than {MAX_STEPS} steps"));
        return None;
    }
    let mut ids = BTreeSet::new();
    let mut steps = Vec::with_capacity(raw_steps.len());
    for step in raw_steps {
        if !is_token(&step.value.id.value) {
            report.fault(
                path,
                Some(step.value.id.referenced),
                format!("step id `{}` is no identifier", step.value.id.value.escape_debug()),
            );
        }
        if !ids.insert(step.value.id.value.clone()) {
            report.fault(path, Some(step.value.id.referenced), format!("step id `{}` stands twice", step.value.id.value));
        }
        steps.extend(one(report, path, step, read_only, vocabulary));
    }
    order(report, path, at, &steps);
    Some(Workflow { id: workflow.id.value, steps })
}

/// Readings, then normalizers, then one seal.
fn order(report: &mut Report<'_>, path: &str, at: Option<serde_yaml::Location>, steps: &[WorkflowStep]) {
    let rank = |step: &WorkflowStep| match step {
        WorkflowStep::Read { .. } => 0,
        WorkflowStep::Normalize { .. } => 1,
        WorkflowStep::Seal { .. } => 2,
    };
    let ranks: Vec<i32> = steps.iter().map(rank).collect();
    let ends_sealed = ranks.last() == Some(&2) && ranks.iter().filter(|rank| **rank == 2).count() == 1;
    if !ranks.is_sorted() || !ends_sealed || !ranks.contains(&0) || !ranks.contains(&1) {
        report.fault(
            path,
            at,
            "steps must be connector steps, then internal steps, then exactly one evidence step, at least one of each",
        );
    }
}

fn one(
    report: &mut Report<'_>,
    path: &str,
    step: At<raw::Step>,
    read_only: bool,
    vocabulary: &Vocabulary<'_>,
) -> Option<WorkflowStep> {
    let at = Some(step.referenced);
    let raw::Step { id, r#type, action, connector, timeout, continue_on_error } = step.value;
    let id = id.value;
    let reads = r#type.value == "connector";
    if let Some(flag) = continue_on_error {
        if !flag.value {
            // A reading that fails leaves its part unknown; no step ever stops the others.
            report.fault(
                path,
                Some(flag.referenced),
                format!("step `{id}`: continue_on_error cannot be false; a failed reading never stops a run"),
            );
        } else if !reads || !read_only {
            report.fault(
                path,
                Some(flag.referenced),
                format!("step `{id}`: continue_on_error is for connector steps of a read_only workflow"),
            );
        }
    }
    if !reads && (connector.is_some() || timeout.is_some()) {
        report.fault(path, at, format!("step `{id}`: only connector steps have a connector and a timeout"));
    }
    let Some(action) = action else {
        report.fault(path, at, format!("step `{id}` has no action"));
        return None;
    };
    match r#type.value.as_str() {
        "connector" => read(report, path, Read { id, at, action, connector, timeout }, vocabulary),
        "internal" => {
            if !(vocabulary.known_normalizer)(&action.value) {
                report.fault(path, Some(action.referenced), format!("step `{id}`: unknown normalizer `{}`", action.value));
            }
            Some(WorkflowStep::Normalize { id, action: action.value })
        }
        "evidence" => {
            if action.value != SEAL_ACTION {
                report.fault(
                    path,
                    Some(action.referenced),
                    format!("step `{id}`: the action of an evidence step is {SEAL_ACTION}"),
                );
            }
            Some(WorkflowStep::Seal { id })
        }
        other => {
            let message = format!("unsupported workflow step type `{other}` (step `{id}`); use connector, internal or evidence");
            report.fault(path, Some(r#type.referenced), message);
            None
        }
    }
}

struct Read {
    id: String,
    at: Option<serde_yaml::Location>,
    action: At<String>,
    connector: Option<At<String>>,
    timeout: Option<At<String>>,
}

fn read(report: &mut Report<'_>, path: &str, step: Read, vocabulary: &Vocabulary<'_>) -> Option<WorkflowStep> {
    let Read { id, at, action, connector, timeout } = step;
    let Some(name) = connector else {
        report.fault(path, at, format!("step `{id}` names no connector"));
        return None;
    };
    let Some(loaded) = vocabulary.connectors.get(&name.value) else {
        // A connector whose file exists but is broken has been reported there.
        if !report.files.texts.contains_key(&format!("connectors/{}.yaml", name.value)) {
            report.fault(path, Some(name.referenced), format!("step `{id}`: unknown connector `{}`", name.value.escape_debug()));
        }
        return None;
    };
    let timeout = match timeout {
        None => loaded.timeout,
        Some(text) => match Duration::parse(&text.value) {
            Some(timeout) if timeout > Duration::from_millis(0) && timeout <= loaded.timeout => timeout,
            Some(_) => {
                let message = format!(
                    "step `{id}`: timeout `{}` must be above 0s and at most the connector's {}",
                    text.value, loaded.timeout
                );
                report.fault(path, Some(text.referenced), message);
                loaded.timeout
            }
            None => {
                let message =
                    format!("step `{id}`: bad timeout `{}`; write whole numbers with h, m, s or ms, such as 10s", text.value);
                report.fault(path, Some(text.referenced), message);
                loaded.timeout
            }
        },
    };
    let declared = loaded.capabilities.contains(&action.value);
    if !declared {
        let message = format!("step `{id}`: action `{}` is not declared by connector `{}`", action.value, name.value);
        match did_you_mean(&action.value, loaded.capabilities.iter().map(String::as_str)) {
            Some(near) => report.fault_with_help(path, Some(action.referenced), message, format!("did you mean `{near}`?")),
            None => report.fault(path, Some(action.referenced), message),
        }
    }
    let Some(shape) = loaded.connector.shapes.get(&action.value) else {
        if declared {
            report.fault(path, Some(action.referenced), format!("step `{id}`: action `{}` has no shape", action.value));
        }
        return None;
    };
    Some(WorkflowStep::Read { id, connector: Arc::clone(&loaded.connector), shape: Arc::clone(shape), timeout })
}
