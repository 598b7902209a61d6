//! What policy is asked about a plan.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::policy::{OPEN, Refused, Request, Rows};
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

/// The requests of a plan: what they have in common, and how they differ.
#[derive(Debug)]
pub(super) struct Asking<'p> {
    /// All but what differs.
    pub(super) request: Request,
    /// What keys below `context.` mean.
    pub(super) runtime: Map<String, Value>,
    /// The same as `texts`, ready to be compared.
    pub(super) rows: Rows,
    texts: Vec<[&'p str; OPEN.len()]>,
    /// Whether some rule looks at readings.
    reading: bool,
}

impl<'p> Asking<'p> {
    /// Every request of a plan: each reading is asked for twice, as part of the operation and as a call of its connector, and all have to
    /// be admitted. Requests that differ only in what no rule looks at are one.
    ///
    /// # Errors
    /// The evaluator's, which no plan of ours should meet.
    pub(super) fn of(plan: &'p Plan<Proposed>, profile: &str, detail: Detail) -> Result<Self, Refused> {
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
        let readings = readings.into_iter().take(most);
        let texts: Vec<_> = readings
            .flat_map(|(connector, backend, name)| categories.iter().map(move |category| [*category, connector, backend, name]))
            .collect();
        let mut runtime = Map::new();
        runtime.insert("profile".to_owned(), profile.into());
        runtime.insert("environment".to_owned(), plan.pair().id.namespace.as_str().into());
        Ok(Self { request: common(plan)?, runtime, rows: Rows::new(texts.iter().copied()), texts, reading: detail.reading })
    }

    /// The whole request of a row; that of no row is what all have in common.
    pub(super) fn whole(&self, row: usize) -> Request {
        self.request.with_action(self.texts.get(row).into_iter().flat_map(|texts| OPEN.into_iter().zip(*texts)))
    }

    /// Which reading a row is about, when rules look at readings.
    pub(super) fn reading(&self, row: usize) -> Option<String> {
        let [_, connector, backend, name] = self.texts.get(row).filter(|_| self.reading)?;
        Some(format!("reading {name} of {connector} over {backend}"))
    }
}

fn common(plan: &Plan<Proposed>) -> Result<Request, Refused> {
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
    Request::from_json(&json!({
        "request_id": pair.id.to_string(),
        "subject_ref": pair.id.to_string(),
        "action": {"mode": "read", "intent": check.intent.id, "risk": "low"},
        "resource": {
            "target_ref": target.name.as_str(), "criticality": target.criticality.as_str(), "type": target.r#type.as_str(),
        },
        "context": around,
    }))
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
