//! `tecrax fixture-review`

use super::args::FixtureReviewArgs;
use super::{Context, Exit, answer};
use crate::reaction::artifacts::fixture_review;

/// Runs it.
pub(super) fn run(context: &Context<'_>, args: &FixtureReviewArgs) -> Exit {
    answer(context, &fixture_review(&args.service))
}
