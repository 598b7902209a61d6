//! One Check for every intent that applies to some target.

use std::collections::BTreeMap;

use super::super::super::catalog::{self, Operation, applicability};
use super::super::document::{Document, manifest};
use super::super::item::{Kind, Report, origin};
use super::super::names::Names;
use super::targets::{Made, Targets};
use crate::api::{CheckSpec, Connection, Duration, LabelName, LabelSelector, Labels, LocalRef, Object, Parameter, TargetType};
use crate::profile::{Auth, Connector, Intent, Profile};

/// The value of a label that makes a Check look at a Target.
const WANTED: &str = "wanted";
/// Longest time-out of a Check, in seconds.
const MAX_TIMEOUT: u64 = 600;

/// Makes the Checks; those of several targets find them by a label, which the targets get here.
pub(super) fn build(targets: &mut Targets, profile: &Profile, report: &mut Report) -> Vec<Document> {
    let mut names = Names::default();
    let mut documents = Vec::new();
    for operation in catalog::operations(profile) {
        let Some(intent) = profile.intents.get(&operation.id) else { continue };
        let asked: Vec<usize> = asked(targets, &operation, intent, profile, report);
        if asked.is_empty() {
            continue;
        }
        let Some(given) = names.label(&operation.id, "check") else { continue };
        let label = format!("check/{}", given.name);
        if asked.len() > 1 {
            for index in &asked {
                if let Some(made) = targets.list.get_mut(*index) {
                    made.labels.insert(label.clone(), WANTED.to_owned());
                }
            }
        }
        let of: Vec<&Made> = asked.iter().filter_map(|index| targets.list.get(*index)).collect();
        let spec = spec(intent, &of, &label, report);
        let words = format!("{}: {}.", operation.title, describe(&of));
        let manifest = manifest("Check", given.name, Labels::new(), spec);
        documents.push(Document { comments: vec![words], object: Object::Check(Box::new(manifest)) });
    }
    documents
}

fn describe(of: &[&Made]) -> String {
    match of {
        [only] => format!("applies to the target at {}", origin(&only.thing.place)),
        many => format!("applies to {} targets, which have the label of the selector", many.len()),
    }
}

/// Positions of the targets that an operation applies to and whose connections let it be asked.
fn asked(targets: &Targets, operation: &Operation, intent: &Intent, profile: &Profile, report: &mut Report) -> Vec<usize> {
    let mut found = Vec::new();
    for (index, made) in targets.list.iter().enumerate() {
        let listed = match &made.thing.entry {
            Some(entry) => applicability(operation, entry).applies(),
            None => operation.target_kinds.contains(&made.spec.r#type.profile_word().to_owned()),
        };
        if !listed {
            continue;
        }
        let lacking = lacking(operation, &made.spec.connections, made.spec.r#type, intent, profile);
        if lacking.is_empty() {
            found.push(index);
        } else if made.thing.entry.is_some() {
            let object = format!("target {}", report.word(&made.thing.id));
            let message = format!("intent {} is not checked: it lacks connection {}", operation.id, lacking.join(", "));
            report.add(Kind::LeftOut, &made.thing.place, &object, message);
        }
    }
    found
}

/// Roles that an operation needs and a target has no connection for, or none with the token that it needs.
fn lacking(
    operation: &Operation,
    connections: &[Connection],
    kind: TargetType,
    intent: &Intent,
    profile: &Profile,
) -> Vec<String> {
    if !intent.target_types.contains(&kind) {
        return vec![format!("of a {}", kind.as_str())];
    }
    let usable = |connector: &Connector| {
        let found = connections.iter().find(|connection| connection.name == connector.role.name);
        found.is_some_and(|connection| {
            let token = connection.http.as_ref().is_none_or(|http| http.auth.is_some());
            token
                || !connector
                    .shapes
                    .values()
                    .any(|shape| shape.http().is_some_and(|http| matches!(http.auth, Auth::Required { .. })))
        })
    };
    let needed = operation.required_connectors.iter().filter_map(|name| profile.connectors.get(name));
    let mut lacking: Vec<String> =
        needed.filter(|connector| !usable(connector)).map(|connector| format!("`{}`", connector.role.name)).collect();
    lacking.sort();
    lacking.dedup();
    lacking
}

fn spec(intent: &Intent, of: &[&Made], label: &str, report: &mut Report) -> CheckSpec {
    let (target_ref, target_selector) = match of {
        [only] => (Some(LocalRef { name: only.name.clone() }), None),
        _ => {
            let match_labels = Labels::from([(label.to_owned(), WANTED.to_owned())]);
            (None, Some(LabelSelector { match_labels, ..LabelSelector::default() }))
        }
    };
    let used = |connector: &&super::connector::Converted| {
        connector.connections.iter().any(|connection| intent.roles.iter().any(|role| role.role == connection.name))
    };
    let mut parameters: BTreeMap<&'static str, String> = BTreeMap::new();
    let mut timeout = None;
    for made in of {
        for connector in made.connectors.iter().filter(used) {
            timeout = timeout.max(connector.timeout);
            for (name, value) in &connector.parameters {
                let declared = intent.parameters.iter().any(|parameter| parameter.name.as_str() == *name);
                if !declared {
                    continue;
                }
                let known = parameters.entry(name).or_insert_with(|| value.clone());
                if known != value {
                    let object = format!("target {}", report.word(&made.thing.id));
                    let message = format!("parameter {name} of intent {} is {}", intent.id, report.word(known));
                    let help = "a Check asks all of its targets the same: make one of its own for this target";
                    report.advise(Kind::Changed, &made.thing.place, &object, message, help);
                }
            }
        }
    }
    let parameter = |(name, value): (&str, String)| Some(Parameter { name: LabelName::parse(name).ok()?, value });
    let default = CheckSpec::DEFAULT_TIMEOUT;
    let timeout = timeout.map(|seconds: u64| Duration::from_secs(seconds.min(MAX_TIMEOUT))).filter(|timeout| *timeout > default);
    CheckSpec {
        intent: intent.id.clone(),
        parameters: parameters.into_iter().filter_map(parameter).collect(),
        target_ref,
        target_selector,
        interval: None,
        schedule: None,
        timeout,
        fresh_for: None,
        retry: None,
        expect: Vec::new(),
        accept: Vec::new(),
        confirmations: None,
        escalation: None,
        suspend: false,
    }
}
