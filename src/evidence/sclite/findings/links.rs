//! Links between the artifacts, also those that upstream never compares.

use super::FindingCode;
use super::case::Case;
use crate::evidence::json::{Json, Object, loosely_equal};

/// The role that a link of this name leads to.
fn target(name: &str) -> &str {
    match name {
        "intent" => "intent_contract",
        other => other,
    }
}

pub(super) fn inspect(case: &mut Case<'_>) {
    for (_, file) in case.roles() {
        let Some(artifact) = case.artifact(file) else { continue };
        // The receipt of a reaction belongs to a lifecycle of its own.
        if case.is_reaction() && artifact.artifact_type() == "execution_receipt" {
            continue;
        }
        let links = artifact.get("links").and_then(Json::as_object);
        for (name, link) in links.into_iter().flat_map(Object::iter) {
            inspect_link(case, file, name, link);
        }
    }
}

fn inspect_link(case: &mut Case<'_>, file: &str, name: &str, link: &Json) {
    let role = target(name);
    if link.get("role").is_some_and(|said| said.as_str() != Some(role)) {
        case.find(FindingCode::LinkMismatch, file, format!("links.{name}.role is not {role}"));
    }
    let Some((_, artifact)) = case.role(role) else { return };
    match link.get("descriptor") {
        Some(descriptor) if descriptor == artifact.descriptor() => {}
        Some(descriptor) if loosely_equal(descriptor, artifact.descriptor()) => {
            let message = format!("links.{name}.descriptor: a number is not written as the integer it stands for");
            case.find(FindingCode::InexactNumber, file, message);
        }
        _ => {
            let message = format!("links.{name} does not describe the {role} of this bundle");
            case.find(FindingCode::LinkMismatch, file, message);
        }
    }
}
