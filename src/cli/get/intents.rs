//! `get intents`.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::Failure;
use super::Query;
use super::list::{List, Row};
use crate::profile::WorkflowStep;

/// The intents that `query` asks for: those of the profile, whatever the manifests use.
pub fn list(context: &Context<'_>, query: &Query<'_>) -> Result<List, Failure> {
    let profile = context.profile()?;
    let mut list = List::new("intent", vec!["NAME", "FACTS", "READINGS", "TITLE"]);
    for intent in profile.intents.values() {
        list.known.push(intent.id.clone());
        if !query.names(&intent.id) {
            continue;
        }
        let readings = intent.workflow.steps.iter().filter(|step| matches!(step, WorkflowStep::Read { .. })).count();
        let cells = vec![intent.id.clone(), intent.contract.to_string(), readings.to_string(), intent.title.clone()];
        list.items.push(json!({
            "kind": "Intent",
            "metadata": {"name": intent.id},
            "spec": {
                "title": intent.title,
                "summary": intent.summary,
                "factsContract": intent.contract.to_string(),
                "digest": intent.digest,
            },
        }));
        let meaning = intent.digest.to_string();
        list.rows.push(Row { key: intent.id.clone(), name: intent.id.clone(), cells, meaning });
    }
    Ok(list)
}
