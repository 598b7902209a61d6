//! The ordered, bounded steps of one pair.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::{Digest, Duration, LabelName};
use crate::desired::Pair;
use crate::profile::Shape;

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
    /// Time for the reading.
    pub timeout: Duration,
}
