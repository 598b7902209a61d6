//! A Target before its references are resolved, and the place where all of them meet.

use std::collections::BTreeMap;

use super::connection::{self, Context, DraftConnection};
use super::model::ConnectionConfig;
use super::report::{Report, Scope};
use super::union::unique;
use crate::api::{Criticality, Digest, LabelName, Labels, Namespace, Place, SubdomainName, TargetSpec, TargetType, reason};

/// Namespace and name of a Target.
pub(super) type Key = (Namespace, SubdomainName);

/// A Target, or an expanded item, before its references are resolved.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) namespace: Namespace,
    pub(super) name: SubdomainName,
    pub(super) labels: Labels,
    pub(super) body: Body,
    pub(super) suspend: bool,
    pub(super) set: Option<SubdomainName>,
    pub(super) scope: Scope<'a>,
    pub(super) place: Place,
    /// Digest of its spec as written, the item's fields filled in.
    pub(super) written: Digest,
    /// Whether nothing is wrong with it so far.
    pub(super) valid: bool,
}

/// The part that all items of a TargetSet share.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) r#type: TargetType,
    pub(super) criticality: Criticality,
    pub(super) depends_on: Vec<SubdomainName>,
    pub(super) connections: BTreeMap<LabelName, DraftConnection>,
    pub(super) not_in_effect: Vec<String>,
}

impl Draft<'_> {
    /// Whether another Target may hop through it: a Host with an SSH `os` connection.
    pub(super) fn hop(&self) -> Option<&DraftConnection> {
        let os = self.body.connections.iter().find(|(name, _)| name.as_str() == connection::OS_ROLE).map(|(_, os)| os)?;
        let ssh = matches!(os.config, ConnectionConfig::Ssh(_));
        (self.body.r#type == TargetType::Host && ssh).then_some(os)
    }
}

/// Reads a spec. `filled`: TargetSet items fill in the host of the `os` connection.
pub(super) fn body(report: &mut Report, scope: &Scope<'_>, context: &Context<'_>, spec: &TargetSpec, filled: bool) -> Body {
    let mut sentences = Vec::new();
    let names = spec.connections.iter().map(|connection| connection.name.as_str());
    unique(report, scope, "connections", "name", names);
    unique(report, scope, "dependsOn", "name", spec.depends_on.iter().map(|parent| parent.name.as_str()));
    let mut connections = BTreeMap::new();
    for (index, written) in spec.connections.iter().enumerate() {
        let filled = filled && connection::filled_by_items(written);
        if let Some(draft) = connection::read(report, scope, context, index, written, filled, &mut sentences) {
            connections.entry(written.name.clone()).or_insert(draft);
        }
    }
    Body {
        r#type: spec.r#type,
        criticality: spec.criticality,
        depends_on: spec.depends_on.iter().map(|parent| parent.name.clone()).collect(),
        connections,
        not_in_effect: sentences,
    }
}

/// All drafts, by name. The first of a name stays; a later one is an error that names both places.
#[derive(Debug, Default)]
pub(super) struct Drafts<'a> {
    pub(super) list: Vec<Draft<'a>>,
    pub(super) by_key: BTreeMap<Key, usize>,
}

impl<'a> Drafts<'a> {
    /// Adds a draft; `path` is the place of its name, absolute in its document.
    pub(super) fn add(&mut self, report: &mut Report, draft: Draft<'a>, path: &str) {
        let key = (draft.namespace.clone(), draft.name.clone());
        if let Some(first) = self.by_key.get(&key).and_then(|index| self.list.get(*index)) {
            let what = first.set.as_ref().map_or_else(|| "a Target".to_owned(), |set| format!("an item of TargetSet/{set}"));
            let message =
                format!("a second Target is named `{}`: {what} of that name is declared at {}", draft.name, first.place);
            let root = Scope { base: "", ..draft.scope.clone() };
            report.error_with_help(
                &root,
                path,
                reason::DUPLICATE_OBJECT,
                message,
                "rename or remove one; the first stays in force",
            );
            return;
        }
        self.by_key.insert(key, self.list.len());
        self.list.push(draft);
    }

    /// The draft of a name.
    pub(super) fn get(&self, namespace: &Namespace, name: &SubdomainName) -> Option<usize> {
        self.by_key.get(&(namespace.clone(), name.clone())).copied()
    }
}
