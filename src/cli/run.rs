//! `tecrax run`: a person asks for a run now.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep};

use super::context::Context;
use super::exit::{Exit, Failure};
use super::get::{absent, views};
use super::loaded::count;
use super::resource::assessment_word;
use super::signal;
use super::table::Table;
use crate::api::{DEFAULT_NAMESPACE, PairId, ReactionOutcome};
use crate::status::{Counts, View};
use crate::store::{Db, Presence};

/// How often the state is looked at for the answer.
const EVERY: Duration = Duration::from_millis(100);

/// `run`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax run inventory                     every Target of the Check
  tecrax run inventory.localhost           one pair
  tecrax run inventory --target web-07 --target web-08
  tecrax run inventory --no-wait           ask, and let others wait

The daemon on this state directory runs what is asked for, before everything that is only due, and this command prints what came of it:
it ends as `tecrax reconcile --once` does. Without a daemon the request stays, and the next `tecrax reconcile` answers it. A Check in Git
asks with the annotation `tecrax.io/requestedAt`: each new value is one run.")]
pub struct RunArgs {
    /// Name of the Check, or CHECK.TARGET
    #[arg(value_name = "CHECK")]
    pub check: String,
    /// Only this Target; may be repeated
    #[arg(short, long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Ask and end at once
    #[arg(long)]
    pub no_wait: bool,
    /// How long to wait for the answer
    #[arg(long, value_name = "SPAN", default_value = "5m", value_parser = parse_span)]
    pub timeout: Duration,
    /// Namespace
    #[arg(short, long, default_value = DEFAULT_NAMESPACE)]
    pub namespace: String,
}

fn parse_span(text: &str) -> Result<Duration, String> {
    let span = crate::api::Duration::parse(text).map(crate::api::Duration::to_std).filter(|span| !span.is_zero());
    span.ok_or_else(|| "write a span such as 30s or 5m".to_owned())
}

/// Runs `run`.
pub fn run(context: &Context<'_>, args: &RunArgs) -> Result<Exit, Failure> {
    // A state directory that is not there is not made.
    let Some(db) = context.db()? else {
        return Err(Failure::new(Exit::Config, format!("no check named `{}`", args.check)).help(context.nothing_yet()?));
    };
    let pairs = wanted(context, args, &views(context, &db)?)?;
    let directory = context.state_dir()?;
    let mut writer = Db::open(&directory, db.origin())?;
    writer.ask_for_runs(&pairs, (context.now)())?;
    writer.close();
    let asked = format!("asked for {}", count(pairs.len(), "run"));
    if !Presence::is_announced(&directory) {
        context.screen.word(&format!("{asked}; no daemon works on {}", directory.display()));
        context.screen.word("next: tecrax reconcile --once PATH answers it, with everything else that is due");
        return Ok(if args.no_wait { Exit::Ok } else { Exit::Unknown });
    }
    if args.no_wait {
        context.screen.word(&asked);
        return Ok(Exit::Ok);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Io, format!("cannot start: {error}")))?;
    let open = runtime.block_on(wait(context, &db, &pairs, args.timeout))?;
    answer(context, &db, &pairs, &open)
}

/// The pairs that are meant and may run.
fn wanted(context: &Context<'_>, args: &RunArgs, views: &[View]) -> Result<Vec<PairId>, Failure> {
    let typed = args.check.strip_prefix("check/").unwrap_or(&args.check);
    let (check, target) = typed.split_once('.').map_or((typed, None), |(check, target)| (check, Some(target.to_owned())));
    let mut targets: BTreeSet<&str> = args.target.iter().map(String::as_str).collect();
    targets.extend(target.as_deref());
    let of_check = |view: &&View| view.pair.namespace.as_str() == args.namespace && view.pair.check.as_str() == check;
    let known: Vec<&View> = views.iter().filter(of_check).collect();
    if known.is_empty() {
        let here = views.iter().filter(|view| view.pair.namespace.as_str() == args.namespace);
        let names: BTreeSet<String> = here.map(|view| view.pair.check.to_string()).collect();
        return Err(absent("check", check, &[check], &names.into_iter().collect::<Vec<_>>()));
    }
    let names: Vec<String> = known.iter().map(|view| view.pair.target.to_string()).collect();
    if let Some(absent_one) = targets.iter().find(|target| !names.iter().any(|name| name == *target)) {
        return Err(absent("target", absent_one, &[*absent_one], &names));
    }
    let meant = known.into_iter().filter(|view| targets.is_empty() || targets.contains(view.pair.target.as_str()));
    let (suspended, ready): (Vec<&View>, Vec<&View>) = meant.partition(|view| view.suspended);
    if ready.is_empty() {
        return Err(Failure::new(Exit::Config, format!("{} suspended", are(suspended.len())))
            .help("take `suspend: true` out of the Check or the Target first"));
    }
    if !suspended.is_empty() {
        context.screen.word(&format!("{} suspended and not asked for", are(suspended.len())));
    }
    Ok(ready.into_iter().map(|view| view.pair.clone()).collect())
}

/// `1 pair is`, `2 pairs are`.
fn are(pairs: usize) -> String {
    format!("{} {}", count(pairs, "pair"), if pairs == 1 { "is" } else { "are" })
}

/// Waits until every request is answered; those that are not when the time is over, or somebody interrupts.
async fn wait(context: &Context<'_>, db: &Db, pairs: &[PairId], patience: Duration) -> Result<Vec<PairId>, Failure> {
    let end = Instant::now() + patience;
    let stop = signal::terminated();
    tokio::pin!(stop);
    loop {
        let requests = db.requests()?;
        let open: Vec<PairId> = pairs.iter().filter(|pair| requests.contains_key(*pair)).cloned().collect();
        if open.is_empty() || Instant::now() >= end {
            return Ok(open);
        }
        context.screen.progress(&format!("waiting for {}", count(open.len(), "run")));
        tokio::select! {
            () = &mut stop => return Ok(open),
            () = sleep(EVERY) => {}
        }
    }
}

/// Prints what stands now. Who was not answered is unknown, whatever an older run said.
fn answer(context: &Context<'_>, db: &Db, pairs: &[PairId], open: &[PairId]) -> Result<Exit, Failure> {
    let meant: BTreeSet<&PairId> = pairs.iter().collect();
    let mut counts = Counts::default();
    let mut table = Table::new(&["CHECK", "TARGET", "ASSESSMENT", "REACTION", "WHY"]);
    let answered = views(context, db)?.into_iter().filter(|view| meant.contains(&view.pair) && !open.contains(&view.pair));
    for view in answered {
        counts.add(&view);
        table.row([
            view.pair.check.to_string(),
            view.pair.target.to_string(),
            assessment_word(&view),
            view.reaction.map_or("-", ReactionOutcome::as_str).to_owned(),
            view.denied.clone().unwrap_or_else(|| format!("{}: {}", view.reason, view.why)),
        ]);
    }
    if !table.is_empty() {
        context.screen.data(&table.render());
    }
    let exit = Exit::of_counts(&counts);
    if open.is_empty() {
        return Ok(exit);
    }
    context.screen.word(&format!("{} not run yet, and still asked for", are(open.len())));
    context.screen.word("next: does a daemon follow the manifests of this Check? `tecrax get` shows when it runs");
    Ok(exit.worst(Exit::Unknown))
}
