//! What a normalizer is given.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::api::ErrorClass;

/// One reading of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It was taken; what it printed.
    Taken {
        /// Standard output, within the shape's bound.
        stdout: String,
        /// Standard error, within the shape's bound.
        stderr: String,
    },
    /// There is no usable output.
    Failed {
        /// Why, as a class.
        class: ErrorClass,
        /// Why, in one line for a person, without secrets.
        message: String,
        /// What to do next.
        next_step: Option<String>,
    },
}

impl Reading {
    /// A reading that was taken and printed nothing on standard error.
    pub fn taken(stdout: impl Into<String>) -> Self {
        Self::Taken { stdout: stdout.into(), stderr: String::new() }
    }

    /// Whether the service was seen although there is no usable output: it answered, but not as it should. Every other failure says
    /// nothing about the service: loss of transport is not failure of what is behind it.
    pub const fn seen_wrong(&self) -> bool {
        matches!(self, Self::Failed { class: ErrorClass::HttpStatus | ErrorClass::UnexpectedAnswer | ErrorClass::ApiError, .. })
    }
}

/// The readings of a run by step id. A step that is absent counts as not taken.
pub type Readings = BTreeMap<String, Reading>;

/// What a normalizer knows besides the readings.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Name of the target, as it shall appear in facts.
    pub target: &'a str,
}

/// Standard output of a step; `None` when it was not taken.
pub(super) fn stdout<'a>(readings: &'a Readings, step: &str) -> Option<&'a str> {
    match readings.get(step)? {
        Reading::Taken { stdout, .. } => Some(stdout),
        Reading::Failed { .. } => None,
    }
}

/// Standard output and standard error of a step; `None` when it was not taken.
pub(super) fn both<'a>(readings: &'a Readings, step: &str) -> Option<(&'a str, &'a str)> {
    match readings.get(step)? {
        Reading::Taken { stdout, stderr } => Some((stdout, stderr)),
        Reading::Failed { .. } => None,
    }
}

/// What one reading says of the service behind it.
#[derive(Debug)]
pub(super) enum Answer {
    /// It answered: the JSON object; an empty one when the text is none.
    Object(Map<String, Value>),
    /// It answered, but not as it should; the reading says how.
    Wrong,
    /// Nobody saw it.
    NotSeen,
}

/// The answer of a step that reads one JSON object.
pub(super) fn answer(readings: &Readings, step: &str) -> Answer {
    match readings.get(step) {
        Some(Reading::Taken { stdout, .. }) => Answer::Object(serde_json::from_str(stdout).unwrap_or_default()),
        Some(reading) if reading.seen_wrong() => Answer::Wrong,
        Some(Reading::Failed { .. }) | None => Answer::NotSeen,
    }
}
