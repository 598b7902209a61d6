//! Policies that are there and can not be used: what they would have judged must not slip through.

use crate::api::{LabelSelector, Manifest, Namespace, Place, PolicySpec, did_you_mean, reason};

use super::finding::{Finding, word};
use super::header::Kind;
use super::tree::Node;
use super::typed;

/// A document that says it is a Policy and is no valid one, with what can be read of whom it judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostPolicy {
    /// Its namespace; `None` when that can not be told.
    pub namespace: Option<Namespace>,
    /// Its name, when there is one.
    pub name: Option<String>,
    /// Targets it covers; `None`: all.
    pub target_selector: Option<LabelSelector>,
    /// Checks it covers; `None`: all.
    pub check_selector: Option<LabelSelector>,
    /// Where it stands.
    pub place: Place,
}

impl LostPolicy {
    /// Reads what can be read. `doubt`: something stands twice or is an alias, so that nothing in it has one meaning.
    pub(super) fn read(root: &Node<'_>, place: Place, doubt: bool) -> Self {
        let metadata = root.get("metadata");
        let name = metadata.and_then(|metadata| metadata.get("name")).and_then(Node::text).filter(|name| !name.is_empty());
        let name = name.map(word);
        if doubt {
            return Self { namespace: None, name, target_selector: None, check_selector: None, place };
        }
        let namespace = metadata.and_then(|metadata| match metadata.get("namespace") {
            None => Some(Namespace::default()),
            Some(namespace) => typed::read(namespace).ok(),
        });
        let selector = |field| root.get("spec").and_then(|spec| spec.get(field)).and_then(|node| typed::read(node).ok());
        let (target_selector, check_selector) = (selector("targetSelector"), selector("checkSelector"));
        Self { namespace, name, target_selector, check_selector, place }
    }

    /// A second Policy of one name: the first stays, and what this one would have judged is not to slip through.
    pub(super) fn second(manifest: &Manifest<PolicySpec>, place: Place) -> Self {
        Self {
            namespace: Some(manifest.metadata.namespace.clone()),
            name: Some(manifest.metadata.name.to_string()),
            target_selector: Some(manifest.spec.target_selector.clone()),
            check_selector: Some(manifest.spec.check_selector.clone()),
            place,
        }
    }

    /// Whether a document without a readable header was meant to be a Policy of ours.
    pub(super) fn is_meant(root: &Node<'_>, finding: &Finding) -> bool {
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        let policy = Kind::Policy.as_str();
        let near = || did_you_mean(kind, Kind::ALL.map(Kind::as_str)) == Some(policy);
        match finding.reason {
            reason::UNKNOWN_KIND => kind == policy || near(),
            _ => kind == policy,
        }
    }
}
