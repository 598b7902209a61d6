//! Packs of the Python stack, checked in its order with its reason codes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::pack::SCHEMA_VERSION;
use super::refused::{Refused, Step};
use super::rule::{Condition, DEFAULT_PRIORITY, Rule};
use super::value::{first_text, too_deep, truthy};
use super::{Effect, Pack, control};
use crate::api::ascii_compact;

/// Most rules of one pack.
pub const MAX_RULES: usize = 16_384;

impl Pack {
    /// Compiles a pack of the Python stack, as it stands in an environment. Unknown keys are ignored, as they are there.
    ///
    /// # Errors
    /// The first reason code, in the order of the stack's compiler, and where. What that lets through to fail later without a code
    /// (a priority or a score that is no number) is refused as `invalid_policy_rule_priority` and `invalid_policy_rule_risk_score`;
    /// more than [`MAX_RULES`] rules are `too_many_policy_rules`, nesting beyond the bound `policy_pack_too_deep`.
    pub fn from_python(value: &Value) -> Result<Self, Refused> {
        let Value::Object(map) = value else { return Err(Refused::new("invalid_policy_pack")) };
        if too_deep(value) {
            return Err(Refused::new("policy_pack_too_deep"));
        }
        let id = first_text(map, &["policy_id", "id"]).ok_or_else(|| Refused::new("missing_policy_pack_id"))?;
        let version = first_text(map, &["version"]).ok_or_else(|| Refused::new("missing_policy_pack_version"))?;
        match map.get("schema_version") {
            Some(version) if truthy(version) && version != SCHEMA_VERSION => {
                let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
                return Err(Refused::new(format!("unknown_policy_pack_schema_version:{version}")).at("schema_version"));
            }
            _ => {}
        }
        let written = match map.get("rules") {
            Some(Value::Array(rules)) if !rules.is_empty() => rules,
            Some(_) => return Err(Refused::new("policy_pack_without_rules").at("rules")),
            None => return Err(Refused::new("policy_pack_without_rules")),
        };
        if written.len() > MAX_RULES {
            return Err(Refused::new("too_many_policy_rules").at("rules"));
        }
        let at = |index: usize| [Step::Key("rules".to_owned()), Step::Item(index)];
        let rules = written.iter().enumerate().map(|(index, value)| rule(value).map_err(|refused| refused.inside(at(index))));
        let rules = rules.collect::<Result<Vec<Rule>, _>>()?;
        if let Some(index) = conflict(&rules) {
            return Err(Refused::new("conflicting_policy_rules").inside(at(index)));
        }
        let metadata = match map.get("metadata") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(metadata)) => metadata.clone(),
            Some(_) => return Err(Refused::new("invalid_policy_pack_metadata").at("metadata")),
        };
        Ok(Self::python(id, version, metadata, rules))
    }
}

fn rule(value: &Value) -> Result<Rule, Refused> {
    let Value::Object(map) = value else { return Err(Refused::new("invalid_policy_rule")) };
    let id = first_text(map, &["rule_id", "id"]).ok_or_else(|| Refused::new("missing_policy_rule_id"))?;
    let word = first_text(map, &["effect", "decision"]);
    let effect = word.as_deref().and_then(Effect::parse).ok_or_else(|| {
        let refused = Refused::new(format!("unknown_policy_rule_effect:{}", word.as_deref().unwrap_or("missing")));
        let key = ["effect", "decision"].into_iter().find(|key| map.contains_key(*key));
        key.map_or(refused.clone(), |key| refused.at(key))
    })?;
    let conditions = match map.get("conditions") {
        None | Some(Value::Null) => return Err(Refused::new("policy_rule_without_conditions")),
        Some(Value::Object(conditions)) if conditions.is_empty() => {
            return Err(Refused::new("policy_rule_without_conditions").at("conditions"));
        }
        Some(Value::Object(conditions)) => conditions,
        Some(_) => return Err(Refused::new("invalid_policy_rule_conditions").at("conditions")),
    };
    let conditions = conditions.iter().map(|(key, value)| Condition { key: key.clone(), accepted: vec![value.clone()] });
    let (obligations, constraints) = (control::obligations(map)?, control::constraints(map)?);
    let reason_code = first_text(map, &["reason_code"]);
    let risk_class = first_text(map, &["risk_class"]);
    let invalid = |key: &str| Refused::new(format!("invalid_policy_rule_{key}")).at(key);
    Ok(Rule {
        priority: priority(map.get("priority")).ok_or_else(|| invalid("priority"))?,
        reason_code: reason_code.unwrap_or_else(|| effect.as_str().to_owned()),
        risk_class: risk_class.unwrap_or_else(|| "low".to_owned()),
        risk_score: risk_score(map.get("risk_score")).ok_or_else(|| invalid("risk_score"))?,
        obligations,
        constraints,
        ..Rule::new(id, effect, conditions.collect())
    })
}

/// Nothing and zero are the default; fractions are cut.
fn priority(value: Option<&Value>) -> Option<i64> {
    match value.filter(|value| truthy(value)) {
        None => Some(DEFAULT_PRIORITY),
        Some(Value::Bool(_)) => Some(1),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Number(number)) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.abs() < 9e15)?;
            #[expect(clippy::cast_possible_truncation, reason = "bounded, and the fraction is meant to go")]
            Some(float as i64)
        }),
        Some(_) => None,
    }
}

fn risk_score(value: Option<&Value>) -> Option<f64> {
    let score = match value.filter(|value| truthy(value)) {
        None => Some(0.0),
        Some(Value::Bool(_)) => Some(1.0),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Number(number)) => number.as_f64(),
        Some(_) => None,
    };
    score.filter(|score: &f64| score.is_finite())
}

/// The first rule that asks for exactly what an earlier one asks for and decides otherwise.
fn conflict(rules: &[Rule]) -> Option<usize> {
    let mut known: BTreeMap<Vec<(&str, String)>, Effect> = BTreeMap::new();
    rules.iter().position(|rule| {
        let printed = |condition: &Condition| condition.accepted.iter().map(ascii_compact).collect::<String>();
        let asked = rule.conditions.iter().map(|condition| (condition.key.as_str(), printed(condition))).collect();
        *known.entry(asked).or_insert(rule.effect) != rule.effect
    })
}
