//! `tecrax validate`: everything that is wrong with manifests, in one go.

use serde_json::json;

use super::args::ValidateArgs;
use super::context::Context;
use super::decided;
use super::exit::{Exit, Failure};
use super::format;
use super::loaded::{count, exit_of, load};
use crate::api::Severity;

/// Runs `validate`.
pub fn run(context: &Context<'_>, args: &ValidateArgs) -> Result<Exit, Failure> {
    let mut loaded = load(context, &args.paths)?;
    // What a Policy selected before it broke is denied, and only the state directory knows that. CI has none, and needs none.
    if let Err(failure) = decided::with_memory(context, &mut loaded, &args.paths) {
        if context.global.state_dir.is_some() {
            return Err(failure);
        }
        context.screen.word(&format!("hint: Policies that were in effect before are not known: {failure}"));
    }
    let denied = decided::denied(&loaded, &decided::judge(context, &loaded, args.policy)?);
    let problems = &loaded.desired.problems;
    let exit = exit_of(problems);
    let number = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    if args.output.structured() {
        let value = json!({
            "errors": errors,
            "warnings": warnings,
            "files": loaded.files,
            "documents": loaded.documents,
            "foreignDocuments": loaded.foreign,
            "pairs": loaded.desired.pairs.len(),
            "denied": denied,
            "problems": problems,
        });
        context.screen.data(&format::text(args.output, &context.screen.redactor().redact_json(value))?);
        return Ok(exit);
    }
    context.problems(problems);
    context.screen.word(&format!(
        "{} in {}: {}, {}; {} can run{}{}",
        count(loaded.documents, if errors > 0 { "readable document" } else { "document" }),
        count(loaded.files, "file"),
        count(errors, "error"),
        count(warnings, "warning"),
        count(loaded.desired.pairs.len() - denied, "pair"),
        if denied > 0 { format!(", {denied} denied by policy (`tecrax plan` says why)") } else { String::new() },
        if loaded.foreign > 0 {
            format!(" ({} of another API group skipped)", count(loaded.foreign, "document"))
        } else {
            String::new()
        },
    ));
    if loaded.files == 0 && errors == 0 {
        context
            .screen
            .word("hint: nothing here is a manifest: names end in .yaml, .yml or .json, and dot-directories are skipped");
    }
    Ok(exit)
}
