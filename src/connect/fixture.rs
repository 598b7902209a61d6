//! Recorded readings: the same judgement as for a real command, without a target.

use std::fmt::Debug;
use std::sync::Arc;

use super::answer::{Answer, End};
use super::reading::{Failure, Output};
use super::session::Question;
use crate::api::ErrorClass;
use crate::desired::FixtureConfig;
use crate::secrets::Redactor;

/// Standard output, standard error, exit status.
pub type Recording = (String, String, i32);

/// What `fixture` connections answer in place of their own readings: how a simulation lets its world change while the manifests
/// stay. The answer passes the same judgement and bounds, and the run is marked as one with fixtures.
pub trait Recordings: Debug + Send + Sync {
    /// Whether the Target `target` (`<namespace>/<name>`) can be reached.
    ///
    /// # Errors
    /// Why not.
    fn open(&self, target: &str) -> Result<(), Failure>;

    /// The answer of `target` to the action of a shape; `None` for the connection's own reading.
    fn read(&self, target: &str, action: &str) -> Option<Result<Recording, Failure>>;
}

/// A connection to recorded readings.
#[derive(Debug)]
pub(super) struct Session {
    fixture: Arc<FixtureConfig>,
    target: String,
    recordings: Option<Arc<dyn Recordings>>,
}

impl Session {
    pub(super) fn open(
        fixture: &Arc<FixtureConfig>,
        target: &str,
        recordings: Option<&Arc<dyn Recordings>>,
    ) -> Result<Self, Failure> {
        recordings.map_or(Ok(()), |recordings| recordings.open(target))?;
        Ok(Self { fixture: Arc::clone(fixture), target: target.to_owned(), recordings: recordings.cloned() })
    }

    /// The recorded answer to the shape, looked up by its action name.
    pub(super) fn read(&self, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
        let other = self.recordings.as_ref().and_then(|recordings| recordings.read(&self.target, &question.shape.action));
        match other.transpose()? {
            Some(recording) => judge(&recording, question, redactor),
            None => read(&self.fixture, question, redactor),
        }
    }
}

pub(super) fn read(fixture: &FixtureConfig, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
    let shape = question.shape;
    let Some(recording) = fixture.readings.get(&shape.action) else {
        let message = format!("the fixture records no reading `{}`", shape.action);
        return Err(Failure::new(ErrorClass::Unsupported, message)
            .next_step(format!("Add a reading named `{}` to the fixture connection.", shape.action)));
    };
    judge(recording, question, redactor)
}

fn judge((stdout, stderr, status): &Recording, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
    let mut answer = Answer::bounded(question.max_output_bytes, question.meter);
    answer.stdout.push(stdout.as_bytes());
    answer.stderr.push(stderr.as_bytes());
    answer.end = Some(End::Status(*status));
    answer.judge(question.shape, redactor)
}
