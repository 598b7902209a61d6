//! What a person wants to know besides what is wrong.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::{Digest, SubdomainName};

/// Most changes of facts that are shown; more are counted.
pub const CHANGES_MAX: usize = 8;
/// Most parents and other Targets that are named; more of the others are counted.
pub const NAMES_MAX: usize = 8;

/// What a person wants to know besides what is wrong, gathered when the matter was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Start of the last healthy run of the first claiming pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_healthy: Option<Timestamp>,
    /// What is different in its facts since that run: the first [`CHANGES_MAX`] in path order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FactChange>,
    /// How many differ.
    #[serde(default)]
    pub changes_total: u64,
    /// Why the facts were not compared although there was a healthy run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncompared: Option<Uncompared>,
    /// The Target's parents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Parent>,
    /// Other Targets of the namespace with the same finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<SubdomainName>,
    /// How many there are.
    #[serde(default)]
    pub others_total: u64,
    /// The run that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunPlace>,
    /// The command that tells why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explain: String,
}

/// Why facts were not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uncompared {
    /// The last healthy run is not among the latest of the pair that are read, or was dropped by retention.
    TooFarBack,
    /// More matters began at once than are compared.
    TooMany,
}

impl Uncompared {
    /// The sentence for a person.
    pub const fn as_sentence(self) -> &'static str {
        match self {
            Self::TooFarBack => "not compared: the last healthy run is too far back in the log, or was dropped by retention",
            Self::TooMany => "not compared: too many matters began at once",
        }
    }
}

/// One fact that is another than it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactChange {
    /// Its path: member names joined by dots.
    pub path: String,
    /// The value in the last healthy run as compact JSON, cut; `None` when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// The value now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

/// A parent of the Target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Its name.
    pub name: SubdomainName,
    /// Whether it gives no answer; `None` when no Check looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<bool>,
}

/// Where a run stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlace {
    /// Name of the Observation.
    pub pair: String,
    /// Sequence number.
    pub seq: u64,
    /// Index of its leaf.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Size of the log that was signed last, this run included, as one token; `None` where nothing is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}
