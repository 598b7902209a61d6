//! `tecrax reconcile`: once, or until stopped.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::ahead::Manifests;
use super::args::{ReconcileArgs, ShowClass};
use super::context::Context;
use super::daemon::{self, Runs, log};
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::loaded::{count, exit_of};
use super::printable::printable;
use super::resource;
use super::serve::{self, Pass};
use super::signal;
use super::table::Table;
use crate::api::{Digest, reason};
use crate::connect::{Environment, OpenContext, raise_open_files};
use crate::engine::{self, Engine, EngineOptions, Event, Keeping, Listener, Report};
use crate::evidence::Show;
use crate::plan::Mode;
use crate::secrets::{Resolver, Sources};
use crate::status::{Counts, EscalationState, View};
use crate::store::{Db, Store};

/// All pairs are listed up to this many; above it only those that are not plainly healthy.
const LIST_ALL: usize = 20;
/// Open escalations that the summary names.
const NAMED: usize = 3;
/// Next steps of findings that are printed.
const HINTS: usize = 3;
/// What is said when runs in progress were given up.
pub(super) const INTERRUPTED: &str = "interrupted; what had run is recorded";

/// What is said when the state directory does not answer long after a deadline.
const STUCK: &str = "the deadline has passed, and the state directory does not take what ran";
/// What is said when the manifests are not read long after a deadline.
const UNREAD: &str = "the deadline has passed, and reading the manifests does not come to an end";
/// How long a state directory that does not answer is asked to take claims back.
const FAREWELL: Duration = Duration::from_secs(1);

/// Runs `reconcile`.
pub fn run(context: &Context<'_>, args: &ReconcileArgs) -> Result<Exit, Failure> {
    raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Io, format!("cannot start: {error}")))?;
    let exit = runtime.block_on(async { if args.once { once(context, args).await } else { daemon::watch(context, args).await } });
    // Name look-ups and file reads that nobody waits for any more must not hold up the exit.
    runtime.shutdown_background();
    context.end_commands();
    exit
}

