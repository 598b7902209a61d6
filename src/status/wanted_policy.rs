//! The desired side of what is shown of a Policy, and what is remembered of it while its manifests have errors.

use serde::{Deserialize, Serialize};

use crate::api::Labels;
use crate::desired::policy::{DesiredPolicy, Law, Rule, Selection};

/// What status needs to know of a Policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedPolicy {
    /// Labels.
    pub labels: Labels,
    /// Its rules, in the order in which they decide: name and effect. Empty when it can not be used.
    pub rules: Vec<(String, String)>,
    /// Why it can not be used, when it can not: then what it selects is denied.
    pub unusable: Option<String>,
    /// Pairs that it selects.
    pub pairs: usize,
    /// What its last usable version selects.
    pub last_good: Vec<Selection>,
    /// Where it is declared, or was.
    pub place: String,
}

impl WantedPolicy {
    /// A Policy that selects `pairs` pairs.
    pub fn of(policy: &DesiredPolicy, pairs: usize) -> Self {
        let named = |rule: &Rule| (rule.name.to_string(), format!("{:?}", rule.effect));
        let (rules, unusable, last_good) = match &policy.law {
            Law::Rules(rules) => (rules.iter().map(named).collect(), None, &policy.selections),
            Law::Unusable(why) => (Vec::new(), Some(why.clone()), &policy.last_good),
        };
        let (labels, place) = (policy.labels.clone(), policy.place.clone());
        Self { labels, rules, unusable, pairs, last_good: last_good.clone(), place }
    }

    /// Both documents of one name: what is wrong with either is wrong with the Policy.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let mut last_good = self.last_good;
        last_good.extend(other.last_good);
        Self { unusable: self.unusable.or(other.unusable), pairs: self.pairs.max(other.pairs), last_good, ..self }
    }

    /// What stands for a Policy of which nothing is known.
    pub fn over_everything() -> Self {
        let last_good = vec![Selection::default()];
        Self { labels: Labels::new(), rules: Vec::new(), unusable: None, pairs: 0, last_good, place: String::new() }
    }
}
