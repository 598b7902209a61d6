//! A rule with its conditions, obligations and constraints.

use serde_json::{Map, Value, json};

use super::{Effect, Refused};

/// Classes of risk that a verdict may carry.
pub const RISK_CLASSES: [&str; 4] = ["low", "medium", "high", "critical"];

/// One rule: when every condition holds, its effect is a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Name, shown when it decides.
    pub id: String,
    /// What it decides.
    pub effect: Effect,
    /// All must hold; a rule without any always matches.
    pub conditions: Vec<Condition>,
    /// Order among rules of one effect: the lowest decides, then the id.
    pub priority: i64,
    /// Reason code of the verdict.
    pub reason_code: String,
    /// One of [`RISK_CLASSES`], checked when the rule decides.
    pub risk_class: String,
    /// From 0 to 1, checked when the rule decides.
    pub risk_score: f64,
    /// What an admitted run must do.
    pub obligations: Vec<Obligation>,
    /// What an admitted run must not exceed.
    pub constraints: Vec<Constraint>,
}

/// Order of a rule that names none.
pub const DEFAULT_PRIORITY: i64 = 100;

impl Rule {
    /// A rule of low risk at the default order, whose reason is its effect.
    pub fn new(id: impl Into<String>, effect: Effect, conditions: Vec<Condition>) -> Self {
        Self {
            id: id.into(),
            effect,
            conditions,
            priority: DEFAULT_PRIORITY,
            reason_code: effect.as_str().to_owned(),
            risk_class: "low".to_owned(),
            risk_score: 0.0,
            obligations: Vec::new(),
            constraints: Vec::new(),
        }
    }

    /// Refuses a class or score of risk that there is not: told when the rule decides.
    pub(super) fn sound(&self) -> Result<(), Refused> {
        if !RISK_CLASSES.contains(&self.risk_class.as_str()) {
            return Err(Refused::new(format!("unknown_policy_risk_class:{}", self.risk_class)));
        }
        if !(0.0..=1.0).contains(&self.risk_score) {
            return Err(Refused::new("invalid_policy_risk_score"));
        }
        Ok(())
    }

    /// The record, with conditions in the form of whoever made the pack.
    pub(super) fn json(&self, conditions: &Value) -> Value {
        json!({
            "rule_id": self.id,
            "effect": self.effect.as_str(),
            "conditions": conditions,
            "priority": self.priority,
            "reason_code": self.reason_code,
            "risk_class": self.risk_class,
            "risk_score": self.risk_score,
            "obligations": self.obligations.iter().map(Obligation::json).collect::<Vec<_>>(),
            "constraints": self.constraints.iter().map(Constraint::json).collect::<Vec<_>>(),
        })
    }
}

/// The request's value at `key` is one of `accepted`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Key of the request. In packs of the Python stack `action.`, `resource.`, `principal.`, `request_context.` or `context.` (that
    /// of the run time) and a dotted path through maps; any other key is looked up undotted in action, resource and context of the
    /// request. For our own see [`Pack::new`](super::Pack::new).
    pub key: String,
    /// Accepted values; null accepts a value that is missing. None at all never holds.
    pub accepted: Vec<Value>,
}

/// What an admitted run must do.
#[derive(Debug, Clone, PartialEq)]
pub struct Obligation {
    /// Name.
    pub id: String,
    /// Kind, such as `receipt`.
    pub kind: String,
    /// Words for people.
    pub description: String,
    /// Whatever else belongs to it.
    pub metadata: Map<String, Value>,
}

impl Obligation {
    pub(super) fn json(&self) -> Value {
        json!({"obligation_id": self.id, "kind": self.kind, "description": self.description, "metadata": self.metadata})
    }
}

/// What an admitted run must not exceed.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Name.
    pub id: String,
    /// Kind, such as `timeout`.
    pub kind: String,
    /// The limit, read by the type of the kind.
    pub value: Value,
    /// Whatever else belongs to it.
    pub metadata: Map<String, Value>,
}

impl Constraint {
    pub(super) fn json(&self) -> Value {
        json!({"constraint_id": self.id, "kind": self.kind, "value": self.value, "metadata": self.metadata})
    }
}
