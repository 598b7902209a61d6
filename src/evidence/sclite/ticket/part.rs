//! Parts of artifacts that must be objects, and numbers in them.

use super::super::artifact::Artifact;
use super::super::coerce::Whole;
use super::super::refusal::{Refusal, RefusalClass};
use crate::evidence::json::Json;

/// A refusal of the ticket itself.
pub(super) fn semantics(message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalClass::TicketSemantics, message)
}

/// A refusal of its use.
pub(super) fn usage(message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalClass::TicketUse, message)
}

/// The value, which must be an object; `label` is its path.
pub(super) fn object<'a>(value: Option<&'a Json>, label: &str) -> Result<&'a Json, Refusal> {
    value.filter(|value| value.as_object().is_some()).ok_or_else(|| semantics(format!("{label} must be an object")))
}

/// A number of the use; `label` is its path.
pub(super) fn count(value: Option<&Json>, label: &str) -> Result<Whole, Refusal> {
    value.and_then(Whole::of).ok_or_else(|| usage(format!("{label} must be an integer")))
}

/// The level of a mode: unknown ones are above all others.
pub(super) fn level(mode: &str) -> u8 {
    match mode {
        "dry_run" => 0,
        "live" => 1,
        _ => 99,
    }
}

/// The descriptor in the link `name` of `source`, which messages call `label`.
pub(super) fn link<'a>(source: &'a Artifact, label: &str, name: &str) -> Result<&'a Json, Refusal> {
    let links = object(source.get("links"), &format!("{label}.links"))?;
    let link = object(links.get(name), &format!("{label}.links.{name}"))?;
    object(link.get("descriptor"), &format!("{label}.links.{name}.descriptor"))
}

/// The link `name` of `source` describes `target`.
pub(super) fn linked((source, label): (&Artifact, &str), name: &str, target: &Artifact, reason: &str) -> Result<(), Refusal> {
    if target.is_described_by(link(source, label, name)?) { Ok(()) } else { Err(usage(reason)) }
}