/// The engine as the flags describe it.
pub(super) fn engine(context: &Context<'_>, args: &ReconcileArgs, listener: Listener) -> Result<Arc<Engine>, Failure> {
    let open = || Ok::<_, Failure>(Store::open(&context.state_dir()?, &format!("tecrax-{}", token()))?);
    // Reading the profile takes the processor, opening the store the disk. Exit code 78 comes before 74.
    let secrets = Arc::new(Resolver::open(Sources::from_process()?, context.screen.redactor().clone())?);
    let (profile, store) = std::thread::scope(|scope| {
        let store = std::thread::Builder::new().spawn_scoped(scope, open);
        let profile = context.profile();
        match store {
            Ok(store) => (profile, store.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            // The machine gives no thread: one after the other.
            Err(_) => (profile, open()),
        }
    });
    let (profile, store) = (profile?, store?);
    let engine = Engine::new(EngineOptions {
        profile,
        store,
        open: OpenContext::new(Environment::from_process(), args.allow_fixtures)
            .with_secrets(secrets)
            .with_sandbox(context.sandbox()?),
        now: Arc::clone(&context.now),
        holder: format!("{}-{}", std::process::id(), token()),
        redactor: context.screen.redactor().clone(),
        show: Show {
            paths: args.evidence_show.contains(&ShowClass::Paths),
            addresses: args.evidence_show.contains(&ShowClass::Addresses),
        },
        listener,
    });
    engine.fall_back(args.policy.into());
    engine.limit(args.limits.into());
    #[cfg(feature = "bench")]
    if args.discard_evidence {
        engine.discard_evidence();
    }
    Ok(engine)
}

/// Says how the log is kept. A key that can not be used is told before anything runs.
pub(super) async fn keep(engine: &Engine, args: &ReconcileArgs) -> Result<(), Failure> {
    let key = Arc::new(engine.store().checkpoint_key(args.checkpoint_key.clone()).await?);
    engine.keep(Keeping { key, retention: args.retain.policy(), checkpoint_file: args.checkpoint_file.clone() });
    Ok(())
}

/// A name that no other process has. `RandomState` is seeded by the operating system.
fn token() -> String {
    let random = [RandomState::new().hash_one(0_u8), RandomState::new().hash_one(1_u8)];
    Digest::of_parts(random.iter().map(|part| part.to_be_bytes()).collect::<Vec<_>>().iter().map(<[u8; 8]>::as_slice)).short()
}

async fn once(context: &Context<'_>, args: &ReconcileArgs) -> Result<Exit, Failure> {
    let (started, began) = (Instant::now(), (context.now)());
    let done = Arc::new(AtomicU64::new(0));
    let listener: Listener = {
        let done = Arc::clone(&done);
        Arc::new(move |event| {
            if matches!(event, Event::Ran { .. }) {
                done.fetch_add(1, Ordering::Relaxed);
            }
            log(event, Runs::All);
        })
    };
    let manifests = Manifests::begin(&args.paths);
    let engine = engine(context, args, listener)?;
    keep(&engine, args).await?;
    if let Some(deadline) = args.cron.deadline {
        engine.end_within(started, deadline.to_std());
    }
    let mode = if args.force { Mode::Force } else { Mode::Once };
    let report = pass(context, args, &engine, manifests, mode, &done, started).await?;
    // What ran is durable; a disk that does not answer now has had its time.
    match stuck(args, started) {
        Some(end) => drop(timeout_at(end.max(Instant::now() + FAREWELL), engine.store().close()).await),
        None => engine.store().close().await,
    }
    let mut counts = Counts::default();
    report.views.iter().for_each(|view| counts.add(view));
    let mut exit = exit_of(&report.problems).worst(Exit::of_counts(&counts));
    context.problems(&report.problems);
    print(context, args, &report)?;
    let mut line = summary(&report, &counts, started.elapsed().as_secs_f64());
    if let Some(Ok(checkpoint)) = &report.checkpoint
        && let Some(token) = checkpoint.token().filter(|_| !context.global.quiet)
    {
        line = format!("{line} {token}");
    }
    context.screen.word(&line);
    for (sink, why) in &report.deaf {
        context.screen.trouble(&printable(&format!("warning: sink {sink} does not accept: {why}")));
    }
    for hint in hints(&report) {
        context.screen.word(&format!("hint: {}", printable(hint)));
    }
    if report.left > 0 {
        let pairs = count(report.left, "pair");
        let hint = format!(
            "hint: nothing is recorded about the {pairs} left at the deadline; the next pass begins with what waits longest"
        );
        context.screen.word(&hint);
    }
    // Whoever has just followed a hint must not take the old answer for the new one.
    let is_old = |view: &&View| view.last_run.is_some_and(|at| at < began) && view.reason != reason::DEADLINE_EXCEEDED;
    let old = worst_first(&report).into_iter().filter(is_old).count();
    if report.tally.fresh > 0 && old > 0 {
        let answers = if old == 1 { "1 answer above is" } else { &format!("{old} answers above are") };
        context.screen.word(&format!("hint: {answers} from before, not due again yet; --force asks now"));
    }
    if let Some(shortfall) = engine.sandbox().shortfall() {
        context.screen.word(&format!("hint: {}", printable(&shortfall)));
    }
    context.screen.word(&format!("next: {}", next_command(&report)));
    if let Some(Err(error)) = &report.checkpoint {
        let failure = Failure::from(Arc::clone(error));
        context.screen.word(&printable(&format!("error: {failure}")));
        exit = exit.worst(failure.exit);
    }
    if let Some(path) = &args.cron.metrics_file {
        let pass = Pass { report: &report, ended: (context.now)(), took: started.elapsed(), code: exit.code() };
        if let Err(error) = serve::write(path, &pass.page()) {
            context.screen.word(&printable(&format!("error: cannot write {}: {error}", path.display())));
            exit = exit.worst(Exit::Io);
        }
    }
    // The process ends here, and what it only read goes with it as a whole. The engine does not: it wipes secrets, and removes the
    // folder of its commands.
    std::mem::forget(report);
    Ok(exit)
}

/// When a pass with a deadline is given up whatever hangs.
fn stuck(args: &ReconcileArgs, started: Instant) -> Option<Instant> {
    args.cron.deadline.map(|deadline| started + deadline.to_std() + engine::LAST_WORDS)
}

/// One pass with a progress line. What was claimed and is not recorded when it fails need not wait until the claims run out.
async fn pass(
    context: &Context<'_>,
    args: &ReconcileArgs,
    engine: &Arc<Engine>,
    manifests: Manifests,
    mode: Mode,
    done: &AtomicU64,
    started: Instant,
) -> Result<Report, Failure> {
    /// Shorter passes show no progress.
    const PATIENCE: Duration = Duration::from_millis(800);
    let read = AtomicBool::new(false);
    let work = async {
        let snapshot = manifests.end().await?;
        read.store(true, Ordering::Relaxed);
        let inputs = Arc::new(engine::load(engine, &snapshot, &engine::source_id(&args.paths)).await?);
        // Taking thousands of documents apart takes its time, and nobody waits for it. Where there is no thread for it, it is done here.
        let _ = std::thread::Builder::new().name("tecrax-rest".to_owned()).spawn(move || drop(snapshot));
        Ok::<Report, Failure>(engine::pass(engine, &inputs, mode).await?)
    };
    let stuck = async {
        match stuck(args, started) {
            Some(end) => sleep_until(end).await,
            None => std::future::pending().await,
        }
    };
    let stop = signal::terminated();
    tokio::pin!(work, stop, stuck);
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            report = &mut work => {
                if report.is_err() {
                    // A store that fails here too stays failed.
                    let _ = engine.give_up().await;
                }
                return report;
            }
            () = &mut stop => {
                engine.stop(&mut work).await;
                engine.give_up().await?;
                return Err(Failure::new(Exit::Io, INTERRUPTED));
            }
            () = &mut stuck => {
                let _ = timeout(FAREWELL, engine.give_up()).await;
                if !read.load(Ordering::Relaxed) {
                    return Err(Failure::new(Exit::Io, UNREAD).help("look at the file system that the manifests are on"));
                }
                return Err(Failure::new(Exit::Io, STUCK).help("look at the disk of the state directory"));
            }
            _ = tick.tick() => {
                if started.elapsed() > PATIENCE {
                    let runs = count(usize::try_from(done.load(Ordering::Relaxed)).unwrap_or(usize::MAX), "run");
                    context.screen.progress(&format!("{runs} so far, {:.0} s", started.elapsed().as_secs_f64()));
                }
            }
        }
    }
}

