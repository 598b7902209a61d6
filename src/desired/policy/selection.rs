//! Which pairs a Policy judges.

use serde::{Deserialize, Serialize};

use crate::api::{LabelSelector, Labels, PolicySpec};

/// Both selectors of a Policy; empty ones match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Targets.
    pub target: LabelSelector,
    /// Checks.
    pub check: LabelSelector,
}

impl Selection {
    /// Whether both match.
    pub fn selects(&self, target: &Labels, check: &Labels) -> bool {
        self.target.matches(target) && self.check.matches(check)
    }
}

impl From<&PolicySpec> for Selection {
    fn from(spec: &PolicySpec) -> Self {
        Self { target: spec.target_selector.clone(), check: spec.check_selector.clone() }
    }
}
