//! What every part of the engine shares.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::claims::Claimer;
use super::commit::Committer;
use super::deadline::Deadline;
use super::deliver::Post;
use super::following::RESCAN;
use super::inputs::Inputs;
use super::keep::{Keeper, Keeping};
use super::limits::Limits;
use super::place::Places;
use super::pulse::Pulse;
use super::shelf::Shelf;
use super::wants::Known;
use crate::admission::{DefaultPolicy, Judge};
use crate::api::{Available, Criticality, PairId, SandboxLevel};
use crate::connect::{OpenContext, Sandbox};
use crate::desired::Desired;
use crate::evidence::Show;
use crate::notify::Courier;
use crate::profile::Profile;
use crate::run::{Now, Stop};
use crate::secrets::Redactor;
use crate::status::{EscalationState, PairState, Phase};
use crate::store::{Store, StoreError};

/// The highest level of sandbox that local commands get here: what a Policy can oblige. Where none asks for any it is not tried.
async fn available(desired: &Desired, sandbox: &Sandbox) -> Available {
    let asks = desired.policies.iter().any(|policy| policy.asks_for_sandbox());
    if asks { sandbox.available().await } else { SandboxLevel::None.into() }
}

/// What happens while the engine works; outputs and logs are consumers of it.
#[derive(Debug)]
pub enum Event {
    /// A run is durable.
    Ran {
        /// The pair's state after it.
        state: Box<PairState>,
        /// Whether it was a rerun.
        rerun: bool,
    },
    /// Another process works on the pair.
    Busy(PairId),
    /// Policy refused the plan.
    Denied(PairId, String),
    /// The store refused a commit because the claim had passed on; the run counts for nothing.
    Lost(PairId),
    /// Nobody wants the pair any more; its last record is durable and its evidence stays.
    Removed(PairId),
    /// An Escalation changed, and that is durable.
    Escalation(Box<EscalationState>),
    /// The manifests were read again, whether or not they differ.
    Read {
        /// From the first file to what is wanted.
        took: std::time::Duration,
    },
    /// The manifests were read again and differ.
    Reloaded {
        /// Valid pairs.
        pairs: usize,
        /// Problems that are errors.
        errors: usize,
        /// Objects whose last good version is in force.
        held: usize,
    },
    /// What these manifests want is in force from now on.
    InForce(Arc<Inputs>),
    /// Manifests or secrets could not be read again; said once until they can.
    ReloadFails(String),
    /// They can be read again.
    ReloadWorks,
    /// The daemon has looked at the Escalations: how many are open, by severity and by whether they are suppressed.
    Standing(BTreeMap<(Criticality, bool), usize>),
    /// A Sink heard of an incident for the first time, or that it is over.
    Told {
        /// `namespace/name` of the Sink.
        sink: String,
        /// What was said.
        phase: Phase,
        /// One sentence about the incident.
        summary: String,
    },
    /// A Sink does not accept any more; said once until it does.
    SinkFails {
        /// `namespace/name` of the Sink.
        sink: String,
        /// Why.
        message: String,
    },
    /// How a Sink stands, at every look at it and after every request.
    SinkStands {
        /// `namespace/name` of the Sink.
        sink: String,
        /// Whether it does not accept what waits for it.
        fails: bool,
    },
    /// A Sink refuses one notice and is not tried less for the others; said once a notice.
    SinkRefuses {
        /// `namespace/name` of the Sink.
        sink: String,
        /// Why.
        message: String,
    },
    /// A Sink accepts again.
    SinkAccepts {
        /// `namespace/name` of the Sink.
        sink: String,
    },
    /// How many wanted pairs show `Stale`, and how many were never observed.
    Stale {
        /// No run has begun when one should have.
        overdue: usize,
        /// They run as they should, and `freshFor` is shorter than that.
        on_schedule: usize,
        /// They may run, and have no evidence: due since they are wanted.
        without_evidence: usize,
    },
    /// The store failed; the loop goes on and tries again.
    StoreFailed(String),
    /// The store takes what it is given again: nothing was due that would show it.
    StoreWorks,
    /// A duty of the daemon could not be done; it tries again, and [`Event::DutyDone`] says when it could.
    DutyFailed {
        /// Which.
        duty: Duty,
        /// Why.
        error: String,
    },
    /// A duty of the daemon is done again.
    DutyDone(Duty),
    /// The daemon's loop has turned: it looked for what is due. It does so at least every ten seconds.
    Ticked {
        /// Targets whose rounds it started.
        started: usize,
        /// How late it was for the pair of them that had been due longest; none without such a pair, or when it was never due.
        late: Option<SignedDuration>,
    },
}

