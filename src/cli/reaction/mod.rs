//! `tecrax reaction`: rules, tried on what is recorded.

mod args;
mod again;
mod findings;
mod packs;
mod print;
mod test;

pub use args::ReactionArgs;

use super::context::Context;
use super::exit::{Exit, Failure};
use args::ReactionCommand;

/// Runs `reaction`.
pub fn run(context: &Context<'_>, args: &ReactionArgs) -> Result<Exit, Failure> {
    match &args.command {
        ReactionCommand::Test(args) => test::run(context, args),
    }
}
