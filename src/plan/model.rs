//! The ordered, bounded steps of one pair.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::{Digest, Duration, LabelName};
use crate::desired::Pair;
use crate::profile::{Request, Shape, WorkflowStep};

/// A plan that nobody has admitted yet.
#[derive(Debug)]
pub struct Proposed(());

/// The ordered, bounded steps of one pair. `S` says what has happened to it: [`Proposed`], or `admission::Admitted`.
#[derive(Debug)]
pub struct Plan<S> {
    pair: Pair,
    steps: Vec<ReadStep>,
    digest: Digest,
    state: S,
}

/// One reading to take.
#[derive(Debug, Clone)]
pub struct ReadStep {
    /// Step id: the key under which the normalizer finds the reading.
    pub id: String,
    /// Role of the connection.
    pub connection: LabelName,
    /// The shape.
    pub shape: Arc<Shape>,
    /// Values for the shape's typed holes.
    pub parameters: BTreeMap<LabelName, String>,
    /// Time for the reading; never more than the Check's time-out.
    pub timeout: Duration,
}

impl ReadStep {
    /// Whether the shape has several forms and the server's version, read by another step, decides which is sent.
    pub fn needs_version(&self) -> bool {
        self.shape.http().is_some_and(|http| http.version_from.is_some())
    }

    /// Whether this step reads the version that `other` needs.
    pub fn reads_version_of(&self, other: &Self) -> bool {
        let wanted = other.shape.http().and_then(|http| http.version_from.as_deref()).and_then(|wanted| wanted.split_once('.'));
        self.connection == other.connection && wanted == Some((self.shape.connector.as_str(), self.shape.action.as_str()))
    }
}

impl<S> Plan<S> {
    /// The pair.
    pub const fn pair(&self) -> &Pair {
        &self.pair
    }

    /// The steps in order.
    pub fn steps(&self) -> &[ReadStep] {
        &self.steps
    }

    /// Digest over the intent (shapes, normalizers, contract, rules) and the steps. An upgrade that touches none of them
    /// leaves it unchanged.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What has happened to the plan.
    pub const fn state(&self) -> &S {
        &self.state
    }

    /// The same plan in another state. Harmless to call: the value of the new state is what only its stage can make.
    pub(crate) fn with_state<T>(self, state: T) -> Plan<T> {
        Plan { pair: self.pair, steps: self.steps, digest: self.digest, state }
    }
}

/// The plan of a pair.
pub fn propose(pair: &Pair) -> Plan<Proposed> {
    let steps: Vec<ReadStep> = pair
        .check
        .intent
        .workflow
        .steps
        .iter()
        .filter_map(|step| match step {
            WorkflowStep::Read { id, connector, shape, timeout } => Some(ReadStep {
                id: id.clone(),
                connection: connector.role.name.clone(),
                shape: Arc::clone(shape),
                parameters: parameters(pair, shape),
                timeout: (*timeout).min(pair.check.timeout),
            }),
            WorkflowStep::Normalize { .. } | WorkflowStep::Seal { .. } => None,
        })
        .collect();
    let mut parts: Vec<Vec<u8>> = vec![pair.check.intent.digest.as_bytes().to_vec()];
    for step in &steps {
        parts.push(step.id.as_bytes().to_vec());
        parts.push(step.connection.as_str().as_bytes().to_vec());
        parts.push(step.shape.digest.as_bytes().to_vec());
        parts.push(step.timeout.as_millis().to_be_bytes().to_vec());
        for (name, value) in pair.check.parameters.iter().chain(&step.parameters) {
            parts.push(format!("{name}={value}").into_bytes());
        }
    }
    let digest = Digest::of_parts(parts.iter().map(Vec::as_slice));
    Plan { pair: pair.clone(), steps, digest, state: Proposed(()) }
}

/// Values for the holes of a shape.
fn parameters(pair: &Pair, shape: &Shape) -> BTreeMap<LabelName, String> {
    let given = |name: &LabelName| pair.check.parameters.get(name).map(|value| (name.clone(), value.clone()));
    match &shape.request {
        Request::Dns(dns) => [&dns.name, &dns.record].into_iter().filter_map(given).collect(),
        Request::Command(_) | Request::Http(_) => BTreeMap::new(),
    }
}
