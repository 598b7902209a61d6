//! `tecrax lint`: secrets and private topology in text files, before they are published.
//!
//! `files` says which files are looked at, `scan` what a line gives away, `allow` and `list` which lines may.

mod allow;
mod args;
mod files;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod label;
mod list;
mod scan;

pub use args::LintArgs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::context::Context;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::loaded::count;
use super::table::Table;
use files::File;
use label::Label;
use list::List;

/// What is printed when nothing is found; scripts match on it.
const OK: &str = "secret_topology_ok";
/// Most findings that are kept.
const MAX_FINDINGS: usize = 10_000;

/// One line that gives something away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    label: Label,
    column: usize,
    /// Digest of the line, as a list names it.
    digest: String,
}

/// Runs `lint`: 0 without findings, 1 with, 74 when something could not be looked at.
pub fn run(context: &Context<'_>, args: &LintArgs) -> Result<Exit, Failure> {
    let mut findings = Vec::new();
    let mut lists = BTreeMap::new();
    let mut exit = Exit::Ok;
    let mut scanned = 0;
    for path in &args.paths {
        for file in files::below(path)? {
            match look(&file, &mut lists, &mut findings) {
                Ok(looked) => scanned += usize::from(looked),
                Err(why) => {
                    context.screen.word(&format!("error: {why}"));
                    exit = Exit::Io;
                }
            }
            if findings.len() > MAX_FINDINGS {
                break;
            }
        }
    }
    if findings.len() <= MAX_FINDINGS {
        for list in lists.values() {
            let wrong = list.wrong().map(|line| (list.shown.clone(), line));
            findings.extend(wrong.map(|(path, line)| Finding {
                path,
                line,
                label: Label::InvalidAllow,
                column: 1,
                digest: String::new(),
            }));
        }
    }
    let more = findings.len() > MAX_FINDINGS;
    findings.truncate(MAX_FINDINGS);
    findings.sort();
    findings.dedup();
    if !findings.is_empty() {
        exit = exit.worst(Exit::Failing);
    }
    context.screen.data(&text(args.output, &findings, exit)?);
    words(context, &findings, scanned, more);
    Ok(exit)
}

/// Looks through one file; whether it was one to look through, or why it could not be.
fn look(file: &File, lists: &mut BTreeMap<PathBuf, List>, findings: &mut Vec<Finding>) -> Result<bool, String> {
    let Some(bytes) = files::text(file).map_err(|why| format!("{}: {why}", file.shown))? else { return Ok(false) };
    let (folder, name) = file.place();
    if !lists.contains_key(folder) {
        lists.insert(folder.to_owned(), List::beside(file)?);
    }
    let Some(list) = lists.get_mut(folder) else { return Ok(false) };
    list.look_at(&name);
    scan::text(&bytes, |line, column, label, text| {
        if !list.allows(&name, label, text) {
            findings.push(Finding { path: file.shown.clone(), line, label, column, digest: list::digest(text) });
        }
    });
    Ok(true)
}

fn text(output: Format, findings: &[Finding], exit: Exit) -> Result<String, Failure> {
    Ok(match output {
        Format::Json | Format::Yaml => {
            let items: Vec<Value> = findings
                .iter()
                .map(|finding| {
                    json!({
                        "path": finding.path,
                        "line": finding.line,
                        "column": finding.column,
                        "digest": finding.digest,
                        "label": finding.label.word(),
                        "hint": finding.label.hint(),
                    })
                })
                .collect();
            format::text(output, &json!(items))?
        }
        Format::Wide if !findings.is_empty() => {
            let mut table = Table::new(&["PLACE", "LABEL", "WHAT TO DO"]);
            for Finding { path, line, label, column, .. } in findings {
                table.row([format!("{path}:{line}:{column}"), label.word().to_owned(), label.hint().to_owned()]);
            }
            table.render()
        }
        _ if exit == Exit::Ok => format!("{OK}\n"),
        _ => {
            // The machine form: one string each, in the order of their bytes.
            let lines: BTreeSet<String> =
                findings.iter().map(|finding| format!("{}:{}:{}", finding.path, finding.line, finding.label.word())).collect();
            format::lines(lines.iter().map(|line| super::printable::printable(line)))
        }
    })
}

fn words(context: &Context<'_>, findings: &[Finding], scanned: usize, more: bool) {
    let kinds: BTreeSet<Label> = findings.iter().map(|finding| finding.label).collect();
    for label in &kinds {
        context.screen.code(&format!("hint: {}: {}", label.word(), label.hint()));
    }
    if !kinds.is_empty() {
        context
            .screen
            .code("hint: what may stay gets a comment on its line or the line before: `tecrax-lint: allow LABEL reason`");
        context.screen.code(&format!(
            "hint: where no comment can stand, `{}` beside the file says `FILE LABEL DIGEST reason`; -o json has the digest",
            list::NAME
        ));
    }
    if more {
        context.screen.word(&format!("hint: only the first {MAX_FINDINGS} findings are shown"));
    }
    context.screen.word(&format!("{} in {}", count(findings.len(), "finding"), count(scanned, "file")));
}
