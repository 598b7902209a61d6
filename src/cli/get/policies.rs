//! `get policies`.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::Failure;
use super::list::{List, Row, object};
use super::{Query, parse};
use crate::api::reason;
use crate::status::WantedPolicy;

/// The Policies that `query` asks for.
pub fn list(context: &Context<'_>, query: &Query<'_>) -> Result<List, Failure> {
    let mut list = List::new("policy", vec!["NAME", "READY", "RULES", "PAIRS"]);
    let Some(db) = context.db()? else { return Ok(list) };
    for row in db.desired("Policy")? {
        let policy: WantedPolicy = parse(&row)?;
        if !query.scope(&row.namespace, &policy.labels) {
            continue;
        }
        list.known.push(row.name.clone());
        if !query.names(&row.name) || (query.args.problems && policy.unusable.is_none()) {
            continue;
        }
        let (status, reason, message) = match &policy.unusable {
            None => ("True", reason::IN_EFFECT, "every rule is in effect".to_owned()),
            Some(why) => ("False", reason::POLICY_UNUSABLE, format!("{why}; what it selects is denied")),
        };
        let ready = if policy.unusable.is_none() { status.to_owned() } else { format!("{status}/{reason}") };
        let cells = vec![row.name.clone(), ready, policy.rules.len().to_string(), policy.pairs.to_string()];
        list.items.push(object(
            "Policy",
            &row,
            &policy.labels,
            &json!({"rules": policy.rules.iter().map(|(name, effect)| json!({"name": name, "effect": effect})).collect::<Vec<_>>()}),
            &json!({
                "conditions": [{"type": "Ready", "status": status, "reason": reason, "message": message}],
                "pairs": policy.pairs,
                "place": policy.place,
            }),
        ));
        let meaning = cells.join(" ");
        list.rows.push(Row { key: format!("{}/{}", row.namespace, row.name), name: row.name, cells, meaning });
    }
    Ok(list)
}
