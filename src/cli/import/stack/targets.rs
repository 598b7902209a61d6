//! Targets of a catalog and of environments.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::super::super::catalog::{CatalogTarget, Sources, scalar};
use super::super::document::{Document, manifest};
use super::super::host::ORIGIN as LABEL;
use super::super::item::{Kind, Report, origin, place};
use super::super::names::{Names, label_value};
use super::connector::{Converted, convert};
use super::environment::{Environment, is_group, text};
use super::secret::Secrets;
use super::{Input, ORIGIN, shown};
use crate::admission::policy::criticality;
use crate::api::{Connection, Criticality, Labels, Object, Place, SubdomainName, TargetSpec, TargetType};
use crate::profile::Profile;

/// The label that says which environment a Target comes from.
pub(super) const ENVIRONMENT: &str = "environment";
/// Most labels of one Target that its classification and its groups make.
const MAX_LABELS: usize = 40;

/// Something that becomes a Target.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub id: String,
    pub place: Place,
    pub kind: String,
    /// Position in [`Input::environments`].
    pub environment: usize,
    /// Its name there.
    pub name: String,
    /// Its entry in a catalog.
    pub entry: Option<CatalogTarget>,
}

/// A Target that was made.
#[derive(Debug)]
pub(super) struct Made {
    pub thing: Thing,
    pub name: SubdomainName,
    pub labels: Labels,
    pub spec: TargetSpec,
    /// Connectors that became connections.
    pub connectors: Vec<Converted>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Targets {
    pub list: Vec<Made>,
}

/// Adds the targets of a catalog.
pub(super) fn of_catalog(sources: &Sources, path: &Path, input: &mut Input) {
    let file = shown(path);
    for (target, entry) in sources.catalog.targets.iter().zip(&sources.entries) {
        let reference = text(entry, "environment_ref").map(|(reference, _)| reference).unwrap_or_default();
        let Some((_, document)) = sources.environments.get(&reference) else { continue };
        // As the user would name it: what is written must not depend on where a clone of the repository lies.
        let environment_file = path.parent().map_or_else(|| reference.clone(), |folder| shown(&folder.join(&reference)));
        let known = input.environments.iter().position(|known| known.file == environment_file);
        let environment = match known {
            Some(index) => index,
            None => match Environment::of(&environment_file, document) {
                Some(environment) => input.add(environment),
                None => continue,
            },
        };
        input.things.push(Thing {
            id: target.id.clone(),
            place: place(&file, entry),
            kind: target.target_kind.clone(),
            environment,
            name: target.environment_target.clone(),
            entry: Some(target.clone()),
        });
    }
}

/// Adds the targets of an environment that no catalog names.
pub(super) fn of_environment(environment: Environment, input: &mut Input, report: &mut Report) {
    let index = match input.environments.iter().position(|known| known.id == environment.id) {
        Some(index) => index,
        None => input.add(environment.clone()),
    };
    let known: BTreeSet<String> =
        input.things.iter().filter(|thing| thing.environment == index).map(|thing| thing.name.clone()).collect();
    let mut new: Vec<(String, Place, String)> = Vec::new();
    for (name, target) in environment.targets() {
        let place = environment.place(target);
        if !is_group(target) {
            let kind = target.get("type").and_then(scalar).unwrap_or_else(|| "host".to_owned());
            new.push((name.clone(), place, kind));
            continue;
        }
        let object = format!("group {}", report.word(name));
        report.add(Kind::Note, &place, &object, "is a label of its members: tecrax looks at every target by itself");
        for member in target.get("members").and_then(crate::source::Located::list).unwrap_or_default() {
            let Some(member_name) = scalar(member) else { continue };
            if !environment.targets().iter().any(|(known, _)| *known == member_name) {
                new.push((member_name, environment.place(member), "host".to_owned()));
            }
        }
    }
    let mut seen = known;
    for (name, place, kind) in new {
        if seen.insert(name.clone()) {
            input.things.push(Thing { id: name.clone(), place, kind, environment: index, name, entry: None });
        }
    }
}

/// Makes the Targets.
pub(super) fn build(input: &Input, home: Option<&str>, profile: &Profile, report: &mut Report) -> Targets {
    let mut secrets = Secrets::default();
    let converted: Vec<Vec<Converted>> =
        input.environments.iter().map(|environment| convert(environment, home, &mut secrets, report)).collect();
    for (index, environment) in input.environments.iter().enumerate() {
        let sharing = input.things.iter().filter(|thing| thing.environment == index).count();
        if sharing > 1 {
            let object = format!("environment {}", report.word(&environment.id));
            let message =
                format!("its {sharing} targets share one connector of each kind: each becomes a Target with the same addresses");
            let help = "give each Target the address of its own";
            report.advise(Kind::Changed, &environment.place(&environment.root), &object, message, help);
        }
    }
    let mut names = Names::default();
    let mut targets = Targets::default();
    for thing in &input.things {
        let Some(environment) = input.environments.get(thing.environment) else { continue };
        let object = format!("target {}", report.word(&thing.id));
        let Some(kind) = kind(&thing.kind) else {
            let message = format!("kind {} has no counterpart", report.word(&thing.kind));
            report.advise(Kind::LeftOut, &thing.place, &object, message, "a Target is a Host or a NetworkDevice");
            continue;
        };
        let Some(given) = names.subdomain(&thing.id, "target") else { continue };
        if given.name.as_str() != thing.id {
            report.add(Kind::Changed, &thing.place, &object, format!("is named `{}`", given.name));
        }
        let mine =
            |connector: &&Converted| thing.entry.as_ref().is_none_or(|entry| entry.connector_refs.contains(&connector.name));
        let available: Vec<Converted> = converted.get(thing.environment).into_iter().flatten().filter(mine).cloned().collect();
        let connections = connections(kind, &available, profile, &thing.place, &object, report);
        let spec = TargetSpec {
            r#type: kind,
            criticality: level(environment, thing, &object, report),
            depends_on: Vec::new(),
            suspend: false,
            connections,
        };
        targets.list.push(Made {
            thing: thing.clone(),
            name: given.name,
            labels: labels(environment, thing, &object, report),
            spec,
            connectors: available,
        });
    }
    targets
}

fn kind(word: &str) -> Option<TargetType> {
    [TargetType::Host, TargetType::NetworkDevice].into_iter().find(|kind| kind.profile_word() == word)
}

/// One connection a role. Of two connectors for one role the one with a token stays: it can do what the other does.
fn connections(
    kind: TargetType,
    available: &[Converted],
    profile: &Profile,
    place: &Place,
    object: &str,
    report: &mut Report,
) -> Vec<Connection> {
    let used = |connection: &Connection| {
        profile
            .intents
            .values()
            .any(|intent| intent.target_types.contains(&kind) && intent.roles.iter().any(|role| role.role == connection.name))
    };
    let mut connections: Vec<Connection> = Vec::new();
    for connection in available.iter().flat_map(|connector| &connector.connections).filter(|connection| used(connection)) {
        let address =
            |connection: &Connection| connection.http.as_ref().map(|http| (http.base_url.clone(), http.base_url_from.clone()));
        match connections.iter_mut().find(|known| known.name == connection.name) {
            None => connections.push(connection.clone()),
            Some(known) => {
                if address(known) != address(connection) {
                    let message = format!("two connectors lead to different addresses, and role `{}` has one", known.name);
                    report.advise(Kind::Changed, place, object, message, "make a Target of its own for the other address");
                }
                if connection.http.as_ref().is_some_and(|http| http.auth.is_some()) {
                    *known = connection.clone();
                }
            }
        }
    }
    connections
}

fn level(environment: &Environment, thing: &Thing, object: &str, report: &mut Report) -> Criticality {
    let word = criticality(&environment.targets_json(), &thing.name);
    let all = [Criticality::Low, Criticality::Medium, Criticality::High, Criticality::Critical];
    all.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(&word)).unwrap_or_else(|| {
        let message = format!("criticality {} is none here: Medium is written", report.word(&word));
        report.add(Kind::Changed, &thing.place, object, message);
        Criticality::Medium
    })
}