/// What the daemon does beside the rounds, and what runs that are recorded do not show to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// What is claimed becomes Escalations.
    Escalating,
    /// The log is signed, and what is too old is dropped.
    Keeping,
}

/// Who hears of events.
pub type Listener = Arc<dyn Fn(&Event) + Send + Sync>;

/// What an [`Engine`] is made of.
pub struct EngineOptions {
    /// The profile.
    pub profile: Arc<Profile>,
    /// The store.
    pub store: Store,
    /// What connections need of this process.
    pub open: OpenContext,
    /// The wall clock.
    pub now: Now,
    /// Names this process in claims; different in every process.
    pub holder: String,
    /// Removes secret values from what is sealed.
    pub redactor: Redactor,
    /// What artifacts may show of a target.
    pub show: Show,
    /// Who hears of events.
    pub listener: Listener,
}

/// What every part of the engine shares.
pub struct Engine {
    pub(super) profile: Arc<Profile>,
    /// What decides about runs, by intent.
    pub(super) packs: Shelf,
    pub(super) store: Store,
    pub(super) open: OpenContext,
    pub(super) now: Now,
    pub(super) holder: String,
    pub(super) redactor: Redactor,
    pub(super) show: Show,
    /// When this process began to look after pairs.
    pub(super) began: Timestamp,
    /// What all sets of manifests wanted last.
    pub(super) wants: Known,
    /// Pairs that another process held when they were due, until their next run.
    held_up: Mutex<HashSet<PairId>>,
    pub(super) listener: Listener,
    /// What becomes of pairs that no Policy selects.
    default_policy: OnceLock<DefaultPolicy>,
    /// How the log is kept.
    pub(super) keeper: OnceLock<Keeper>,
    /// Runs that are neither durable nor given up: the committer waits for no more than these.
    pub(super) in_flight: Arc<AtomicUsize>,
    pub(super) claimer: Claimer,
    pub(super) committer: Committer,
    pub(super) places: Arc<Places>,
    pub(super) post: Post,
    /// Whether this process does what its heartbeat says.
    pub(super) pulse: Pulse,
    /// Ends runs in progress.
    pub(super) stop: Stop,
    /// When a pass must have ended.
    pub(super) deadline: OnceLock<Deadline>,
    /// Annotations have asked for runs.
    pub(super) asked: Notify,
    /// Somebody asks to read the manifests again.
    pub(super) rescan: Notify,
    /// Somebody asks to look at the clock.
    pub(super) wake: Notify,
    /// How often the manifests are looked at without a hint.
    rescan_every: OnceLock<Duration>,
    /// Whether runs are judged and then dropped, to measure what evidence costs.
    #[cfg(feature = "bench")]
    discards: std::sync::atomic::AtomicBool,
}

impl Engine {
    /// Starts claimer and committer. Must be called inside a Tokio runtime.
    pub fn new(options: EngineOptions) -> Arc<Self> {
        let EngineOptions { profile, store, open, now, holder, redactor, show, listener } = options;
        let in_flight = Arc::new(AtomicUsize::new(0));
        let committer = Committer::start(store.clone(), Arc::clone(&in_flight));
        let claimer = Claimer::start(store.clone(), holder.clone(), Arc::clone(&now));
        let began = now();
        let held_up = Mutex::default();
        let packs = Shelf::new(Arc::clone(&profile));
        let post = Post::new(Courier::new(Arc::clone(&open.secrets), redactor.clone()));
        Arc::new(Self {
            profile,
            packs,
            store,
            open,
            now,
            holder,
            redactor,
            show,
            began,
            wants: Known::default(),
            held_up,
            listener,
            default_policy: OnceLock::new(),
            keeper: OnceLock::new(),
            in_flight,
            claimer,
            committer,
            places: Places::new(),
            post,
            pulse: Pulse::default(),
            stop: Stop::default(),
            deadline: OnceLock::new(),
            asked: Notify::new(),
            rescan: Notify::new(),
            wake: Notify::new(),
            rescan_every: OnceLock::new(),
            #[cfg(feature = "bench")]
            discards: std::sync::atomic::AtomicBool::new(false),
        })
    }

