//! What the daemon counts, in Prometheus' naming. Labels are closed words: assessments, intents of the profile, severities.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::standing::{Labels, Number, Seconds, Standing, seconds, signed, text};
use super::vitals::Hanging;
use crate::api::{Assessment, Digest, PairId};
use crate::engine::{Event, Inputs};
use crate::run::Now;
use crate::status::{PairBrief, PairState};

/// Longest lag of the scheduler and longest run are beyond these, in seconds.
const LAGS: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
const READS: [f64; 8] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const RUNS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// The name of a pair, shortened.
type Key = [u8; 8];

fn key(pair: &PairId) -> Key {
    let digest = Digest::of(pair.to_string().as_bytes());
    digest.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// What pairs said last, of those that are wanted.
#[derive(Debug, Default)]
struct Said {
    assessments: HashMap<Key, Assessment>,
    /// `None` before manifests are in force.
    wanted: Option<HashSet<Key>>,
}

/// Sinks that do not accept what waits for them, among those that are wanted.
#[derive(Debug, Default)]
struct Failing {
    sinks: HashSet<String>,
    /// `None` before manifests are in force.
    wanted: Option<HashSet<String>>,
}

/// What the daemon counts.
pub struct Metrics {
    registry: Mutex<Registry>,
    now: Now,
    runs: Family<Labels, Counter>,
    reruns: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    denials: Counter,
    lost: Counter,
    busy: Counter,
    removed: Counter,
    store_failures: Counter,
    escalations: Family<Labels, Counter>,
    told: Family<Labels, Counter>,
    sink_failures: Counter,
    failing: Mutex<Failing>,
    sinks_failing: Number,
    standing: Standing,
    /// What each pair said last, by a short digest of its name: a hundred thousand names would be megabytes.
    said: Mutex<Said>,
    reloads: Counter,
    reads: Histogram,
    reloaded: Seconds,
    reload_failures: Counter,
    /// Whether manifests or secrets could not be read at all last.
    reload_fails: AtomicBool,
    reload_works: Number,
    tick: Seconds,
    lag: Histogram,
    hanging: Family<Labels, Number>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Everything at zero.
    pub fn new(now: Now) -> Self {
        let durations = Family::<Labels, Histogram, fn() -> Histogram>::new_with_constructor(|| Histogram::new(RUNS));
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("tecrax")),
            now,
            runs: Family::default(),
            reruns: Family::default(),
            durations,
            denials: Counter::default(),
            lost: Counter::default(),
            busy: Counter::default(),
            removed: Counter::default(),
            store_failures: Counter::default(),
            escalations: Family::default(),
            told: Family::default(),
            sink_failures: Counter::default(),
            failing: Mutex::default(),
            sinks_failing: Number::default(),
            standing: Standing::default(),
            said: Mutex::default(),
            reloads: Counter::default(),
            reads: Histogram::new(READS),
            reloaded: Seconds::default(),
            reload_failures: Counter::default(),
            reload_fails: AtomicBool::new(false),
            reload_works: Number::default(),
            tick: Seconds::default(),
            lag: Histogram::new(LAGS),
            hanging: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.standing.register(&mut registry);
        registry.register("runs", "Runs on schedule that are recorded, by intent and what they said", self.runs.clone());
        registry.register("reruns", "Runs that a reaction asked for, by intent of the pair", self.reruns.clone());
        let durations = self.durations.clone();
        registry.register_with_unit("run_duration", "How long runs on schedule took, by intent", Unit::Seconds, durations);
        registry.register("denials", "Plans that policy refused, each told once", self.denials.clone());
        registry.register("runs_lost", "Runs that count for nothing because their claim had passed on", self.lost.clone());
        registry.register("pairs_busy", "Pairs that were left to another process when they were due", self.busy.clone());
        registry.register("pairs_removed", "Pairs that nobody wants any more", self.removed.clone());
        registry.register("store_failures", "Times that the store could not take what it was given", self.store_failures.clone());
        registry.register("escalations", "Changes of Escalations, by what happened", self.escalations.clone());
        registry.register("notices", "Notices that Sinks have accepted, by phase", self.told.clone());
        registry.register("sink_failures", "Times that a Sink began to fail", self.sink_failures.clone());
        let failing = self.sinks_failing.clone();
        registry.register(
            "sinks_failing",
            "Sinks that did not accept what they were told last, and for which something waits",
            failing,
        );
        registry.register("manifest_reloads", "Times that the manifests were read and differed", self.reloads.clone());
        let reads = "How long reading the manifests took, whether or not they differed";
        registry.register_with_unit("manifest_read_duration", reads, Unit::Seconds, self.reads.clone());
        let reloaded = self.reloaded.clone();
        registry.register_with_unit("manifest_reload_timestamp", "When that was last, Unix time", Unit::Seconds, reloaded);
        let help = "Times that reading manifests or secrets again began to fail, or found new errors";
        registry.register("manifest_reload_failures", help, self.reload_failures.clone());
        self.reload_works.set(1);
        let help = "1 when manifests and secrets could be read last, and the manifests had no errors; else 0";
        registry.register("manifest_last_reload_successful", help, self.reload_works.clone());
        let tick = self.tick.clone();
        registry.register_with_unit("scheduler_tick_timestamp", "When the loop turned last, Unix time", Unit::Seconds, tick);
        let lag = "How late a turn of the loop was for the pair it started that had been due longest";
        registry.register_with_unit("scheduler_lag", lag, Unit::Seconds, self.lag.clone());
        registry.register("hanging", "1 while nothing comes back from there, by what is waited for", self.hanging.clone());
        self.hang(Hanging::default());
    }

    /// Takes an event.
    pub fn hear(&self, event: &Event) {
        match event {
            Event::Ran { state, rerun } => self.ran(state, *rerun),
            Event::Busy(_) => drop(self.busy.inc()),
            Event::Denied(..) => drop(self.denials.inc()),
            Event::Lost(_) => drop(self.lost.inc()),
            Event::Removed(pair) => {
                self.removed.inc();
                self.say(pair, None);
            }
            Event::Read { took } => self.reads.observe(took.as_secs_f64()),
            Event::Reloaded { pairs, errors, held } => {
                self.reloads.inc();
                self.standing.pairs.set(signed(*pairs));
                self.standing.manifest_errors.set(signed(*errors));
                self.standing.manifest_held.set(signed(*held));
                self.reloaded.set(seconds((self.now)()));
                if *errors > 0 {
                    self.reload_failures.inc();
                }
                self.judge_reload();
            }
            Event::InForce(inputs) => self.keep(inputs),
            Event::ReloadFails(_) => {
                self.reload_failures.inc();
                self.reload_fails.store(true, Ordering::Relaxed);
                self.judge_reload();
            }
            Event::ReloadWorks => {
                self.reload_fails.store(false, Ordering::Relaxed);
                self.judge_reload();
            }
            Event::Standing(open) => self.standing.stand(open),
            Event::Stale { overdue, on_schedule, without_evidence } => {
                self.standing.stale(*overdue, *on_schedule);
                self.standing.without_evidence.set(signed(*without_evidence));
            }
            Event::StoreFailed(_) | Event::DutyFailed { .. } => drop(self.store_failures.inc()),
            Event::Escalation(state) => {
                if let Some(change) = state.change {
                    self.escalations.get_or_create(&vec![("change", change.as_str().to_owned())]).inc();
                }
            }
            Event::Told { phase, .. } => drop(self.told.get_or_create(&vec![("phase", phase.as_str().to_owned())]).inc()),
            Event::SinkFails { .. } => drop(self.sink_failures.inc()),
            Event::SinkStands { sink, fails } => self.stand(sink, *fails),
            Event::SinkRefuses { .. } | Event::SinkAccepts { .. } | Event::DutyDone(_) | Event::StoreWorks => {}
            Event::Ticked { late, .. } => {
                self.tick.set(seconds((self.now)()));
                if let Some(late) = late {
                    self.lag.observe(late.as_secs_f64().max(0.0));
                }
            }
        }
    }

    /// Forgets what nobody wants any more: another process may be the one that buries it. A Sink that fails goes on failing until it is
    /// told something, however often the manifests change meanwhile.
    fn keep(&self, inputs: &Inputs) {
        let sinks: HashSet<String> = inputs.desired.sinks.values().map(|sink| sink.title()).collect();
        self.want(sinks);
        let pairs: HashSet<Key> = inputs.desired.pairs.iter().map(|pair| key(&pair.id)).collect();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.assessments.retain(|pair, assessment| {
            let stays = pairs.contains(pair);
            if !stays {
                self.standing.said(*assessment).dec();
            }
            stays
        });
        said.wanted = Some(pairs);
    }

    fn want(&self, sinks: HashSet<String>) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.sinks.retain(|sink| sinks.contains(sink));
        failing.wanted = Some(sinks);
        self.sinks_failing.set(signed(failing.sinks.len()));
    }

    /// Takes what hangs.
    pub fn hang(&self, hanging: Hanging) {
        for (what, since) in [("manifests", hanging.manifests), ("store", hanging.store)] {
            self.hanging.get_or_create(&vec![("what", what.to_owned())]).set(i64::from(since.is_some()));
        }
    }

    fn stand(&self, sink: &str, fails: bool) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        // A request may end after its Sink was given up.
        if fails && failing.wanted.as_ref().is_none_or(|wanted| wanted.contains(sink)) {
            failing.sinks.insert(sink.to_owned());
        } else {
            failing.sinks.remove(sink);
        }
        self.sinks_failing.set(signed(failing.sinks.len()));
    }

    fn judge_reload(&self) {
        let fine = self.standing.manifest_errors.get() == 0 && !self.reload_fails.load(Ordering::Relaxed);
        self.reload_works.set(i64::from(fine));
    }

    /// Takes what is known of a pair from before this process.
    pub fn remember(&self, state: &PairBrief) {
        let last = state.last.as_ref().filter(|_| !state.removed);
        self.say(&state.pair, last.map(|last| last.assessment));
    }

    fn say(&self, pair: &PairId, assessment: Option<Assessment>) {
        let key = key(pair);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        // A round may end after its pair was given up.
        let assessment = assessment.filter(|_| said.wanted.as_ref().is_none_or(|wanted| wanted.contains(&key)));
        let before = match assessment {
            Some(assessment) => said.assessments.insert(key, assessment),
            None => said.assessments.remove(&key),
        };
        drop(said);
        if before != assessment {
            before.map(|before| self.standing.said(before).dec());
            assessment.map(|assessment| self.standing.said(assessment).inc());
        }
    }

    fn ran(&self, state: &PairState, rerun: bool) {
        self.standing.last_run.set(seconds((self.now)()));
        let intent = ("intent", state.intent.clone());
        if rerun {
            self.reruns.get_or_create(&vec![intent]).inc();
            return;
        }
        let Some(last) = &state.last else { return };
        self.say(&state.pair, Some(last.assessment));
        if let Some(ended) = state.ended {
            let took = ended.duration_since(last.started).as_secs_f64().max(0.0);
            self.durations.get_or_create(&vec![intent.clone()]).observe(took);
        }
        self.runs.get_or_create(&vec![intent, ("assessment", last.assessment.as_str().to_owned())]).inc();
    }

    /// The page, in the text format that every Prometheus reads.
    pub fn render(&self) -> String {
        text(&self.registry.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::engine::ManualClock;

    /// A request to a Sink that is gone may end long after it: nobody would ever say that it fails no more.
    #[test]
    fn a_sink_that_is_gone_does_not_begin_to_fail_again() {
        let metrics = Metrics::new(ManualClock::new(Timestamp::UNIX_EPOCH).now());
        let fails = |fails| metrics.hear(&Event::SinkStands { sink: "default/ops".to_owned(), fails });
        let failing = || metrics.sinks_failing.get();
        fails(true);
        assert_eq!(failing(), 1, "before manifests are in force");
        metrics.want(HashSet::from(["default/ops".to_owned()]));
        assert_eq!(failing(), 1);
        fails(false);
        assert_eq!(failing(), 0);
        fails(true);
        metrics.want(HashSet::new());
        assert_eq!(failing(), 0);
        fails(true);
        assert_eq!(failing(), 0, "it is gone");
        metrics.want(HashSet::from(["default/ops".to_owned()]));
        fails(true);
        assert_eq!(failing(), 1, "and back");
    }
}
