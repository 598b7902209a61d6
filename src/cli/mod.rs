//! The command line: parse, call, print, exit code. One file per command.
//!
//! Data goes to stdout, words to stderr; nothing is coloured in a pipe and a broken pipe is quiet.

mod ack;
mod ahead;
mod args;
pub mod catalog;
mod context;
mod crds;
mod cron;
mod daemon;
mod decided;
mod decisions;
mod default_policy;
mod describe;
mod describe_escalation;
mod describe_sink;
pub mod diagnostics;
mod escalation;
mod evidence;
mod explain;
pub mod exit;
mod facts;
mod flag;
mod format;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod get;
mod help;
mod import;
mod input;
mod inventory;
mod limits;
mod lint;
mod loaded;
mod logging;
mod operations;
pub mod panics;
mod plan;
mod policy;
mod printable;
mod profile;
mod profile_lint;
mod reaction;
mod recalled;
mod reconcile;
mod reruns;
mod resource;
mod retain;
mod run;
mod said;
mod screen;
mod selector;
mod serve;
mod shapes;
mod signal;
mod ssh;
mod stack;
mod stamp;
mod status;
mod table;
mod targets;
mod tries;
mod troubles;
mod validate;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use args::{Cli, Command};
use context::Context;
use exit::Exit;

use crate::secrets::{Redactor, keep_private};

/// Runs one command line and answers its exit code. Never panics on input.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    keep_private();
    let screen = screen::Screen::of_process(Redactor::default());
    panics::install(screen.redactor().clone());
    let args: Vec<OsString> = args.into_iter().collect();
    let of_stack = stack::is_meant(&args);
    let exit = match Cli::try_parse_from(args) {
        Ok(cli) => dispatch(cli, &screen),
        Err(error) => match refuse(&error, &screen) {
            Exit::Usage | Exit::Config if of_stack => stack::USAGE,
            exit => exit,
        },
    };
    ExitCode::from(screen.end(exit).code())
}

fn dispatch(cli: Cli, screen: &screen::Screen) -> Exit {
    if cli.global.quiet {
        screen.hold();
    }
    let context = Context::new(cli.global, screen);
    let result = match cli.command {
        Command::Reconcile(args) => reconcile::run(&context, &args),
        Command::Run(args) => run::run(&context, &args),
        Command::Validate(args) => validate::run(&context, &args),
        Command::Plan(args) => plan::run(&context, &args),
        Command::Get(args) => get::run(&context, &args),
        Command::Describe(args) => describe::run(&context, &args),
        Command::Ack(args) => ack::run(&context, &args),
        Command::Status(args) => status::run(&context, &args),
        Command::Evidence(args) => evidence::run(&context, &args),
        Command::Shapes(args) => shapes::run(&context, &args),
        Command::Targets(args) => targets::run(&context, &args),
        Command::Operations(args) => operations::run(&context, &args),
        Command::Facts(args) => facts::run(&context, &args),
        Command::Profile(args) => profile::run(&context, &args),
        Command::Lint(args) => lint::run(&context, &args),
        Command::Import(args) => import::run(&context, &args),
        Command::Policy(args) => policy::run(&context, &args),
        Command::Reaction(args) => reaction::run(&context, &args),
        Command::Ssh(args) => ssh::run(&context, &args),
        Command::Crds(args) => crds::crds(&context, &args),
        Command::Schema(args) => crds::schema(&context, &args),
        Command::Explain(args) => explain::run(&context, &args),
        Command::Completions(args) => Ok(help::completions(&context, args.shell)),
        Command::Stack(command) => stack::run(&context, &command),
        Command::Foreign(words) => Err(stack::refuse(&words)),
    };
    result.unwrap_or_else(|failure| {
        context.screen.word(&printable::printable(&format!("error: {failure}")));
        if let Some(help) = &failure.help {
            context.screen.word(&format!("  help: {}", printable::printable(help)));
        }
        failure.exit
    })
}

/// clap's own errors, with our exit codes instead of its 2.
fn refuse(error: &clap::Error, screen: &screen::Screen) -> Exit {
    let text = if screen.colored_words() { error.render().ansi().to_string() } else { error.render().to_string() };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            screen.data(&error.render().to_string());
            Exit::Ok
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if !misses_value(error) => {
            screen.word(text.trim_end());
            Exit::Config
        }
        _ => {
            screen.word(text.trim_end());
            Exit::Usage
        }
    }
}

/// Whether a flag that wants a value stands without one: clap calls that an invalid value too.
fn misses_value(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty())
}
