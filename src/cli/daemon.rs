//! `tecrax reconcile` without `--once`: follows the manifests until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tracing::level_filters::LevelFilter;

use super::args::ReconcileArgs;
use super::context::Context;
use super::exit::{Exit, Failure};
use super::logging;
use super::printable::printable;
use super::reconcile::{INTERRUPTED, engine, keep};
use super::serve::{Metrics, Pages, Supervisor, Vitals, listen};
use super::signal;
use super::troubles::Troubles;
use crate::engine::{self, Engine, Event, Listener};
use crate::status::{PairBrief, PairState};
use crate::store::Presence;

/// Of the time to stop, what is kept for a loop that does not end by itself.
const LAST_BREATH: Duration = Duration::from_millis(600);
/// What is said when the loop did not end in time.
const OVERDUE: &str = "something hangs and did not end in time; what had run is recorded";

/// Everybody who hears of the daemon's events.
struct Ears {
    vitals: Arc<Vitals>,
    metrics: Arc<Metrics>,
    supervisor: Supervisor,
    troubles: Troubles,
}

impl Ears {
    fn hear(&self, event: &Event) {
        self.vitals.hear(event);
        self.metrics.hear(event);
        self.supervisor.hear(event);
        self.troubles.hear(event);
        log(event, Runs::News);
    }
}

/// Follows the manifests until a signal says stop.
///
/// # Errors
/// Those of the state directory at the start, and a port that can not be opened.
pub(super) async fn watch(context: &Context<'_>, args: &ReconcileArgs) -> Result<Exit, Failure> {
    if context.global.log.is_none() {
        let level = if context.global.quiet { LevelFilter::WARN } else { LevelFilter::INFO };
        logging::start(level, context.global.log_format, context.screen.colored_words(), context.screen.redactor().clone());
    }
    let (first, second, overdue) = (signal::terminated(), signal::terminated_times(2), signal::terminated());
    let overdue = async {
        overdue.await;
        tokio::time::sleep(engine::STOPS_WITHIN.saturating_sub(LAST_BREATH)).await;
    };
    let ears = Arc::new(Ears {
        vitals: Arc::new(Vitals::new(args.rescan.unwrap_or(engine::RESCAN))),
        metrics: Arc::new(Metrics::new(Arc::clone(&context.now))),
        supervisor: Supervisor::from_environment(),
        troubles: Troubles::default(),
    });
    let stop = async {
        first.await;
        Supervisor::stopping();
        tracing::info!("stopping: runs in progress have {} s to end; a second signal ends them now", engine::GRACE.as_secs());
    };
    let listener: Listener = {
        let ears = Arc::clone(&ears);
        Arc::new(move |event| ears.hear(event))
    };
    let engine = engine(context, args, listener)?;
    keep(&engine, args).await?;
    if let Some(interval) = args.rescan {
        engine.look_every(interval);
    }
    let _presence = announce(context)?;
    if let Some(address) = args.listen {
        serve(&engine, &ears, address).await?;
    }
    rescan_on_hangup(&engine);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        origin = engine.store().origin(),
        "following manifests; stop with SIGTERM"
    );
    let watching = async {
        engine::watch(&engine, &args.paths, stop).await?;
        engine.store().close().await;
        Ok::<_, Failure>(())
    };
    tokio::pin!(watching);
    tokio::select! {
        ended = &mut watching => ended?,
        () = second => {
            engine.stop(&mut watching).await;
            engine.give_up().await?;
            return Err(Failure::new(Exit::Io, INTERRUPTED));
        }
        () = overdue => {
            // A file system or a disk that does not answer: claims that can not be given back run out.
            let _ = timeout(LAST_BREATH / 4, engine.stop(&mut watching)).await;
            let _ = timeout(LAST_BREATH / 4, engine.give_up()).await;
            return Err(Failure::new(Exit::Io, OVERDUE));
        }
    }
    tracing::info!("stopped; everything that ran is recorded");
    Ok(Exit::Ok)
}

/// Says that a daemon is here, to whoever asks for a run. Where that can not be said the daemon works all the same.
fn announce(context: &Context<'_>) -> Result<Option<Presence>, Failure> {
    let presence = Presence::announce(&context.state_dir()?);
    if let Err(error) = &presence {
        tracing::warn!(%error, "`tecrax run` will not know of this daemon");
    }
    Ok(presence.ok())
}

