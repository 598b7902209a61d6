//! `tecrax policy`: what policies decide, without any target.

mod args;
mod case;
mod document;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod pack;
mod print;
mod table;
mod words;

pub use args::PolicyCommandArgs;
pub(super) use document::Document;
pub(super) use pack::read as read_pack;

use super::context::Context;
use super::decided::judge;
use super::exit::{Exit, Failure};
use super::loaded::{exit_of, load};
use args::{PolicyCommand, TestArgs};
use case::{Asked, Outcome};
use table::{Question, Table};

/// Runs `policy`.
pub fn run(context: &Context<'_>, args: &PolicyCommandArgs) -> Result<Exit, Failure> {
    match &args.command {
        PolicyCommand::Test(args) => test(context, args),
    }
}

/// Runs `policy test`.
fn test(context: &Context<'_>, args: &TestArgs) -> Result<Exit, Failure> {
    let mut problems = Vec::new();
    let read = args.file.as_ref().map(|path| Document::read(path)).transpose()?;
    let table = match read.as_ref().map(table::read).transpose() {
        Ok(table) => table.unwrap_or_default(),
        Err(wrong) => {
            problems.extend(wrong);
            Table::default()
        }
    };
    let mut asked = Asked::default();
    if let Some(path) = args.pack.as_ref().or(table.pack.as_ref()) {
        asked.pack = pack::read(&Document::read(path)?, &mut problems);
    }
    let paths = if args.paths.is_empty() { &table.manifests } else { &args.paths };
    if !paths.is_empty() {
        let loaded = load(context, paths)?;
        problems.extend(loaded.desired.problems.iter().cloned());
        let judge = judge(context, &loaded, args.policy)?;
        asked.policies = Some((loaded, judge));
    }
    context.problems(&problems);
    if exit_of(&problems) != Exit::Ok {
        return Ok(Exit::Manifest);
    }
    let wanted = |pair: bool| table.cases.iter().any(|case| matches!(case.question, Question::Pair { .. }) == pair);
    if asked.policies.is_none() && wanted(true) {
        let help = "add PATHs of manifests, or `manifests: [PATH]` to the table";
        return Err(Failure::new(Exit::Usage, "the table asks about pairs, and no manifests are named").help(help));
    }
    if asked.pack.is_none() && wanted(false) {
        let help = "add `--pack FILE`, or `pack: FILE` to the table";
        return Err(Failure::new(Exit::Usage, "the table makes requests, and no pack is named").help(help));
    }
    let outcomes: Vec<Outcome> = table.cases.iter().map(|case| case::run(&asked, case)).collect();
    context.screen.data(&print::text(args.output, asked.pack.as_ref(), &outcomes)?);
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    if !args.output.structured() && args.file.is_some() {
        context.screen.word(&format!("{} passed, {failed} failed", outcomes.len() - failed));
    }
    Ok(if failed == 0 { Exit::Ok } else { Exit::Failing })
}
