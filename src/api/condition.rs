//! Conditions as Kubernetes defines them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest message of a condition, in characters.
pub const MESSAGE_MAX: usize = 1024;

/// Every condition type that tecrax sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ConditionType {
    /// We observe on schedule. A failing target never makes it false.
    Ready,
    /// What we saw.
    Healthy,
    /// A Target's connections answered in their last round.
    Reachable,
    /// Work is under way; present only when true.
    Reconciling,
    /// Nothing will change until a person edits something; present only when true.
    Stalled,
    /// A person has been called; present only when true.
    Escalated,
    /// A declared field, kind or intent has no effect in this version; present only when true.
    NotInEffect,
}

impl ConditionType {
    /// Every type, in the order status shows them.
    pub const ALL: [Self; 7] =
        [Self::Ready, Self::Healthy, Self::Reachable, Self::Reconciling, Self::Stalled, Self::Escalated, Self::NotInEffect];

    /// The CamelCase word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Healthy => "Healthy",
            Self::Reachable => "Reachable",
            Self::Reconciling => "Reconciling",
            Self::Stalled => "Stalled",
            Self::Escalated => "Escalated",
            Self::NotInEffect => "NotInEffect",
        }
    }
}

/// `True`, `False` or `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Nobody can say.
    Unknown,
}

/// One condition. Messages hold no durations, ids or counters, so that an unchanged meaning is an unchanged value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Condition {
    /// Which condition.
    pub r#type: ConditionType,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// CamelCase reason, one of those in `docs/reasons.md`.
    #[schemars(length(min = 1, max = 128))]
    pub reason: String,
    /// One sentence for a person.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub message: String,
    /// RFC 3339 instant at which `status` last changed.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub last_transition_time: String,
    /// Generation of the spec this was computed from.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub observed_generation: i64,
}

/// Puts `next` into `list`: keeps the transition time unless the status changed, cuts the message, keeps the list sorted.
pub fn set(list: &mut Vec<Condition>, mut next: Condition) {
    if let Some((end, _)) = next.message.char_indices().nth(MESSAGE_MAX) {
        next.message.truncate(end);
    }
    if let Some(current) = list.iter_mut().find(|condition| condition.r#type == next.r#type) {
        if current.status == next.status {
            next.last_transition_time.clone_from(&current.last_transition_time);
        }
        *current = next;
    } else {
        list.push(next);
        list.sort_by_key(|condition| condition.r#type);
    }
}
