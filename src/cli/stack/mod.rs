//! The commands of the Python stack that have a counterpart here: what they print and end with is what is recorded of them.
//!
//! They end with 0, 1 when something is refused, and 2 when the command line can not be understood. Commands that change something or run
//! operations have no counterpart: they are known by name and say what to use instead (`foreign`).

pub(super) mod args;
mod environment;
mod fixture_review;
mod folder;
mod foreign;
mod input;
mod observation;
mod plan;
mod profile;
mod proposal;
mod replay;
mod verdict;

use std::ffi::{OsStr, OsString};

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::api::Problem;
use crate::evidence::json::{Json, pretty};

pub use args::StackCommand;
pub(super) use foreign::refuse;
pub(super) use profile::is_stack;

/// What the stack ends with when it refuses: 1.
const REFUSED: Exit = Exit::Failing;
/// What the stack ends with when it does not understand the command line: 2.
pub(super) const USAGE: Exit = Exit::Unknown;
/// Flags of every command that have a value.
const WITH_VALUE: [&str; 3] = ["--state-dir", "--profile", "--log"];
/// Commands of this section by name.
const NAMES: [&str; 5] =
    ["fixture-review", "reaction-observation", "reaction-plan", "reaction-replay", "reaction-proposal-validate"];

/// Runs one of them.
pub(super) fn run(context: &Context<'_>, command: &StackCommand) -> Result<Exit, Failure> {
    match command {
        StackCommand::FixtureReview(args) => Ok(fixture_review::run(context, args)),
        StackCommand::ReactionObservation(args) => observation::run(context, args),
        StackCommand::ReactionPlan(args) => plan::run(context, args),
        StackCommand::ReactionReplay(args) => replay::run(context, args),
        StackCommand::ReactionProposalValidate(args) => proposal::run(context, args),
    }
}

/// Whether a command line, with the name of the program before it, is of this section: its errors of usage end with 2.
pub(super) fn is_meant(args: &[OsString]) -> bool {
    let mut rest = args.iter().skip(1).map(OsString::as_os_str);
    while let Some(word) = rest.next() {
        if WITH_VALUE.iter().any(|flag| OsStr::new(flag) == word) {
            rest.next();
        } else if !word.to_string_lossy().starts_with('-') {
            return NAMES.iter().any(|name| OsStr::new(name) == word);
        }
    }
    false
}

/// A refusal in the words of the stack.
fn refused(message: impl Into<String>) -> Failure {
    Failure::new(REFUSED, message)
}

/// A problem of a file in the words of the stack; its place is told beside them.
fn problem(problem: &Problem) -> Failure {
    let place = problem.place.as_ref().map(ToString::to_string);
    let help = [place, problem.help.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let failure = refused(problem.message.clone());
    if help.is_empty() { failure } else { failure.help(help) }
}

/// Prints an answer.
fn answer(context: &Context<'_>, value: &Json) -> Exit {
    context.screen.data(&pretty(value));
    Exit::Ok
}
