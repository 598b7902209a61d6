//! `tecrax facts`: readings to facts, and facts against their contract, outside any run.

mod args;
mod normalize;
mod readings;
mod validate;

#[cfg(any(test, feature = "fuzz"))]
pub use readings::fuzz as readings_file;

pub use args::FactsArgs;

use super::context::Context;
use super::exit::{Exit, Failure};
use args::FactsCommand;

/// Runs `facts`.
pub fn run(context: &Context<'_>, args: &FactsArgs) -> Result<Exit, Failure> {
    match &args.command {
        FactsCommand::Normalize(args) => normalize::run(context, args),
        FactsCommand::Validate(args) => validate::run(context, args),
    }
}
