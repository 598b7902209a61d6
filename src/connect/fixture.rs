//! Recorded readings: the same judgement as for a real command, without a target.

use super::answer::{Answer, End};
use super::reading::{Failure, Output};
use super::session::Question;
use crate::api::ErrorClass;
use crate::desired::FixtureConfig;
use crate::secrets::Redactor;

/// The recorded answer to the shape, looked up by its action name.
pub(super) fn read(fixture: &FixtureConfig, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
    let shape = question.shape;
    let Some((stdout, stderr, status)) = fixture.readings.get(&shape.action) else {
        let message = format!("the fixture records no reading `{}`", shape.action);
        return Err(Failure::new(ErrorClass::Unsupported, message)
            .next_step(format!("Add a reading named `{}` to the fixture connection.", shape.action)));
    };
    let mut answer = Answer::bounded(question.max_output_bytes);
    answer.stdout.push(stdout.as_bytes());
    answer.stderr.push(stderr.as_bytes());
    answer.end = Some(End::Status(*status));
    answer.judge(shape, redactor)
}
