//! `tecrax evidence report`: one page about a period.

mod gather;
mod line;
mod markdown;
mod page;
mod slots;
mod span;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::args::ReportArgs;
use super::files;
use super::instant::Period;
use super::scope::Asked;
use crate::store::{Db, VerifyOptions, VerifyReport};
use markdown::{code, text};
use page::Head;

/// Most defects that the page names.
const DEFECTS_MAX: usize = 20;

/// Runs `evidence report`. The exit code is 1 when the log is not whole.
pub fn run(context: &Context<'_>, args: &ReportArgs) -> Result<Exit, Failure> {
    let now = (context.now)();
    let mut period = Period::read(Some(&args.from), args.to.as_deref(), now)?;
    // Nothing is expected of what has not come yet.
    period.to = period.to.min(now);
    let asked = Asked::read(&[], &args.scope)?;
    let db = super::log(context)?;
    let scope_words = asked.words(args.scope.selector.as_deref());
    let verified = db.verify(&VerifyOptions::default())?;
    db.freeze()?;
    let scope = asked.resolve(&db)?;
    let head = Head { period, scope: scope_words, log: about(&db, &verified)? };
    let gathered = gather::gather(&db, &scope, period)?;
    let page = page::page(&head, &gathered);
    match &args.output {
        Some(path) => files::write(path, page.as_bytes())?,
        None => context.screen.data(&page),
    }
    Ok(if verified.is_sound() { Exit::Ok } else { Exit::Failing })
}

/// The log at this moment.
fn about(db: &Db, verified: &VerifyReport) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut lines = vec![
        ("Log", code(&verified.origin)),
        ("Size and root", format!("{} records, {}", verified.size, code(&verified.root.to_string()))),
    ];
    let checkpoint = match db.latest_checkpoint()? {
        None => "none".to_owned(),
        Some(kept) => {
            let log = kept.signed.checkpoint();
            let key = db.verifier_keys()?.into_iter().find(|key| kept.signed.verify(std::slice::from_ref(key)).is_ok());
            let key = key.map_or_else(|| "no key of this log".to_owned(), |key| code(&key.to_string()));
            format!("{} records, root {}, made {}, signed by {key}", log.size, code(&log.root.to_string()), kept.made)
        }
    };
    lines.push(("Checkpoint", checkpoint));
    let defects = verified.defects.list();
    let verdict = if defects.is_empty() {
        format!("tree, sequences, digests, parts and states of {} records: nothing is wrong", verified.records)
    } else {
        let all = u64::try_from(defects.len()).unwrap_or(u64::MAX).saturating_add(verified.defects.more());
        let named: Vec<String> = defects.iter().take(DEFECTS_MAX).map(|defect| text(&defect.to_string())).collect();
        format!("**{all} wrong**: {}", named.join("; "))
    };
    lines.push(("Verified", verdict));
    Ok(lines)
}