/// Opens the port and answers beside the loop.
async fn serve(engine: &Arc<Engine>, ears: &Ears, address: SocketAddr) -> Result<(), Failure> {
    let failed = |error| Failure::new(Exit::Io, format!("cannot listen on {address}: {error}"));
    let listener = listen(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "the pages of this daemon are open to the network: they name intents and counts, and ask for no password");
    }
    let metrics = Arc::clone(&ears.metrics);
    let remember = move |brief: PairBrief| -> Option<()> {
        metrics.remember(&brief);
        None
    };
    engine.store().briefs(remember).await?;
    tracing::info!(%address, "pages: /healthz, /readyz, /metrics");
    let (vitals, metrics) = (Arc::clone(&ears.vitals), Arc::clone(&ears.metrics));
    let pages = Arc::new(Pages { vitals, metrics, store: engine.store().clone() });
    tokio::spawn(pages.serve(listener));
    Ok(())
}

/// SIGHUP reads manifests and secrets again at once.
fn rescan_on_hangup(engine: &Arc<Engine>) {
    let mut hangups = signal::hangups();
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        while hangups.next().await {
            tracing::info!("SIGHUP: reading the manifests again");
            engine.rescan();
        }
    });
}

/// Which runs get a line at level `info`; the others get one at `debug`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runs {
    /// Every one: whoever asks for one pass wants to see it.
    All,
    /// Those after which a pair says something else.
    News,
}

/// One line for each event.
pub(super) fn log(event: &Event, runs: Runs) {
    match event {
        Event::Ran { state, rerun } => ran(state, *rerun, runs),
        Event::Busy(pair) => tracing::debug!(%pair, "another process works on it"),
        Event::Denied(pair, message) => tracing::warn!(%pair, "denied: {}", printable(message)),
        Event::Lost(pair) => tracing::warn!(%pair, "the claim had passed on; the run counts for nothing"),
        Event::Removed(pair) => tracing::info!(%pair, "no longer wanted; its evidence stays"),
        Event::Read { took } => tracing::trace!(?took, "looked at the manifests"),
        Event::Reloaded { pairs, errors, held } => tracing::info!(pairs, errors, held, "manifests read"),
        Event::InForce(inputs) => tracing::trace!(pairs = inputs.desired.pairs.len(), "in force"),
        Event::Escalation(state) => {
            let (Some(change), Some(matter)) = (state.change, &state.matter) else { return };
            let suppressed = matter.suppressed.as_ref().map_or("", |suppressed| suppressed.reason.as_str());
            let severity = matter.severity.as_str();
            tracing::warn!(escalation = %state.id, change = change.as_str(), severity, suppressed, "{}", printable(&matter.summary));
        }
        Event::Told { sink, phase, summary } => tracing::info!(%sink, phase = phase.as_str(), "told: {}", printable(summary)),
        Event::SinkFails { sink, message } => tracing::error!(%sink, "nobody hears of escalations there: {}", printable(message)),
        Event::SinkRefuses { sink, message } => tracing::warn!(%sink, "a notice is refused: {}", printable(message)),
        Event::SinkStands { sink, fails } => tracing::trace!(%sink, fails, "told"),
        Event::SinkAccepts { sink } => tracing::info!(%sink, "accepts again"),
        Event::ReloadFails(why) => tracing::error!("what was read last stays in force: {}", printable(why)),
        Event::ReloadWorks => tracing::info!("manifests and secrets can be read again"),
        Event::Standing(open) => tracing::trace!(open = open.values().sum::<usize>(), "looked at the escalations"),
        Event::StoreFailed(error) | Event::DutyFailed { error, .. } if runs == Runs::All => tracing::error!("{error}"),
        Event::StoreFailed(error) | Event::DutyFailed { error, .. } => tracing::debug!("{error}"),
        Event::Stale { overdue, without_evidence, .. } => tracing::trace!(overdue, without_evidence, "counted what is stale"),
        Event::StoreWorks => tracing::trace!("the state directory takes what it is given"),
        Event::DutyDone(duty) => tracing::trace!(?duty, "done"),
        Event::Ticked { started, .. } => tracing::trace!(started, "looked for what is due"),
    }
}

fn ran(state: &PairState, rerun: bool, runs: Runs) {
    let (Some(status), Some(last)) = (&state.status, &state.last) else { return };
    let outcome = status.reaction.outcome.as_str();
    if runs == Runs::All || (!rerun && state.since == Some(last.started)) {
        tracing::info!(
            pair = %state.pair, assessment = status.assessment.as_str(), reaction = outcome, rerun, "{}", printable(&status.summary)
        );
    } else {
        tracing::debug!(
            pair = %state.pair, assessment = status.assessment.as_str(), reaction = outcome, rerun, "{}", printable(&status.summary)
        );
    }
}
