//! `tecrax evidence report`: one page about a period.

mod gather;
mod line;
mod markdown;
mod page;
mod slots;
mod span;

use super::super::context::Context;
use super::super::crds::put;
use super::super::exit::{Exit, Failure};
use super::args::ReportArgs;
use super::instant::Period;
use super::scope::Asked;
use crate::store::Db;
use page::Head;

/// Runs `evidence report`.
pub fn run(context: &Context<'_>, args: &ReportArgs) -> Result<Exit, Failure> {
    let now = (context.now)();
    let mut period = Period::read(Some(&args.from), args.to.as_deref(), now)?;
    // Nothing is expected of what has not come yet.
    period.to = period.to.min(now);
    let asked = Asked::read(&[], &args.scope)?;
    let Some(db) = context.db()? else {
        return Err(Failure::new(Exit::Io, "there is nothing to report on").help(context.nothing_yet()?));
    };
    let scope_words = asked.words(args.scope.selector.as_deref());
    let scope = asked.resolve(&db)?;
    let head = Head { period, scope: scope_words, log: about(&db)? };
    let gathered = gather::gather(&db, &scope, period)?;
    let text = page::page(&head, &gathered);
    match &args.output {
        Some(path) => put(std::path::Path::new(""), &path.to_string_lossy(), text.as_bytes())?,
        None => context.screen.data(&text),
    }
    Ok(Exit::Ok)
}

/// The log at this moment.
fn about(db: &Db) -> Result<Vec<(&'static str, String)>, Failure> {
    let _ = db;
    Ok(Vec::new())
}
