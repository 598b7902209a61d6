//! What policy is asked about a plan.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::policy::{Refused, Request};
use crate::desired::policy::Key;
use crate::plan::{Plan, Proposed, ReadStep};

/// Marks keys that stand for themselves: the evaluator takes dots of the others for steps into maps, and keys of labels hold dots.
const WHOLE: &str = "@";

/// Backend of a reading whose connection the Target does not declare.
const UNDECLARED: &str = "none";

/// How closely the rules that are asked look: what nobody looks at makes no request of its own.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Detail {
    /// Some rule tells the run as a whole from its readings.
    pub(super) category: bool,
    /// Some rule looks at readings.
    pub(super) reading: bool,
}

impl Detail {
    pub(super) const fn and(self, other: Self) -> Self {
        Self { category: self.category || other.category, reading: self.reading || other.reading }
    }
}

/// One request.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) request: Request,
    /// What keys below `context.` mean.
    pub(super) runtime: Map<String, Value>,
    /// Which reading it is about, when rules look at readings.
    pub(super) reading: Option<String>,
}

/// Every request of a plan: each reading is asked for twice, as part of the operation and as a call of its connector, and all have to
/// be admitted. Requests that differ only in what no rule looks at are one.
///
/// # Errors
/// The evaluator's, which no plan of ours should meet.
pub(super) fn requests<'p>(plan: &'p Plan<Proposed>, profile: &str, detail: Detail) -> Result<Vec<Asked>, Refused> {
    let categories: &[&str] = if detail.category { &["operation", "connector"] } else { &["operation"] };
    let connections = &plan.pair().target.connections;
    let reading = |step: &'p ReadStep| {
        let backend = connections.get(&step.connection).map_or(UNDECLARED, |connection| connection.config.kind());
        (step.shape.connector.as_str(), backend, step.shape.action.as_str())
    };
    let mut readings: BTreeSet<(&str, &str, &str)> = plan.steps().iter().map(reading).collect();
    // What the Target does not declare is never asked. A plan of nothing else still has to be admitted.
    if readings.iter().any(|(_, backend, _)| *backend != UNDECLARED) {
        readings.retain(|(_, backend, _)| *backend != UNDECLARED);
    }
    let most = if detail.reading { readings.len() } else { 1 };
    let mut requests = Vec::with_capacity(most * categories.len());
    for reading in readings.into_iter().take(most) {
        for category in categories {
            requests.push(asked(plan, profile, category, reading, detail)?);
        }
    }
    Ok(requests)
}

fn asked(
    plan: &Plan<Proposed>,
    profile: &str,
    category: &str,
    (connector, backend, name): (&str, &str, &str),
    detail: Detail,
) -> Result<Asked, Refused> {
    let pair = plan.pair();
    let (check, target) = (&pair.check, &pair.target);
    let mut around = Map::new();
    around.insert(inner(&Key::CheckName), check.name.as_str().into());
    for (key, value) in &check.labels {
        around.insert(inner(&Key::CheckLabel(key.clone())), value.as_str().into());
    }
    for (key, value) in &target.labels {
        around.insert(inner(&Key::ResourceLabel(key.clone())), value.as_str().into());
    }
    let request = Request::from_json(&json!({
        "request_id": pair.id.to_string(),
        "subject_ref": pair.id.to_string(),
        "action": {
            "mode": "read", "category": category, "intent": check.intent.id, "risk": "low",
            "connector": connector, "backend": backend, "name": name,
        },
        "resource": {
            "target_ref": target.name.as_str(), "criticality": target.criticality.as_str(), "type": target.r#type.as_str(),
        },
        "context": around,
    }))?;
    let mut runtime = Map::new();
    runtime.insert("profile".to_owned(), profile.into());
    runtime.insert("environment".to_owned(), pair.id.namespace.as_str().into());
    let reading = detail.reading.then(|| format!("reading {name} of {connector} over {backend}"));
    Ok(Asked { request, runtime, reading })
}

/// A key as the evaluator has it.
pub(super) fn inner(key: &Key) -> String {
    match key {
        Key::CheckName | Key::CheckLabel(_) | Key::ResourceLabel(_) => format!("{WHOLE}{key}"),
        other => other.to_string(),
    }
}

/// A key as a manifest has it.
pub(super) fn outer(key: &str) -> &str {
    key.strip_prefix(WHOLE).unwrap_or(key)
}
