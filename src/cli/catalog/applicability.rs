//! Whether an operation applies to a target.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::operation::Operation;
use super::target::CatalogTarget;
use crate::api::{LabelName, reason};
use crate::desired::{DesiredTarget, misfit};
use crate::profile::{Auth, Intent, Shape, WorkflowStep};

/// Why an operation does not apply, or that only admission is left to be asked. The first that holds is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The target belongs to another profile.
    UnsupportedProfile,
    /// The operation is not for this kind of target.
    UnsupportedTargetKind,
    /// The target lacks these capabilities, sorted.
    MissingCapability(Vec<String>),
    /// The target lacks these connectors, sorted.
    MissingConnector(Vec<String>),
    /// Everything is there.
    AdmissionRequired,
}

/// An answer about one operation and one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicability {
    /// Id of the operation.
    pub operation: String,
    /// Id of the target.
    pub target: String,
    /// The answer.
    pub status: Status,
}

/// Connectors that one connector of the Python stack stood for. Its `adguard_health` asked the DNS server, too.
const ALSO: [(&str, &str); 1] = [("adguard_dns", "adguard_health")];

/// Compares what `operation` needs with what a `target` of a catalog has.
pub fn applicability(operation: &Operation, target: &CatalogTarget) -> Applicability {
    let stands_for = |connector: &str, known: &str| ALSO.contains(&(connector, known));
    compare(operation, target, &|connector| {
        target.connector_refs.iter().any(|known| known == connector || stands_for(connector, known))
    })
}

/// The same for a target of manifests: `declared` is the Target, and `intent` what the operation is made of, where that is an intent of
/// the profile in force. Then it applies exactly where a Check of it has a pair.
pub fn of_declared(
    operation: &Operation,
    target: &CatalogTarget,
    intent: Option<&Intent>,
    declared: &DesiredTarget,
) -> Applicability {
    let answer = compare(operation, target, &|connector| target.connector_refs.iter().any(|known| known == connector));
    let misfit = intent.filter(|_| answer.applies()).and_then(|intent| Some((intent, misfit(intent, declared)?)));
    let Some((intent, misfit)) = misfit else { return answer };
    let status = match misfit.role {
        None => Status::UnsupportedTargetKind,
        Some(role) => Status::MissingConnector(connectors(intent, &role, misfit.reason == reason::MISSING_FIELD)),
    };
    Applicability { status, ..answer }
}

/// The connectors through which an intent reads a role, sorted: all of them, or those that send a token.
fn connectors(intent: &Intent, role: &LabelName, with_token: bool) -> Vec<String> {
    let sends_token = |shape: &Shape| shape.http().is_some_and(|http| http.auth != Auth::None);
    let read = intent.workflow.steps.iter().filter_map(|step| match step {
        WorkflowStep::Read { connector, shape, .. } if connector.role.name == *role => {
            (!with_token || sends_token(shape)).then(|| connector.name.clone())
        }
        _ => None,
    });
    read.collect::<BTreeSet<String>>().into_iter().collect()
}

fn compare(operation: &Operation, target: &CatalogTarget, has: &dyn Fn(&str) -> bool) -> Applicability {
    let lacking = |needed: &[String], has: &dyn Fn(&str) -> bool| {
        let mut lacking: Vec<String> = needed.iter().filter(|one| !has(one)).cloned().collect();
        lacking.sort();
        lacking
    };
    let able = |capability: &str| target.capabilities.iter().any(|known| known == capability);
    let capabilities = lacking(&operation.required_capabilities, &able);
    let connectors = lacking(&operation.required_connectors, has);
    let status = if operation.profile_ref != target.profile_ref {
        Status::UnsupportedProfile
    } else if !operation.target_kinds.contains(&target.target_kind) {
        Status::UnsupportedTargetKind
    } else if !capabilities.is_empty() {
        Status::MissingCapability(capabilities)
    } else if !connectors.is_empty() {
        Status::MissingConnector(connectors)
    } else {
        Status::AdmissionRequired
    };
    Applicability { operation: operation.id.clone(), target: target.id.clone(), status }
}

impl Status {
    /// The word of the status.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::UnsupportedProfile => "unsupported_profile",
            Self::UnsupportedTargetKind => "unsupported_target_kind",
            Self::MissingCapability(_) => "missing_capability",
            Self::MissingConnector(_) => "missing_connector",
            Self::AdmissionRequired => "admission_required",
        }
    }

    /// The codes of its reasons.
    pub const fn reasons(&self) -> &'static [&'static str] {
        match self {
            Self::UnsupportedProfile => &["profile_mismatch"],
            Self::UnsupportedTargetKind => &["target_kind_not_declared"],
            Self::MissingCapability(_) => &["required_capability_missing"],
            Self::MissingConnector(_) => &["required_connector_missing"],
            Self::AdmissionRequired => &["technical_requirements_satisfied", "govengine_admission_required"],
        }
    }

    /// What is missing; empty for the others.
    pub fn missing(&self) -> &[String] {
        match self {
            Self::MissingCapability(missing) | Self::MissingConnector(missing) => missing,
            _ => &[],
        }
    }
}

impl Applicability {
    /// Whether nothing but admission is left.
    pub fn applies(&self) -> bool {
        self.status == Status::AdmissionRequired
    }

    /// In the form of the Python stack.
    pub fn json(&self) -> Value {
        let of = |wanted: bool| if wanted { self.status.missing() } else { &[] };
        json!({
            "applicable": self.applies(),
            "missing_capabilities": of(matches!(self.status, Status::MissingCapability(_))),
            "missing_connectors": of(matches!(self.status, Status::MissingConnector(_))),
            "operation_id": self.operation,
            "reason_codes": self.status.reasons(),
            "status": self.status.word(),
            "target_id": self.target,
        })
    }
}
