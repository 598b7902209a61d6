//! `tecrax explain`: why a pair is in its state and what happens next; exit codes; reasons.
//!
//! * `gather`: what the log and the state say of the pair, as a [`Story`](story::Story).
//! * `step`: one run with the decision that followed it; equal neighbours are told once.
//! * `calls`: who is called for what it claims, and if nobody is, because of what and until when.
//! * `leading`: which pair is behind an Escalation.
//! * `next`: what happens next, and when.
//! * `text`, `json`: the story for people and for machines.

mod calls;
mod gather;
mod json;
mod leading;
mod next;
mod step;
mod story;
mod text;

use clap::{Args, ValueEnum};

use super::context::Context;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::help;
use crate::api::did_you_mean;

/// `explain`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax explain observation/ntp.web-07           why it is in its state, and what happens next
  tecrax explain observation/ntp.web-07 -o json
  tecrax explain escalation/web-07.5f0c21aa       the observation behind an escalation
  tecrax explain exit-codes
  tecrax explain reasons

The timeline goes back to the last time that the assessment changed: each run, what it saw, which rule fired on which inputs, what
was decided and why, and what reruns saw. Runs that are alike are told once. Below it stands who is called, or because of what nobody
is, and until when.")]
pub struct ExplainArgs {
    /// `observation/CHECK.TARGET`, `escalation/NAME`, `exit-codes` or `reasons`
    #[arg(value_name = "TOPIC")]
    pub topic: String,
    /// Namespace of the observation or escalation
    #[arg(short, long, default_value = crate::api::DEFAULT_NAMESPACE)]
    pub namespace: String,
    /// Output format of an observation
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// How an observation is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    #[default]
    Text,
    /// JSON
    Json,
    /// YAML
    Yaml,
}

/// What `explain` explains besides observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Every exit code
    ExitCodes,
    /// Every reason
    Reasons,
}

/// Words of the topics, and what stands for an observation or an escalation.
const TOPICS: [&str; 4] = ["exit-codes", "reasons", "observation/", "escalation/"];

/// Runs `explain`.
pub fn run(context: &Context<'_>, args: &ExplainArgs) -> Result<Exit, Failure> {
    match args.topic.split_once('/') {
        None if args.topic == "exit-codes" => return Ok(help::topic(context, Topic::ExitCodes)),
        None if args.topic == "reasons" => return Ok(help::topic(context, Topic::Reasons)),
        Some(("observation" | "observations" | "obs", name)) => observation(context, args, name)?,
        Some(("escalation" | "escalations" | "esc", name)) => {
            observation(context, args, &leading::leading(context, &args.namespace, name)?)?;
        }
        // A pair's name holds a dot, a topic's does not.
        None if args.topic.contains('.') => observation(context, args, &args.topic)?,
        _ => return Err(unknown(&args.topic)),
    }
    Ok(Exit::Ok)
}

fn unknown(topic: &str) -> Failure {
    let help = did_you_mean(topic, TOPICS).map_or_else(
        || "use observation/CHECK.TARGET, escalation/NAME, exit-codes or reasons".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let shown: String = topic.chars().take(128).collect();
    Failure::new(Exit::Config, format!("there is nothing to explain about `{shown}`")).help(help)
}

fn observation(context: &Context<'_>, args: &ExplainArgs, name: &str) -> Result<(), Failure> {
    let story = gather::story(context, &args.namespace, name)?;
    let text = match args.output {
        Output::Text => text::text(&story, (context.now)()),
        Output::Json => format::text(Format::Json, &json::json(&story))?,
        Output::Yaml => format::text(Format::Yaml, &json::json(&story))?,
    };
    context.screen.data(&text);
    Ok(())
}
