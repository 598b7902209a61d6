//! `tecrax evidence prune`: old records go, what they come to stays.

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::args::PruneArgs;
use crate::store::{Db, Prune, RetentionPolicy};

/// Runs `evidence prune`.
pub fn run(context: &Context<'_>, args: &PruneArgs) -> Result<Exit, Failure> {
    let policy = RetentionPolicy { max_age: args.older_than.0, max_bytes: args.max_bytes.0 };
    let now = (context.now)();
    // A state directory that is not there is not made.
    let db = super::log(context)?;
    if args.dry_run {
        let words = match db.prunable(&policy, now)? {
            None => "nothing would be dropped".to_owned(),
            Some(due) => format!(
                "{} records would be dropped: {} to {}, by {}; nothing was",
                due.to - due.from,
                due.from,
                due.to - 1,
                due.reason
            ),
        };
        context.screen.data(&words);
        return Ok(Exit::Ok);
    }
    let origin = db.origin().to_owned();
    drop(db);
    let mut db = Db::open(&context.state_dir()?, &origin)?;
    // A key that can not be used is told before anything is dropped.
    let key = db.checkpoint_key(args.checkpoint_key.as_deref())?;
    match db.prune(&policy, Prune::Now, now)? {
        None => context.screen.data("nothing was dropped"),
        Some(pruned) => {
            let dropped = &pruned.dropped;
            let checkpoint = db.checkpoint(&key, now)?;
            context.screen.data(&format!(
                "{} records were dropped: {} to {} ({} runs), sealed {} to {}, by {}",
                dropped.records,
                dropped.from,
                pruned.pruned.saturating_sub(1),
                dropped.runs,
                dropped.first,
                dropped.last,
                dropped.reason
            ));
            if let Some(token) = checkpoint.token() {
                context.screen.word(&token);
            }
        }
    }
    db.close();
    Ok(Exit::Ok)
}
