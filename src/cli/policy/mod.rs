//! `tecrax policy`: what policies decide, without any target.

mod args;
mod case;
mod document;
mod pack;
mod print;
mod table;
mod words;

pub use args::PolicyCommandArgs;

use super::context::Context;
use super::exit::{Exit, Failure};
use args::{PolicyCommand, TestArgs};
use document::Document;

/// Runs `policy`.
pub fn run(context: &Context<'_>, args: &PolicyCommandArgs) -> Result<Exit, Failure> {
    match &args.command {
        PolicyCommand::Test(args) => test(context, args),
    }
}

/// Runs `policy test`.
fn test(context: &Context<'_>, args: &TestArgs) -> Result<Exit, Failure> {
    let mut problems = Vec::new();
    let table = match &args.file {
        Some(path) => Some(table::read(&Document::read(path)?)),
        None => None,
    };
    let (table, named) = match table {
        Some(Ok(table)) => (table.cases, table.pack),
        Some(Err(refused)) => {
            problems.extend(refused);
            (Vec::new(), None)
        }
        None => (Vec::new(), None),
    };
    let path = args.pack.clone().or(named);
    let pack = match &path {
        Some(path) => pack::read(&Document::read(path)?, &mut problems),
        None => None,
    };
    let bad = problems.iter().any(|problem| problem.severity == crate::api::Severity::Error);
    context.problems(&problems);
    if bad {
        return Ok(Exit::Manifest);
    }
    let Some(pack) = pack else {
        return Err(Failure::new(Exit::Usage, "no pack is named").help("add `--pack FILE`, or `pack: FILE` to the table"));
    };
    let outcomes: Vec<case::Outcome> = table.iter().map(|case| case::run(&pack, case)).collect();
    context.screen.data(&print::text(args.output, &pack, &outcomes)?);
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    if !args.output.structured() && args.file.is_some() {
        context.screen.word(&format!("{} passed, {failed} failed", outcomes.len() - failed));
    }
    Ok(if failed == 0 { Exit::Ok } else { Exit::Failing })
}
