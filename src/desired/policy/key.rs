//! The closed list of what a condition may look at.

use std::fmt;

use crate::api::{LabelName, Namespace, SubdomainName, labels};
use crate::profile::Profile;

/// Prefix of the keys that look at a label of the Target.
const RESOURCE_LABELS: &str = "resource.labels.";
/// Prefix of the keys that look at a label of the Check.
const CHECK_LABELS: &str = "check.labels.";

/// What a condition looks at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `action.mode`: `read`, always.
    Mode,
    /// `action.category`: `operation` for the run as a whole, `connector` for each of its readings.
    Category,
    /// `action.intent`: the intent.
    Intent,
    /// `action.risk`: `low`, always.
    Risk,
    /// `action.connector`: the connector of the profile that the reading belongs to.
    Connector,
    /// `action.backend`: the kind of the connection that the reading is taken on.
    Backend,
    /// `action.name`: the shape of the reading.
    Name,
    /// `resource.target_ref`: name of the Target.
    TargetRef,
    /// `resource.criticality`: criticality of the Target.
    Criticality,
    /// `resource.type`: type of the Target.
    Type,
    /// `resource.labels.X`: label X of the Target.
    ResourceLabel(String),
    /// `check.name`: name of the Check.
    CheckName,
    /// `check.labels.X`: label X of the Check.
    CheckLabel(String),
    /// `context.profile`: name of the profile.
    Profile,
    /// `context.environment`: namespace of the pair.
    Environment,
}

/// The keys that stand for themselves.
const FIXED: [(&str, Key); 13] = [
    ("action.mode", Key::Mode),
    ("action.category", Key::Category),
    ("action.intent", Key::Intent),
    ("action.risk", Key::Risk),
    ("action.connector", Key::Connector),
    ("action.backend", Key::Backend),
    ("action.name", Key::Name),
    ("resource.target_ref", Key::TargetRef),
    ("resource.criticality", Key::Criticality),
    ("resource.type", Key::Type),
    ("check.name", Key::CheckName),
    ("context.profile", Key::Profile),
    ("context.environment", Key::Environment),
];

/// What the values of a key may be.
pub(super) enum Values<'p> {
    /// One of these.
    Words(Vec<&'p str>),
    /// Anything of a form, with a sentence about it.
    Form(fn(&str) -> bool, &'static str),
}

impl Key {
    /// Reads a key as a manifest writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let label = |prefix| text.strip_prefix(prefix).filter(|key| labels::is_key(key)).map(str::to_owned);
        if let Some((_, key)) = FIXED.iter().find(|(known, _)| *known == text) {
            return Some(key.clone());
        }
        label(RESOURCE_LABELS).map(Self::ResourceLabel).or_else(|| label(CHECK_LABELS).map(Self::CheckLabel))
    }

    /// Every key as a manifest writes it, labels as prefixes.
    pub(super) fn words() -> impl Iterator<Item = &'static str> {
        FIXED.iter().map(|(word, _)| *word).chain([RESOURCE_LABELS, CHECK_LABELS])
    }

    /// What its values may be in a Policy of `namespace`.
    pub(super) fn values<'p>(&self, profile: &'p Profile, namespace: &'p Namespace) -> Values<'p> {
        Values::Words(match self {
            Self::Mode => vec!["read", "mutating"],
            Self::Category => vec!["operation", "connector"],
            Self::Intent => profile.intents.keys().map(String::as_str).collect(),
            Self::Risk => vec!["low", "medium", "high", "critical"],
            Self::Connector => profile.connectors.keys().map(String::as_str).collect(),
            Self::Backend => vec!["local", "ssh", "wrapper", "http", "dns", "fixture"],
            Self::Name => profile.connectors.values().flat_map(|connector| connector.shapes.keys()).map(String::as_str).collect(),
            Self::Criticality => vec!["Low", "Medium", "High", "Critical"],
            Self::Type => vec!["Host", "NetworkDevice"],
            Self::Profile => vec![profile.name.as_str()],
            Self::Environment => vec![namespace.as_str()],
            Self::TargetRef => return Values::Form(is_target, "no name of a Target: use a DNS subdomain, such as `web-07`"),
            Self::CheckName => return Values::Form(is_check, "no name of a Check: use a DNS label, such as `inventory`"),
            Self::ResourceLabel(_) | Self::CheckLabel(_) => {
                return Values::Form(
                    labels::is_value,
                    "no label value: use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at each end",
                );
            }
        })
    }
}

fn is_target(text: &str) -> bool {
    SubdomainName::parse(text).is_ok()
}

fn is_check(text: &str) -> bool {
    LabelName::parse(text).is_ok()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResourceLabel(key) => write!(f, "{RESOURCE_LABELS}{key}"),
            Self::CheckLabel(key) => write!(f, "{CHECK_LABELS}{key}"),
            fixed => f.write_str(FIXED.iter().find(|(_, key)| key == fixed).map_or("", |(word, _)| word)),
        }
    }
}
