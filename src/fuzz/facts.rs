//! Readings, to facts.

use super::{pieces, text};
use crate::api::{Assessment, ErrorClass};
use crate::facts::{Context, NormalizeError, Reading, Readings, contracts, normalizer, subjects};

/// How a reading fails, when it does.
const CLASSES: [ErrorClass; 6] = [
    ErrorClass::Unreachable,
    ErrorClass::Timeout,
    ErrorClass::HttpStatus,
    ErrorClass::UnexpectedAnswer,
    ErrorClass::NotDeclared,
    ErrorClass::Unsupported,
];
/// A piece that begins so is a failed reading of one of the classes.
const FAILED: u8 = 0x15;

/// The first byte chooses a subject, each piece is the reading of one of its steps: a failed one when it begins with 0x15.
pub(super) fn normalizers(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let all = subjects();
    let Some(subject) = all.get(usize::from(*choice) % all.len().max(1)) else { return };
    let mut steps: Vec<&str> = subject.components.iter().flat_map(|(_, steps)| steps.iter().copied()).collect();
    if steps.is_empty() {
        steps = all.iter().flat_map(|subject| subject.components).flat_map(|(_, steps)| steps.iter().copied()).collect();
    }
    let readings: Readings = steps.into_iter().zip(pieces(rest)).map(|(step, piece)| (step.to_owned(), reading(piece))).collect();
    let unseen = readings.values().all(|reading| matches!(reading, Reading::Failed { .. }) && !reading.seen_wrong());
    let Some(normalize) = normalizer(subject.normalizer) else { return };
    match normalize(&readings, &Context { target: "web-07" }) {
        Ok(facts) => {
            let faults = contracts::validate(&facts, Some(subject.contract()), subject.version());
            assert!(faults.is_empty(), "{}: {faults:?}", subject.contract());
            let healthy = facts.get("assessment_status").and_then(|said| said.as_str()) == Some(Assessment::Healthy.as_str());
            assert!(!(unseen && healthy), "{}: healthy, and nobody saw it", subject.contract());
        }
        Err(NormalizeError::InvalidFacts(faults)) => assert!(!faults.is_empty(), "refused without a reason"),
    }
}

fn reading(piece: &[u8]) -> Reading {
    match piece.split_first() {
        Some((&FAILED, rest)) => {
            let class = rest.first().and_then(|byte| CLASSES.get(usize::from(*byte) % CLASSES.len()));
            let class = class.copied().unwrap_or(ErrorClass::Unreachable);
            Reading::Failed { class, message: text(rest).into_owned(), next_step: None }
        }
        _ => Reading::taken(text(piece)),
    }
}

/// Facts that somebody hands in.
pub(super) fn contracts(bytes: &[u8]) {
    let Ok(facts) = serde_json::from_slice(bytes) else { return };
    for subject in subjects() {
        for version in ["1.0", subject.version()] {
            let _ = contracts::validate(&facts, Some(subject.contract()), version);
        }
    }
    let _ = contracts::validate(&facts, None, "1.0");
}
