//! Readings that failed while the diagnosis went on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::component::COMPONENTS;
use crate::api::ErrorClass;
use crate::facts::reading::{Reading, Readings};
use crate::facts::text::collapse;

/// Most entries that facts carry.
pub(super) const ENTRIES_MAX: usize = 16;
/// Longest step id, in characters.
const STEP_MAX: usize = 128;
/// Longest class, in characters.
const CLASS_MAX: usize = 64;
/// Class of a failure that names none: what ends with another exit status.
const NO_CLASS: &str = "command_failed";
/// Class of the entry that stands for the classes that found no room.
const OTHER_CLASSES: &str = "other";

/// A reading that failed while the rest of the diagnosis went on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContinuedFailure {
    /// Its step.
    pub step_id: String,
    /// Its class: a word in lower case, never empty.
    pub error_class: String,
}

impl ContinuedFailure {
    /// A failure with both texts within their bounds. A class that is empty becomes `command_failed`.
    pub fn new(step_id: &str, error_class: &str) -> Self {
        let class = collapse(error_class, CLASS_MAX);
        let error_class = if class.is_empty() { NO_CLASS.to_owned() } else { class };
        Self { step_id: collapse(step_id, STEP_MAX), error_class }
    }
}

/// The failed readings of the components. A connection that the Target does not declare is nobody's failure.
pub(super) fn of(readings: &Readings) -> Vec<ContinuedFailure> {
    let steps = COMPONENTS.iter().flat_map(|component| component.steps);
    let mut failures: Vec<ContinuedFailure> = steps
        .filter_map(|step| match readings.get(*step)? {
            Reading::Taken { .. } | Reading::Failed { class: ErrorClass::NotDeclared, .. } => None,
            Reading::Failed { class, .. } => Some(ContinuedFailure::new(step, &word(*class))),
        })
        .collect();
    failures.sort();
    failures.dedup();
    failures
}

/// The class as facts write it: the word of the Python stack where it has one that means the same, else our reason in lower case.
fn word(class: ErrorClass) -> String {
    match class {
        ErrorClass::Transient => return "transient_connector_error".to_owned(),
        ErrorClass::AuthRefused => return "auth_failed".to_owned(),
        _ => {}
    }
    let mut word = String::new();
    for letter in class.reason().chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

/// One entry a failure, by step id. More than [`ENTRIES_MAX`] are grouped: one entry a class, the largest first, and what still
/// finds no room is counted in the last one.
pub(super) fn summarised(failures: &[ContinuedFailure]) -> Vec<Value> {
    let mut sorted: Vec<&ContinuedFailure> = failures.iter().collect();
    sorted.sort();
    if sorted.len() <= ENTRIES_MAX {
        return sorted.iter().map(|one| entry(&one.step_id, &one.error_class, 1)).collect();
    }
    let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in sorted {
        classes.entry(&one.error_class).or_default().push(&one.step_id);
    }
    let mut groups: Vec<(&str, Vec<&str>)> = classes.into_iter().collect();
    groups.sort_by_key(|(class, steps)| (std::cmp::Reverse(steps.len()), *class));
    let rest = if groups.len() > ENTRIES_MAX { groups.split_off(ENTRIES_MAX - 1) } else { Vec::new() };
    let mut entries: Vec<Value> = groups.iter().map(|(class, steps)| entry(&named(steps), class, steps.len())).collect();
    if !rest.is_empty() {
        let count = rest.iter().map(|(_, steps)| steps.len()).sum();
        entries.push(entry(&format!("{count} more"), OTHER_CLASSES, count));
    }
    entries
}

/// The first step and how many stand for it, within the bound.
fn named(steps: &[&str]) -> String {
    let Some((first, rest)) = steps.split_first() else { return String::new() };
    if rest.is_empty() {
        return (*first).to_owned();
    }
    let more = format!(" and {} more", rest.len());
    collapse(first, STEP_MAX.saturating_sub(more.chars().count())) + &more
}

fn entry(step_id: &str, error_class: &str, count: usize) -> Value {
    json!({"step_id": step_id, "error_class": error_class, "count": count})
}