    /// From here on, runs are judged and then dropped: what a pass costs without evidence. Only measurements have this.
    #[cfg(feature = "bench")]
    pub fn discard_evidence(&self) {
        self.discards.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    #[cfg(feature = "bench")]
    pub(super) fn discards_evidence(&self) -> bool {
        self.discards.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The profile in force.
    pub const fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// What stands between commands and this machine.
    pub const fn sandbox(&self) -> &Sandbox {
        &self.open.sandbox
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Says what becomes of pairs that no Policy selects; only the first word counts. Unsaid, the bundled default admits them.
    pub fn fall_back(&self, default: DefaultPolicy) {
        let _ = self.default_policy.set(default);
    }

    /// Who admits the plans of what is desired.
    pub(super) async fn judge(&self, desired: &Desired) -> Judge {
        let default = self.default_policy.get().copied().unwrap_or_default();
        Judge::new(desired, &self.profile.name, default, available(desired, &self.open.sandbox).await)
    }

    /// Says how much is done at the same time; unsaid, as much as [`Limits::default`].
    pub fn limit(&self, limits: Limits) {
        self.places.limit(limits);
    }

    /// Says how the log is kept; only the first word counts.
    pub fn keep(&self, keeping: Keeping) {
        let _ = self.keeper.set(Keeper::new(keeping));
    }

    /// Gives every claim of this process back. For a caller that stops a pass before its end: other processes need not wait for
    /// the claims to run out.
    ///
    /// # Errors
    /// The store's.
    pub async fn give_up(&self) -> Result<(), StoreError> {
        self.store.release_all(self.holder.clone()).await
    }

    /// Gives back claims that came to nothing. When the store can not be told now, it is before the next claims.
    pub(super) async fn give_back(&self, claims: Vec<(PairId, i64)>) {
        if !claims.is_empty() && self.store.release(claims.clone()).await.is_err() {
            self.claimer.abandon(claims);
        }
    }

    /// Returns when claims are granted and runs recorded no more, and never will be: a bug has ended who does it.
    pub(super) async fn broken(&self) {
        tokio::select! {
            () = self.store.ended() => {}
            () = self.claimer.ended() => {}
            () = self.committer.ended() => {}
        }
    }

    /// Notes that another process held the pair when it was due.
    pub(super) fn hold_up(&self, pair: &PairId) {
        self.held_up.lock().unwrap_or_else(PoisonError::into_inner).insert(pair.clone());
    }

    /// Whether that happened since it was last asked.
    pub(super) fn was_held_up(&self, pair: &PairId) -> bool {
        self.held_up.lock().unwrap_or_else(PoisonError::into_inner).remove(pair)
    }

    /// Forgets of which pairs that is so, but for those that are `wanted`.
    pub(super) fn keep_held_up(&self, wanted: impl Fn(&PairId) -> bool) {
        self.held_up.lock().unwrap_or_else(PoisonError::into_inner).retain(wanted);
    }

    /// Reads manifests and secrets again at once, and looks at the clock. Only the daemon hears it.
    pub fn rescan(&self) {
        self.rescan.notify_one();
        self.wake.notify_one();
    }

    /// Says how often the daemon looks at the manifests without any file event; only the first word counts. Unsaid: [`RESCAN`].
    pub fn look_every(&self, interval: Duration) {
        let _ = self.rescan_every.set(interval);
    }

    pub(super) fn rescan_every(&self) -> Duration {
        self.rescan_every.get().copied().unwrap_or(RESCAN)
    }

    pub(super) fn tell(&self, event: &Event) {
        self.pulse.hear(event);
        (self.listener)(event);
    }
}
