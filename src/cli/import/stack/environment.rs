//! An environment of the Python stack, as far as an import needs it.

use serde_json::{Map, Value};

use super::super::super::catalog::scalar;
use super::super::item::place;
use crate::api::Place;
use crate::source::{Located, LocatedValue};

/// An environment: its file and what stands below `environment`.
#[derive(Debug, Clone)]
pub(super) struct Environment {
    pub file: String,
    pub id: String,
    /// What the label `environment` of its Targets says: different for different environments.
    pub label: String,
    pub root: Located,
}

/// A value of a mapping that is text, and where it stands.
pub(super) fn text<'l>(map: &'l Located, key: &str) -> Option<(String, &'l Located)> {
    let at = map.get(key)?;
    let text = scalar(at)?.trim().to_owned();
    (!text.is_empty()).then_some((text, at))
}

impl Environment {
    /// Of a document that was checked when it was read.
    pub(super) fn of(file: &str, document: &Located) -> Option<Self> {
        let root = document.get("environment")?.clone();
        Some(Self { file: file.to_owned(), id: text(&root, "id")?.0, label: String::new(), root })
    }

    /// Where something stands.
    pub(super) fn place(&self, at: &Located) -> Place {
        place(&self.file, at)
    }

    /// Targets as written.
    pub(super) fn targets(&self) -> &[(String, Located)] {
        self.root.get("targets").and_then(Located::map).unwrap_or_default()
    }

    /// Targets as plain values.
    pub(super) fn targets_json(&self) -> Map<String, Value> {
        self.targets().iter().map(|(name, target)| (name.clone(), target.json())).collect()
    }

    /// Connectors that are on.
    pub(super) fn connectors(&self) -> impl Iterator<Item = (&str, &Located)> {
        let off = |connector: &Located| {
            connector.get("enabled").is_some_and(|on| matches!(on.value, LocatedValue::Bool(false) | LocatedValue::Null))
        };
        let all = self.root.get("connectors").and_then(Located::map).unwrap_or_default();
        all.iter().filter(move |(_, connector)| !off(connector)).map(|(name, connector)| (name.as_str(), connector))
    }

    /// Groups that a target is in, sorted.
    pub(super) fn groups(&self, target: &str) -> Vec<&str> {
        let member = |group: &Located| {
            let members = group.get("members").and_then(Located::list).unwrap_or_default();
            is_group(group) && members.iter().any(|one| scalar(one).as_deref() == Some(target))
        };
        let mut groups: Vec<&str> =
            self.targets().iter().filter(|(_, group)| member(group)).map(|(name, _)| name.as_str()).collect();
        groups.sort_unstable();
        groups
    }
}

/// Whether a target of an environment is a group.
pub(super) fn is_group(target: &Located) -> bool {
    target.get("type").and_then(scalar).as_deref() == Some("group")
}
