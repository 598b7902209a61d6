//! What follows a run, from YAML to status, evidence and exit code: confirmations, waivers, reruns of named intents, what stays raised.

mod confirmations;
mod explain;
mod named;
mod observed;
mod other_question;
mod seen;
mod shown;
mod waivers;

use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use serde_json::Value;
use tecrax::api::{ConditionType, FindingStage, ReactionOutcome, TrackedFinding};

const PAIR: &str = "inventory.web";

/// A rig with the inventory Check, more lines of its spec, and one host.
fn rig(more: &str, used: Option<u32>) -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", &format!("{INVENTORY}{more}"));
    rig.write("web.yaml", &host("web", used));
    rig
}

/// The host from now on, and a pass when it is due.
async fn then(rig: &mut Rig, used: Option<u32>) {
    rig.write("web.yaml", &host("web", used));
    rig.again().await;
}

/// Outcome and reason of the pair's reaction.
fn reaction(rig: &Rig, pair: &str) -> (ReactionOutcome, String) {
    let reaction = rig.pair(pair).status.unwrap().reaction;
    (reaction.outcome, reaction.reason)
}

fn escalated(rig: &Rig, pair: &str) -> bool {
    let status = rig.pair(pair).status.unwrap();
    status.conditions.iter().any(|condition| condition.r#type == ConditionType::Escalated)
}

/// The only finding that the pair remembers.
fn only(rig: &Rig, pair: &str) -> TrackedFinding {
    let tracked = rig.pair(pair).tracked;
    assert_eq!(tracked.len(), 1, "{tracked:#?}");
    tracked.into_iter().next().unwrap()
}

fn stages(rig: &Rig, pair: &str) -> Vec<(String, FindingStage)> {
    rig.pair(pair).tracked.iter().map(|tracked| (tracked.key().to_string(), tracked.stage)).collect()
}

/// Bodies of the pair's records of a kind, in order.
fn bodies(rig: &Rig, pair: &str, kind: &str) -> Vec<Value> {
    let rows = log::rows(&rig.state()).into_iter();
    rows.filter(|row| row.pair == format!("default/{pair}") && row.kind == kind).map(|row| row.body).collect()
}
