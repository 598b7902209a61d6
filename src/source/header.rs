//! What a document is, told by `apiVersion` and `kind` alone.

use crate::api::{API_VERSION, GROUP, did_you_mean, reason};

use super::finding::{Finding, word};
use super::tree::{Node, Value};

/// A kind that a user writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Target,
    TargetSet,
    Check,
    Policy,
    Sink,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Target, Self::TargetSet, Self::Check, Self::Policy, Self::Sink];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Target => "Target",
            Self::TargetSet => "TargetSet",
            Self::Check => "Check",
            Self::Policy => "Policy",
            Self::Sink => "Sink",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The kinds that tecrax writes and never reads from a manifest.
const WRITTEN: [&str; 2] = ["Observation", "Escalation"];

/// What a document is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// A kind that a user writes.
    Ours(Kind),
    /// Documents packed in `items`.
    List,
    /// A kind that tecrax writes.
    Written(&'static str),
    /// A document of another API group.
    Foreign,
}

impl Header {
    /// Reads the header of a document's root.
    pub fn read(root: &Node<'_>) -> Result<Self, Finding> {
        if !matches!(root.value, Value::Map(_)) {
            let what = if matches!(root.value, Value::List(_)) { "list" } else { "single value" };
            return Err(Finding::new(reason::NOT_A_MANIFEST, root.start, format!("expected a manifest, found a {what}")).help(
                "a document is a map with apiVersion, kind, metadata and spec; to hold several in one document use \
                 `kind: List` with `items`",
            ));
        }
        let version = field(root, "apiVersion")?;
        let kind = field(root, "kind")?;
        let (version_text, kind_text) = (version.text().unwrap_or_default(), kind.text().unwrap_or_default());
        let group = version_text.split_once('/').map_or("", |(group, _)| group);
        if version_text == API_VERSION {
            return ours(kind_text).ok_or_else(|| unknown_kind(kind, kind_text));
        }
        if version_text == "v1" && kind_text == "List" {
            return Ok(Self::List);
        }
        let near =
            || ours(kind_text).is_some() && did_you_mean(version_text, [API_VERSION]).or(did_you_mean(group, [GROUP])).is_some();
        if group == GROUP || version_text == GROUP || near() {
            let message = format!("unknown apiVersion `{}` of kind {}", word(version_text), word(kind_text));
            return Err(Finding::new(reason::UNKNOWN_KIND, version.start, message).help(format!("write `{API_VERSION}`")));
        }
        Ok(Self::Foreign)
    }
}

fn ours(kind: &str) -> Option<Header> {
    if let Some(kind) = Kind::parse(kind) {
        return Some(Header::Ours(kind));
    }
    if let Some(kind) = WRITTEN.into_iter().find(|written| *written == kind) {
        return Some(Header::Written(kind));
    }
    let item = kind.strip_suffix("List")?;
    (item.is_empty() || Kind::parse(item).is_some() || WRITTEN.contains(&item)).then_some(Header::List)
}

fn unknown_kind(node: &Node<'_>, kind: &str) -> Finding {
    let known = Kind::ALL.map(Kind::as_str);
    let help = match did_you_mean(kind, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are {}", known.join(", ")),
    };
    Finding::new(reason::UNKNOWN_KIND, node.start, format!("unknown kind `{}` of {API_VERSION}", word(kind))).help(help)
}

fn field<'n, 't>(root: &'n Node<'t>, name: &str) -> Result<&'n Node<'t>, Finding> {
    let Some((key, value)) = root.pair(name) else {
        let finding = Finding::new(reason::NOT_A_MANIFEST, root.start, format!("not a manifest: there is no `{name}`"));
        let keys = root.pairs().iter().filter_map(|(key, _)| key.text());
        let near = keys.filter(|key| did_you_mean(key, [name]).is_some()).min_by_key(|key| key.len());
        let help = near.map_or_else(
            || format!("start the document with `apiVersion: {API_VERSION}` and `kind:`, or move the file away"),
            |near| format!("write `{name}` instead of `{}`", word(near)),
        );
        return Err(finding.help(help));
    };
    match value.text() {
        Some(text) if !text.is_empty() => Ok(value),
        _ => Err(Finding::new(reason::NOT_A_MANIFEST, key.start, format!("not a manifest: `{name}` is not a word"))
            .help(format!("start the document with `apiVersion: {API_VERSION}` and `kind:`"))),
    }
}
