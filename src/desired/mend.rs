//! A snapshot with errors becomes one in which the last good version stands for each object that has any.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::lost::Lost;
use super::{Desired, Pair};
use crate::api::{Manifest, Namespace, Object, SubdomainName, TargetSetSpec};
use crate::source::{Document, Snapshot};

/// An object whose last good version is in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// `Target` (also an item of a TargetSet), `TargetSet`, `Check` or `Sink`.
    pub kind: &'static str,
    /// Namespace.
    pub namespace: Namespace,
    /// Name.
    pub name: String,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)?;
        if self.namespace.as_str() == crate::api::DEFAULT_NAMESPACE { Ok(()) } else { write!(f, " -n {}", self.namespace) }
    }
}

/// Objects (`Kind/name`) of `held` among those that a pair is about.
pub fn held_of(held: &BTreeSet<Held>, pair: &Pair) -> Vec<String> {
    if held.is_empty() {
        return Vec::new();
    }
    let target = &pair.target;
    let about = [
        Some(("Check", pair.check.name.as_str())),
        Some(("Target", target.name.as_str())),
        target.set.as_ref().map(|set| ("TargetSet", set.as_str())),
    ];
    let about = about.into_iter().flatten().map(|(kind, name)| Held {
        kind,
        namespace: pair.id.namespace.clone(),
        name: name.to_owned(),
    });
    about.filter(|one| held.contains(one)).map(|one| format!("{}/{}", one.kind, one.name)).collect()
}

/// The last good version of a document.
#[derive(Debug)]
pub struct Good {
    /// The document.
    pub document: Document,
    /// Its file, by the name that [`Lost::of`] makes of it.
    pub file: String,
}

/// What to put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// What could not be read at all.
    Unread,
    /// What could be read and has errors.
    Invalid,
}

/// A snapshot that was mended.
#[derive(Debug)]
pub struct Mended {
    /// The snapshot; its problems are those of the original.
    pub snapshot: Snapshot,
    /// Objects of which it has the last good version.
    pub held: BTreeSet<Held>,
}

/// Puts the last good version of each absent object that `lost` may hide into `snapshot`. `first` is what `snapshot` came to, `good` the
/// last good documents; `None` when there is nothing to put in.
///
/// An object is what the user may break by itself: of a TargetSet with a template that holds, only the items that do not.
pub fn mend(snapshot: &Snapshot, first: &Desired, lost: &Lost<'_>, good: &[Good], what: Mend) -> Option<Mended> {
    let written: BTreeMap<_, _> = snapshot.documents.iter().map(|document| (document.identity(), document)).collect();
    let mut held = BTreeSet::new();
    let mut put: Vec<Document> = Vec::new();
    let mut cut: BTreeSet<(Namespace, SubdomainName)> = BTreeSet::new();
    for Good { document, file } in good {
        let (kind, namespace, name) = document.identity();
        let now = written.get(&(kind, namespace, name)).copied();
        let is_written = now.is_some();
        if is_written != (what == Mend::Invalid) || !(is_written || lost.may_hide(kind, name, file)) {
            continue;
        }
        match &document.object {
            Object::Target(manifest) => {
                if first.targets.contains_key(&(namespace.clone(), manifest.metadata.name.clone())) {
                    continue;
                }
                cut.insert((namespace.clone(), manifest.metadata.name.clone()));
            }
            Object::Check(manifest) => {
                if first.checks.contains_key(&(namespace.clone(), manifest.metadata.name.clone())) {
                    continue;
                }
            }
            Object::Sink(manifest) => {
                if first.sinks.contains_key(&(namespace.clone(), manifest.metadata.name.clone())) {
                    continue;
                }
            }
            Object::TargetSet(manifest) => {
                let Some(part) = items(now, first, document, manifest) else { continue };
                if part.written {
                    held.extend(part.names.iter().map(|name| Held {
                        kind: "Target",
                        namespace: namespace.clone(),
                        name: name.to_string(),
                    }));
                } else {
                    held.insert(Held { kind, namespace: namespace.clone(), name: name.to_owned() });
                }
                cut.extend(part.names.into_iter().map(|name| (namespace.clone(), name)));
                put.push(part.document);
                continue;
            }
            Object::Policy(_) => continue,
        }
        held.insert(Held { kind, namespace: namespace.clone(), name: name.to_owned() });
        put.push(document.clone());
    }
    if put.is_empty() {
        return None;
    }
    let mut snapshot = snapshot.clone();
    snapshot.documents.retain_mut(|document| {
        let (kind, namespace, name) = document.identity();
        let replaced = held.contains(&Held { kind, namespace: namespace.clone(), name: name.to_owned() });
        let namespace = namespace.clone();
        if let Object::TargetSet(manifest) = &mut document.object {
            manifest.spec.items.retain(|item| !cut.contains(&(namespace.clone(), item.name.clone())));
        }
        !replaced
    });
    snapshot.documents.append(&mut put);
    Some(Mended { snapshot, held })
}

/// Items of a TargetSet that are held.
struct Part {
    names: BTreeSet<SubdomainName>,
    /// Whether the set stands in the snapshot, so that only some of its items are held.
    written: bool,
    /// The set with these items alone.
    document: Document,
}

/// Items of `manifest`, the last good version of a set that now stands there as `now`.
fn items(now: Option<&Document>, first: &Desired, document: &Document, manifest: &Manifest<TargetSetSpec>) -> Option<Part> {
    let (_, namespace, _) = document.identity();
    let now: Option<BTreeSet<&SubdomainName>> = now.and_then(|now| match &now.object {
        Object::TargetSet(manifest) => Some(manifest.spec.items.iter().map(|item| &item.name).collect()),
        _ => None,
    });
    let names: BTreeSet<SubdomainName> = manifest
        .spec
        .items
        .iter()
        .map(|item| &item.name)
        .filter(|item| !first.targets.contains_key(&(namespace.clone(), (*item).clone())))
        // What a set that can be read does not list any more is not wanted any more.
        .filter(|item| now.as_ref().is_none_or(|now| now.contains(item)))
        .cloned()
        .collect();
    if names.is_empty() {
        return None;
    }
    let mut manifest = manifest.clone();
    manifest.spec.items.retain(|item| names.contains(&item.name));
    let object = Object::TargetSet(Box::new(manifest));
    let document = Document { spec: object.spec_digest(), object, origin: document.origin.clone() };
    Some(Part { names, written: now.is_some(), document })
}
