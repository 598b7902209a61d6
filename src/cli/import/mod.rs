//! `tecrax import`: what other tools know becomes manifests.
//!
//! Three sources: a target catalog with its environments and policy packs (`stack`), an OpenSSH client configuration (`ssh_config`), an
//! Ansible inventory (`ansible`). Each reads its files and makes documents (`document`) and items of a report (`item`): what could not be
//! carried, with its place. Secrets stay references, and nothing of a text that looks like one is written. What comes out is the same
//! for the same input, byte for byte, and is read back as `validate` would before the command ends.

mod ansible;
mod args;
mod document;
mod fleet;
mod host;
mod item;
mod jump;
mod names;
mod sets;
mod ssh_config;
mod stack;
mod write;

#[cfg(any(test, feature = "fuzz"))]
pub use ansible::fuzz::ansible as fuzz_ansible;
pub use args::ImportArgs;
#[cfg(any(test, feature = "fuzz"))]
pub use ssh_config::fuzz::ssh_config as fuzz_ssh_config;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::context::Context;
use super::decided;
use super::default_policy::{DefaultChoice, PolicyArgs};
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::loaded::{count, exit_of, load};
use crate::api::Severity;
use args::{ImportCommand, To};
use document::File;
use item::{Kind, Report};
use write::{Out, write};

/// The file that holds Checks.
const CHECKS: &str = "checks.yaml";

/// Runs `import`.
pub fn run(context: &Context<'_>, args: &ImportArgs) -> Result<Exit, Failure> {
    let mut report = Report::new(context.screen.redactor().clone());
    let (files, to) = match &args.command {
        None => (stack::import(context, args, &mut report)?, &args.to),
        Some(ImportCommand::SshConfig { file, to }) => (ssh_config::import(file, &mut report)?, to),
        Some(ImportCommand::Ansible { file, to }) => (ansible::import(context, file, &mut report)?, to),
    };
    let outs = outs(&files, &report, to)?;
    if to.output_dir.is_none() {
        let texts: Vec<String> = files.iter().map(File::text).collect::<Result<_, _>>()?;
        context.screen.data(&texts.concat());
    }
    write(&outs, to.force)?;
    say(context, &report, to.report.as_deref());
    let Some(directory) = &to.output_dir else { return Ok(Exit::Ok) };
    check(context, &files, directory)
}

/// What is written where: the manifests when a directory is named, the report when a file is.
fn outs(files: &[File], report: &Report, to: &To) -> Result<Vec<Out>, Failure> {
    let mut outs = Vec::new();
    if let Some(directory) = &to.output_dir {
        for file in files {
            outs.push(Out { path: directory.join(file.name), text: file.text()? });
        }
    }
    if let Some(path) = &to.report {
        let names: Vec<&str> = if to.output_dir.is_some() { files.iter().map(|file| file.name).collect() } else { Vec::new() };
        let value: Value = report.json(&names);
        outs.push(Out { path: path.clone(), text: format::text(Format::Json, &value)? });
    }
    Ok(outs)
}

/// Prints the items; those that mean nothing to checks are counted.
fn say(context: &Context<'_>, report: &Report, told: Option<&Path>) {
    for item in report.items.iter().filter(|item| item.kind != Kind::Note) {
        context.screen.word(&item.lines());
    }
    if report.more > 0 {
        context.screen.word(&format!("{} more", count(report.more, "item")));
    }
    let notes = report.count(Kind::Note);
    if notes > 0 && told.is_none() {
        context.screen.word(&format!("{} that checks do not need; --report FILE lists them", count(notes, "setting")));
    }
}

/// Reads what was written as `validate` would.
fn check(context: &Context<'_>, files: &[File], directory: &Path) -> Result<Exit, Failure> {
    let paths: Vec<PathBuf> = files.iter().map(|file| directory.join(file.name)).collect();
    let loaded = load(context, &paths)?;
    context.problems(&loaded.desired.problems);
    let denied =
        decided::denied(&loaded, &decided::judge(context, &loaded, PolicyArgs { default_policy: DefaultChoice::default() })?);
    let mut kinds = [("Target", 0), ("TargetSet", 0), ("Check", 0), ("Policy", 0)];
    for file in files {
        file.count(&mut kinds);
    }
    let words: Vec<String> =
        kinds.iter().filter(|(_, number)| *number > 0).map(|(kind, number)| objects(*number, kind)).collect();
    let errors = loaded.desired.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let pairs = match (loaded.desired.pairs.len(), files.iter().any(|file| file.name == CHECKS)) {
        (_, false) => "no Check looks at them yet".to_owned(),
        (pairs, true) if denied > 0 => {
            format!("{} can run, {denied} denied by policy (`tecrax plan` says why)", count(pairs - denied, "pair"))
        }
        (pairs, true) => format!("{} can run", count(pairs, "pair")),
    };
    context.screen.word(&format!(
        "wrote {} to {}: {}; {}, {pairs}",
        count(files.len(), "file"),
        directory.display(),
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") },
        count(errors, "error"),
    ));
    Ok(exit_of(&loaded.desired.problems))
}

/// `1 Policy`, `2 Policies`.
fn objects(number: usize, kind: &str) -> String {
    match (number, kind) {
        (1, _) => format!("1 {kind}"),
        (_, "Policy") => format!("{number} Policies"),
        _ => format!("{number} {kind}s"),
    }
}