/// The first distinct next steps, worst pairs first.
fn hints(report: &Report) -> Vec<&str> {
    let mut hints: Vec<&str> = Vec::new();
    for step in worst_first(report).into_iter().flat_map(|view| &view.findings).filter_map(|finding| finding.next_step.as_deref())
    {
        if hints.len() == HINTS {
            break;
        }
        if !hints.contains(&step) {
            hints.push(step);
        }
    }
    hints
}

/// Pairs that ask for a word, worst first, then by name.
fn worst_first(report: &Report) -> Vec<&View> {
    let mut views: Vec<&View> = report.views.iter().filter(|view| !view.suspended && !view.plainly_healthy()).collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.assessment));
    views
}

fn print(context: &Context<'_>, args: &ReconcileArgs, report: &Report) -> Result<(), Failure> {
    let all = report.views.len() <= LIST_ALL;
    let shown: Vec<&View> = report.views.iter().filter(|view| all || !view.plainly_healthy()).collect();
    if args.output.structured() {
        let db = Db::open_read_only(&context.state_dir()?)?;
        let items = resource::observations(&db, &report.views)?;
        context.screen.data(&format::objects(args.output, items, false)?);
        return Ok(());
    }
    if args.output == Format::Name {
        let names = shown.iter().map(|view| format!("observation/{}", view.pair.observation_name()));
        context.screen.data(&format::lines(names));
        return Ok(());
    }
    let mut table = Table::new(&["CHECK", "TARGET", "ASSESSMENT", "REACTION", "WHY"]);
    for view in shown {
        table.row([
            view.pair.check.to_string(),
            view.pair.target.to_string(),
            resource::assessment_word(view),
            view.reaction.map_or("-", crate::api::ReactionOutcome::as_str).to_owned(),
            format!("{}: {}", view.reason, view.why),
        ]);
    }
    if !table.is_empty() {
        context.screen.data(&table.render());
    }
    Ok(())
}

fn summary(report: &Report, counts: &Counts, seconds: f64) -> String {
    let mut said: Vec<String> = [
        (counts.healthy, "healthy"),
        (counts.unknown, "unknown"),
        (counts.degraded, "degraded"),
        (counts.unhealthy, "unhealthy"),
        (counts.accepted, "accepted"),
        (counts.suspended, "suspended"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    if said.is_empty() {
        said.push("nothing to check".to_owned());
    }
    let tally = &report.tally;
    let mut done = format!("ran {}, fresh {}, reruns {}", tally.ran, tally.fresh, tally.reruns);
    if tally.busy + tally.lost > 0 {
        done = format!("{done}, {} left to another tecrax", tally.busy + tally.lost);
    }
    if report.left > 0 {
        done = format!("{done}, {} left at the deadline", report.left);
    }
    if !report.removed.is_empty() {
        done = format!("{done}, {} no longer wanted", report.removed.len());
    }
    format!(
        "{} on {}: {};{} {done} in {seconds:.2} s",
        count(report.views.len(), "pair"),
        count(report.targets, "target"),
        said.join(", "),
        escalations(&report.escalations),
    )
}

/// The open escalations that a person is called for, by name, and how many are suppressed; empty when nothing is open.
fn escalations(open: &[EscalationState]) -> String {
    let (suppressed, calling): (Vec<_>, Vec<_>) =
        open.iter().partition(|state| state.matter.as_ref().is_some_and(|matter| matter.suppressed.is_some()));
    let names: Vec<&str> = calling.iter().take(NAMED).map(|state| state.id.name.as_str()).collect();
    let more = if calling.len() > NAMED { " …" } else { "" };
    let mut said = match calling.len() {
        0 => String::new(),
        number => format!(" {} open ({}{more});", count(number, "escalation"), names.join(", ")),
    };
    if !suppressed.is_empty() {
        said = format!("{said} {} suppressed;", count(suppressed.len(), "escalation"));
    }
    said
}

/// What a person would type next.
fn next_command(report: &Report) -> String {
    match worst_first(report).first() {
        Some(view) => format!("tecrax describe {}", resource::typed_name(view)),
        None if report.views.is_empty() => "tecrax validate PATH, to see why no pair is wanted".to_owned(),
        None => "tecrax get".to_owned(),
    }
}