fn labels(environment: &Environment, thing: &Thing, object: &str, report: &mut Report) -> Labels {
    let mut labels = Labels::new();
    labels.insert(LABEL.to_owned(), ORIGIN.to_owned());
    labels.insert(ENVIRONMENT.to_owned(), environment.label.clone());
    let mut wanted: Vec<(String, String)> = Vec::new();
    for (key, value) in thing.entry.iter().flat_map(|entry| &entry.classification) {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // The Target has a field of its own for it.
        if key != "criticality" {
            wanted.push((key.clone(), value));
        }
    }
    wanted.extend(environment.groups(&thing.name).into_iter().map(|group| (format!("group/{group}"), "member".to_owned())));
    for (key, value) in wanted {
        let (prefix, name) = key.strip_prefix("group/").map_or(("", key.as_str()), |group| ("group/", group));
        let (written, text) = (format!("{prefix}{}", label_value(name)), label_value(&value));
        // Together, because a name like `pwd` makes a secret of the value that stands under it.
        let clean = report.plain(&format!("{key}: {value}")).is_some() && !crate::api::secret_text::names_access(&key);
        if !clean || written.ends_with('/') || written.is_empty() || labels.len() >= MAX_LABELS || labels.contains_key(&written) {
            let message = format!("label {} can not be written", report.word(&key));
            report.add(Kind::NotCarried, &thing.place, object, message);
            continue;
        }
        if written != key || text != value {
            report.add(Kind::Changed, &thing.place, object, format!("the label is written as `{written}: {text}`"));
        }
        labels.insert(written, text);
    }
    labels
}

impl Targets {
    /// As manifests.
    pub(super) fn documents(&self) -> Vec<Document> {
        let document = |made: &Made| Document {
            comments: vec![format!("From {}.", origin(&made.thing.place))],
            object: Object::Target(Box::new(manifest("Target", made.name.clone(), made.labels.clone(), made.spec.clone()))),
        };
        self.list.iter().map(document).collect()
    }
}
