//! The profile after loading: every reference resolved, every shape with its digest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::operation::OperationWords;
use super::reaction::ReactionFile;
use super::shape::Shape;
use crate::api::{Digest, Duration, LabelName, TargetType};

/// A checked profile.
#[derive(Debug)]
pub struct Profile {
    /// Name of the profile contract.
    pub name: String,
    /// Version of the profile contract.
    pub version: String,
    /// Where it came from, as places name it: a directory, or `profile` for the embedded one.
    pub label: String,
    /// Digest over every file of the profile: path and parsed content, so that comments and key order do not matter; of a reaction
    /// pack the text.
    pub digest: Digest,
    /// Intents by id.
    pub intents: BTreeMap<String, Arc<Intent>>,
    /// Connectors by name (`monitoring_host`).
    pub connectors: BTreeMap<String, Arc<Connector>>,
    /// Published JSON Schemas (draft 2020-12) of the facts contracts, by `id@version`.
    pub contracts: BTreeMap<String, Arc<Value>>,
    /// Connection roles by name.
    pub roles: BTreeMap<LabelName, Role>,
    /// Words that findings may use.
    pub findings: FindingTaxonomy,
    /// Words for catalogs by intent id.
    pub operations: BTreeMap<String, OperationWords>,
    /// Reaction packs as written, by intent id.
    pub reactions: BTreeMap<String, ReactionFile>,
}

impl Profile {
    /// A file of it as places name it.
    pub fn file(&self, path: &str) -> String {
        format!("{}/{path}", self.label)
    }
}

/// Words that findings may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingTaxonomy {
    /// Severities.
    pub severities: BTreeSet<String>,
    /// Kinds of findings.
    pub kinds: BTreeSet<String>,
    /// Reason codes of findings.
    pub reason_codes: BTreeSet<String>,
}

/// A named read-only question.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Id, equal to the file stem.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// A few lines for people: what it claims and what not.
    pub summary: String,
    /// What its answer looks like.
    pub contract: ContractRef,
    /// Types of Target it applies to.
    pub target_types: Vec<TargetType>,
    /// Connection roles it uses.
    pub roles: Vec<RoleUse>,
    /// Parameters it declares.
    pub parameters: Vec<ParameterDeclaration>,
    /// The ordered, bounded steps.
    pub workflow: Workflow,
    /// How the facts are judged.
    pub validation: ValidationRule,
    /// Topic of the runbook.
    pub runbook: String,
    /// Digest over everything that a run of this intent depends on: shapes, normalizers, contract, rules.
    pub digest: Digest,
}

impl Intent {
    /// How many readings it takes.
    pub fn read_steps(&self) -> usize {
        self.workflow.steps.iter().filter(|step| matches!(step, WorkflowStep::Read { .. })).count()
    }
}

/// `tecrax.ntp_local_health@1.0`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContractRef {
    /// Contract id.
    pub id: String,
    /// Contract version.
    pub version: String,
}

impl std::fmt::Display for ContractRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

/// How an intent uses a connection role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleUse {
    /// The role: the name of a connection in a Target.
    pub role: LabelName,
    /// Whether a Target without it is an error (`MissingConnection`) or leaves the component `not_observed`.
    pub required: bool,
    /// Another role of the intent that an optional one is read with: a Target declares both or neither.
    pub with: Option<LabelName>,
}

/// A connection role as the profile defines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The name a connection carries in a Target.
    pub name: LabelName,
    /// Connection kinds it allows besides `fixture`: `local`, `ssh`, `wrapper`, `http`, `dns`.
    pub kinds: Vec<String>,
    /// Whether an `http` connection of this role must use TLS.
    pub https_only: bool,
}

impl Role {
    /// Whether a connection of this role may be of `kind`; `fixture` always may.
    pub fn allows(&self, kind: &str) -> bool {
        kind == "fixture" || self.kinds.iter().any(|allowed| allowed == kind)
    }
}

/// A parameter that an intent declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterDeclaration {
    /// Name.
    pub name: LabelName,
    /// Where a manifest may give it.
    pub place: ParameterPlace,
    /// Values it may have; never free text.
    pub values: ParameterValues,
    /// Value when none is given.
    pub default: String,
}

/// Values that a parameter may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValues {
    /// One of a list.
    OneOf(Vec<String>),
    /// The name of a DNS record: letters, digits, `-` and `_` in labels of at most 63, at most 253 in all.
    DnsName,
}

impl ParameterValues {
    /// Whether `value` is one of them.
    pub fn allow(&self, value: &str) -> bool {
        match self {
            Self::OneOf(values) => values.iter().any(|allowed| allowed == value),
            Self::DnsName => is_dns_name(value),
        }
    }

    /// The rule in words.
    pub fn rule(&self) -> String {
        match self {
            Self::OneOf(values) => format!("use one of {}", values.join(", ")),
            Self::DnsName => "write a DNS name such as example.com".to_owned(),
        }
    }
}

fn is_dns_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.strip_suffix('.').unwrap_or(text).split('.').all(label)
}

/// Where a manifest may give a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In `spec.parameters` of the Check.
    Check,
    /// In the connection of this role.
    Connection(LabelName),
}

/// Ordered steps.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// Workflow id.
    pub id: String,
    /// Steps in execution order.
    pub steps: Vec<WorkflowStep>,
}

/// One step of a workflow.
#[derive(Debug, Clone)]
pub enum WorkflowStep {
    /// Takes a reading.
    Read {
        /// Step id: the key under which the normalizer finds the reading.
        id: String,
        /// The connector that owns the shape.
        connector: Arc<Connector>,
        /// The shape.
        shape: Arc<Shape>,
        /// Time for the reading.
        timeout: Duration,
    },
    /// Turns readings into facts; the name of a normalizer of `facts`.
    Normalize {
        /// Step id.
        id: String,
        /// Normalizer name.
        action: String,
    },
    /// Seals the run.
    Seal {
        /// Step id.
        id: String,
    },
}

/// How readings of one connector are taken.
#[derive(Debug)]
pub struct Connector {
    /// Name, equal to the file stem.
    pub name: String,
    /// The connection role it reads through.
    pub role: Role,
    /// Shapes by action name.
    pub shapes: BTreeMap<String, Arc<Shape>>,
}

/// The rule file of an intent: mapping guards, then one decision.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidationRule {
    /// Steps in order.
    pub steps: Vec<ValidationStep>,
}

/// One step of a rule file.
#[derive(Debug, Clone, PartialEq)]
pub enum ValidationStep {
    /// The state key must hold an object.
    RequireMapping {
        /// State key.
        key: String,
        /// Rule name when it does not.
        fail_rule: String,
        /// Details when it does not.
        fail_details: Value,
    },
    /// The value at `path` must equal `value`.
    RequireEquals {
        /// Dotted path over the state.
        path: String,
        /// Expected value.
        value: Value,
        /// Rule name when it does.
        pass_rule: String,
        /// Rule name when it does not.
        fail_rule: String,
        /// State key whose object becomes the details.
        details_from: String,
    },
}
