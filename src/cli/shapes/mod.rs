//! `tecrax shapes`: everything that can ever be sent, by the profile alone (`vocabulary`) or to each target of manifests (`sends`:
//! which requests, `address`: where to, `request`: what exactly).

mod address;
mod args;
mod print;
mod request;
pub mod sends;
mod vocabulary;

pub use args::ShapesArgs;

use super::context::Context;
use super::exit::{Exit, Failure};

/// Runs `shapes`.
pub fn run(context: &Context<'_>, args: &ShapesArgs) -> Result<Exit, Failure> {
    if args.paths.is_empty() { vocabulary::print(context, args.output) } else { print::print(context, args) }
}
