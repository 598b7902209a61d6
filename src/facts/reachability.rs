//! What the contracts of services behind an API have in common: seen and answering, seen and wrong, or not seen.

use serde_json::{Map, Value, json};

use super::envelope::{Frame, fill, to_1_0};
use super::text::{cut, trim};
use crate::api::Assessment;

/// Largest version.
const VERSION_MAX: usize = 64;

/// Whether an API was reached, and what version it names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// `None` when nobody looked, or nobody could.
    pub reachable: Option<bool>,
    /// Empty when the answer does not say it; `None` without an answer.
    pub version: Option<String>,
}

impl Reached {
    /// It answered, but not as it should.
    pub(super) const WRONG: Self = Self { reachable: Some(false), version: None };
    /// Nobody saw it.
    pub(super) const NOT_SEEN: Self = Self { reachable: None, version: None };

    /// It answered with `version`; reachable when that is one and nothing speaks against it.
    pub(super) fn version(version: Option<&Value>, good: bool) -> Self {
        let text = match version {
            Some(Value::String(text)) => cut(trim(text), VERSION_MAX).to_owned(),
            Some(Value::Number(number)) if is_true(&Value::Number(number.clone())) => number.to_string(),
            _ => String::new(),
        };
        Self { reachable: Some(good && !text.is_empty()), version: Some(text) }
    }

    pub(super) fn healthy(&self) -> bool {
        self.reachable == Some(true)
    }

    pub(super) const fn assessment(&self) -> Assessment {
        match self.reachable {
            Some(true) => Assessment::Healthy,
            Some(false) => Assessment::Unhealthy,
            None => Assessment::Unknown,
        }
    }

    /// What was not observed: the whole of `frame` when nobody saw it, and what is never looked at.
    pub(super) fn not_observed<'a>(&self, frame: &Frame, outside: &[&'a str]) -> Vec<&'a str>
    where
        'static: 'a,
    {
        let unseen = if self.reachable.is_none() { frame.requested } else { &[] };
        unseen.iter().chain(outside).copied().collect()
    }
}

/// Whether a value counts as true: not null, false, 0 or empty.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// 1.0 of such facts. It has no word for "not seen": `reachable` is false then, the version empty; and it calls observed only what
/// was reached.
pub(super) fn project_scope(facts: &mut Map<String, Value>, frame: &Frame, reachable: &str) {
    to_1_0(facts, None);
    fill(facts, &[reachable], &false.into());
    fill(facts, &["api_version"], &"".into());
    let reached = facts.get(reachable) == Some(&Value::Bool(true));
    let Some(Value::Object(scope)) = facts.get_mut("scope") else { return };
    if !reached {
        scope.insert("observed".into(), json!([]));
    }
    if let Some(Value::Array(list)) = scope.get_mut("not_observed") {
        list.retain(|one| !one.as_str().is_some_and(|one| frame.requested.contains(&one)));
    }
}
