//! Thresholds over facts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, LabelName};

/// One threshold: the fact at `key`, compared by `operator` with `values`.
///
/// A fact that is missing or null makes the pair `unknown`, unless the operator asks for presence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Name of the expectation, shown when it fails.
    pub name: LabelName,
    /// Dotted path in the facts; checked against the contract when loaded.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
    /// How the fact is compared.
    pub operator: Operator,
    /// What it is compared with; one value for `Lt Le Gt Ge`, none for `Exists` and `DoesNotExist`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 256)))]
    pub values: Vec<String>,
    /// The assessment when it does not hold; `unhealthy` when absent.
    #[serde(default)]
    pub otherwise: Otherwise,
}

/// How a fact is compared. Numbers compare as numbers, everything else as text; `Lt Le Gt Ge` want numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Operator {
    /// One of `values`.
    In,
    /// None of `values`.
    NotIn,
    /// Present and not null.
    Exists,
    /// Absent or null.
    DoesNotExist,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
}

/// The assessment when an expectation does not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Otherwise {
    /// Worse than it should be.
    Degraded,
    /// Broken.
    #[default]
    Unhealthy,
}

impl From<Otherwise> for Assessment {
    fn from(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Degraded => Self::Degraded,
            Otherwise::Unhealthy => Self::Unhealthy,
        }
    }
}
