//! One Policy, compiled once and asked many times.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::policy::{Condition, Effect, Nearest, Pack, Request, Rule};
use super::request::{Asking, Detail, inner, outer};
use crate::desired::policy::{Controls, DesiredPolicy, Key, Law};

/// A Policy that can be asked.
#[derive(Debug)]
pub(super) struct Court {
    pub(super) policy: Arc<DesiredPolicy>,
    pub(super) title: String,
    /// How closely its rules look.
    pub(super) detail: Detail,
    /// `None`: it can not be used.
    pack: Option<Pack>,
    controls: BTreeMap<String, Controls>,
}

/// What one Policy says of one request.
#[derive(Debug, Clone)]
pub(super) struct Said<'c> {
    pub(super) effect: Effect,
    /// The rule that matched; none when none did.
    pub(super) rule: Option<&'c str>,
    pub(super) reason_code: Cow<'c, str>,
}

impl Court {
    pub(super) fn new(policy: &Arc<DesiredPolicy>) -> Self {
        let title = policy.title();
        let rules = match &policy.law {
            Law::Rules(rules) => Some(rules),
            Law::Unusable(_) => None,
        };
        let mut detail = Detail::default();
        for condition in rules.into_iter().flatten().flat_map(|rule| &rule.conditions) {
            match condition.key {
                Key::Category => detail.category = true,
                Key::Connector | Key::Backend | Key::Name => detail.reading = true,
                _ => {}
            }
        }
        let controls = rules.into_iter().flatten().map(|rule| (rule.name.to_string(), rule.controls)).collect();
        let pack = rules.map(|rules| {
            let compiled = rules.iter().map(|rule| {
                let conditions = rule.conditions.iter().map(|condition| Condition {
                    key: inner(&condition.key),
                    accepted: condition.values.iter().map(|value| Value::from(value.as_str())).collect(),
                });
                let mut compiled = Rule::new(rule.name.as_str(), rule.effect.into(), conditions.collect());
                // There the lowest comes first.
                compiled.priority = -i64::from(rule.priority);
                if let Some(code) = &rule.reason_code {
                    compiled.reason_code.clone_from(code);
                }
                compiled
            });
            Pack::new(title.clone(), crate::api::API_VERSION, compiled.collect())
        });
        Self { policy: Arc::clone(policy), title, detail, pack, controls }
    }

    /// Why it can not be used, when it can not.
    pub(super) fn unusable(&self) -> Option<&str> {
        match &self.policy.law {
            Law::Rules(_) => None,
            Law::Unusable(why) => Some(why),
        }
    }

    /// What it says of every row. Whatever it can not answer it denies.
    pub(super) fn ask(&self, asking: &Asking<'_>) -> Vec<Said<'_>> {
        let denied = |reason: String| {
            let said = Said { effect: Effect::Deny, rule: None, reason_code: Cow::Owned(reason) };
            vec![said; asking.rows.len()]
        };
        let Some(pack) = &self.pack else { return denied("unusable_policy".to_owned()) };
        match pack.rulings(&asking.request, &asking.runtime, &asking.rows) {
            Ok(rulings) => rulings
                .into_iter()
                .map(|ruling| Said {
                    effect: ruling.decision,
                    rule: ruling.rule.map(|rule| rule.id.as_str()),
                    reason_code: Cow::Borrowed(ruling.reason_code),
                })
                .collect(),
            Err(refused) => denied(refused.to_string()),
        }
    }

    /// What a rule of it asks of a run.
    pub(super) fn controls(&self, rule: &str) -> Controls {
        self.controls.get(rule).copied().unwrap_or_default()
    }

    /// The admitting rule that the request missed by the fewest conditions, as a sentence, with their number.
    pub(super) fn nearest(&self, request: &Request, runtime: &Map<String, Value>) -> Option<(usize, String)> {
        let Nearest { rule, unmet, .. } = self.pack.as_ref()?.nearest(request, runtime)?;
        let rule = format!("{}/{rule}", self.title);
        let missing = unmet.iter().map(|unmet| {
            let accepted: Vec<String> = unmet.accepted.iter().take(VALUES_MAX).map(plain).collect();
            let more = if unmet.accepted.len() > VALUES_MAX { " or another" } else { "" };
            let found = unmet.found.as_ref().map_or_else(|| "absent".to_owned(), plain);
            format!("{} to be {}{more} (it is {found})", outer(&unmet.key), accepted.join(" or "))
        });
        let missing: Vec<String> = missing.collect();
        Some((
            missing.len(),
            if missing.is_empty() {
                format!("{rule} would admit it")
            } else {
                format!("the nearest rule that admits, {rule}, wants {}", missing.join(", and "))
            },
        ))
    }
}

/// Accepted values that a sentence names.
const VALUES_MAX: usize = 3;

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
