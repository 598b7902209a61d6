//! `tecrax lint`: secrets and private topology in text files, before they are published.
//!
//! `files` says which files are looked at, `scan` what a line gives away, `allow` which lines may.

mod allow;
mod args;
mod files;
mod label;
mod scan;

pub use args::LintArgs;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::context::Context;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::loaded::count;
use super::table::Table;
use label::Label;

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
}

/// Runs `lint`: 0 without findings, 1 with, 74 when something could not be looked at.
pub fn run(context: &Context<'_>, args: &LintArgs) -> Result<Exit, Failure> {
    let mut findings = Vec::new();
    let mut exit = Exit::Ok;
    let mut scanned = 0;
    for path in &args.paths {
        for file in files::below(path)? {
            match files::text(&file) {
                Ok(Some(bytes)) => {
                    scanned += 1;
                    scan::text(&bytes, |line, column, label| {
                        findings.push(Finding { path: file.shown.clone(), line, label, column });
                    });
                }
                Ok(None) => {}
                Err(why) => {
                    context.screen.word(&format!("error: {}: {why}", file.shown));
                    exit = Exit::Io;
                }
            }
            if findings.len() > MAX_FINDINGS {
                break;
            }
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
                        "label": finding.label.word(),
                        "hint": finding.label.hint(),
                    })
                })
                .collect();
            format::text(output, &json!(items))?
        }
        Format::Wide if !findings.is_empty() => {
            let mut table = Table::new(&["PLACE", "LABEL", "WHAT TO DO"]);
            for Finding { path, line, label, column } in findings {
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
    }
    if more {
        context.screen.word(&format!("hint: only the first {MAX_FINDINGS} findings are shown"));
    }
    context.screen.word(&format!("{} in {}", count(findings.len(), "finding"), count(scanned, "file")));
}
