//! Which requests the Checks of manifests may send, each once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{address, request};
use crate::api::{LabelName, LabelSelector};
use crate::desired::{Desired, DesiredTarget, rerun};
use crate::plan::{ReadStep, propose};
use crate::profile::{Intent, Profile, Shape};
use crate::reaction::{Packs, reached};

/// One request to one target.
pub struct Send {
    pub target: Arc<DesiredTarget>,
    pub connection: LabelName,
    pub kind: &'static str,
    pub address: String,
    pub via: Vec<String>,
    pub shape: Arc<Shape>,
    pub sent: request::Sent,
    pub checks: BTreeSet<String>,
}

/// Identity of a send: namespace, target, connection, connector, shape, parameters. Sorts the output.
type Key = (String, String, String, String, String, BTreeMap<LabelName, String>);

/// Which targets are wanted.
pub struct Scope<'a> {
    pub names: &'a [String],
    pub selector: Option<&'a LabelSelector>,
    pub namespace: Option<&'a str>,
}

impl Scope<'_> {
    fn holds(&self, target: &DesiredTarget) -> bool {
        (self.names.is_empty() || self.names.iter().any(|name| name == target.name.as_str()))
            && self.namespace.is_none_or(|namespace| namespace == target.namespace.as_str())
            && self.selector.is_none_or(|selector| selector.matches(&target.labels))
    }
}

/// Every request that some pair in scope may send, sorted: for its own intent, and for those that the packs may have asked again after
/// a run. Suspended pairs count: they may be resumed.
pub fn all(desired: &Desired, profile: &Profile, packs: &Packs, scope: &Scope<'_>) -> Vec<Send> {
    let mut sends: BTreeMap<Key, Send> = BTreeMap::new();
    let mut asked: BTreeMap<&str, Vec<&Arc<Intent>>> = BTreeMap::new();
    for pair in desired.pairs.iter().filter(|pair| scope.holds(&pair.target)) {
        let asked = asked.entry(&pair.check.intent.id).or_insert_with_key(|intent| {
            let reached = reached(intent, &|intent| packs.for_intent(intent).map(Arc::as_ref));
            reached.iter().filter_map(|intent| profile.intents.get(intent)).collect()
        });
        // What the Target can not answer is not asked of it.
        for pair in asked.iter().filter_map(|intent| rerun(pair, intent).ok()) {
            for step in propose(&pair).steps() {
                let check = pair.id.check.as_str();
                add(&mut sends, &pair.target, step, check);
                // Shapes with several forms are preceded by the one that reads the server's version.
                let version = step.shape.http().and_then(|http| http.version_from.as_deref());
                if let Some(shape) = version.and_then(|name| named(profile, name)) {
                    let step = ReadStep { shape, parameters: BTreeMap::new(), ..step.clone() };
                    add(&mut sends, &pair.target, &step, check);
                }
            }
        }
    }
    sends.into_values().collect()
}

fn named(profile: &Profile, name: &str) -> Option<Arc<Shape>> {
    let (connector, action) = name.split_once('.')?;
    profile.connectors.get(connector)?.shapes.get(action).cloned()
}

fn add(sends: &mut BTreeMap<Key, Send>, target: &Arc<DesiredTarget>, step: &ReadStep, check: &str) {
    // A role that the Target does not declare is never asked.
    let Some(connection) = target.connections.get(&step.connection) else { return };
    let key = (
        target.namespace.to_string(),
        target.name.to_string(),
        step.connection.to_string(),
        step.shape.connector.clone(),
        step.shape.action.clone(),
        step.parameters.clone(),
    );
    let send = sends.entry(key).or_insert_with(|| Send {
        target: Arc::clone(target),
        connection: step.connection.clone(),
        kind: connection.config.kind(),
        address: address::of(&connection.config),
        via: address::via(&connection.config),
        shape: Arc::clone(&step.shape),
        sent: request::of(&step.shape, &connection.config, target, &step.parameters),
        checks: BTreeSet::new(),
    });
    send.checks.insert(check.to_owned());
}
