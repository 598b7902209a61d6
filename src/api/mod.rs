//! The kinds a user writes and reads, and the plain values that several stages exchange.
//!
//! Nothing here performs I/O, reads a clock or knows another stage. A manifest deserializes into [`Manifest`] with one of the
//! `*Spec` types; the same types render the CRDs and the editor schemas, so the three can not drift apart.

mod ascii_json;
mod assessment;
mod bounds;
mod check;
mod condition;
pub mod crd;
mod digest;
mod duration;
mod escalation;
mod escalation_id;
mod expect;
mod history;
mod http;
mod kind;
pub mod labels;
mod manifest;
mod meta;
mod name;
mod observation;
mod pair;
mod policy;
mod printable;
mod problem;
pub mod reason;
mod reference;
mod sandbox;
pub mod schema;
pub(crate) mod secret_text;
mod sink;
mod ssh;
mod status;
mod structural;
mod target;
mod target_set;
mod tracked;
mod webhook;

pub use ascii_json::{ascii_compact, ascii_number, write_ascii, write_ascii_text};
pub use assessment::{Assessment, Coverage};
pub use bounds::{Violation, violations};
pub use check::{Accept, CheckEscalation, CheckSpec, Confirmations, Retry, RetryClass, Schedule};
pub use condition::{Condition, ConditionStatus, ConditionType, MESSAGE_MAX, set as set_condition};
pub use digest::Digest;
pub use duration::Duration;
pub use escalation::{
    EscalationAcknowledgement, EscalationClaim, EscalationFinding, EscalationSpec, EscalationStatus, EscalationSuppression,
};
pub use escalation_id::{EscalationId, EscalationName};
pub use expect::{Expect, Operator, Otherwise};
pub use history::{ErrorClass, LastEvidence, ReactionOutcome};
pub use http::{HeaderFrom, Http, HttpAuth, HttpAuthMode, HttpTls};
pub use labels::Labels;
pub use manifest::{Ignored, Manifest, Object};
pub use meta::{LabelSelector, Metadata, RUN_REQUESTED, Requirement, SelectorOperator};
pub use name::{LabelName, NameError, Namespace, SubdomainName};
pub use observation::{CheckRef, HistoryEntry, ObservationSpec, ObservationStatus, ReactionStatus, StatusFinding};
pub use pair::{PairId, uid};
pub use policy::{PolicyCondition, PolicyConstraint, PolicyEffect, PolicyObligation, PolicyRule, PolicySpec};
pub use printable::printable;
pub use problem::{Place, Problem, Severity, did_you_mean};
pub use reference::{ConfigMapKeyRef, LocalRef, SecretId, SecretKeyRef, ValueFrom};
pub use sandbox::{Available, SandboxLevel};
pub use sink::{Alertmanager, BasicAuth, SinkAuth, SinkSpec, Webhook};
pub use ssh::{Agent, HostKeys, Identity, Ssh};
pub use status::{CheckStatus, ObjectStatus, SinkStatus, TargetStatus};
pub use target::{
    Connection, ConnectionKind, Criticality, Dns, Fixture, FixtureReading, Local, Parameter, TargetSpec, TargetType, Wrapper,
};
pub use target_set::{TargetItem, TargetSetSpec, TargetTemplate, TemplateMetadata};
pub use tracked::{FindingKey, FindingStage, TrackedFinding};
pub use webhook::{WebhookBody, WebhookFinding, WebhookIncident, WebhookPhase, WebhookTarget};

/// The API group of every kind.
pub const GROUP: &str = "tecrax.io";
/// The API version of every kind.
pub const VERSION: &str = "v1alpha1";
/// `apiVersion` as written in a manifest.
pub const API_VERSION: &str = "tecrax.io/v1alpha1";
/// Namespace of an object that names none.
pub const DEFAULT_NAMESPACE: &str = "default";
