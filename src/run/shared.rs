//! Readings that several plans of one round share: identical readings are taken once, attempt by attempt.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell};

use super::{Now, version};
use crate::admission::{Admitted, AdmittedStep};
use crate::api::{Digest, ErrorClass, LabelName, Retry, RetryClass};
use crate::connect::{Failure, OpenContext, Output, Session};
use crate::desired::DesiredTarget;
use crate::plan::Plan;
use crate::profile::ServerVersion;

use super::Reading;

/// What makes two readings the same, within one Target and round: connection, its resolved configuration, shape, parameters, the
/// version of the server where it decides what is sent, and which attempt it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Identity {
    connection: LabelName,
    configuration: Digest,
    shape: Digest,
    parameters: BTreeMap<LabelName, String>,
    version: Option<ServerVersion>,
    attempt: u32,
}

/// One try of one reading.
#[derive(Debug, Clone)]
struct Attempt {
    result: Result<Output, Failure>,
    at: Timestamp,
    took: Duration,
    /// Whether there was a session to take it on.
    connected: bool,
}

type Cell<T> = Arc<OnceCell<T>>;
/// A session of a role, or why there is none.
type Opened = Result<Arc<Session>, Failure>;

/// The sessions and readings of one Target in one round. Never outlives the round, never spans Targets.
pub(super) struct Shared<'a> {
    target: &'a DesiredTarget,
    /// `<namespace>/<name>` of the Target.
    name: String,
    open: &'a OpenContext,
    now: &'a Now,
    sessions: Mutex<HashMap<LabelName, Cell<Opened>>>,
    attempts: Mutex<HashMap<Identity, Cell<Attempt>>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(target: &'a DesiredTarget, open: &'a OpenContext, now: &'a Now) -> Self {
        let name = format!("{}/{}", target.namespace, target.name);
        Self { target, name, open, now, sessions: Mutex::default(), attempts: Mutex::default() }
    }

    /// Takes the reading of a step of `plan`, or joins whoever takes it, and tries again as `retry` says. What depends on the
    /// server's version waits for the reading of that, which is one like any other: taken once.
    ///
    /// Cancel-safe: when the task that takes a reading is dropped, the next one that waits for it takes it.
    pub(super) async fn reading(&self, plan: &Plan<Admitted>, step: AdmittedStep<'_>, retry: &Retry) -> Reading {
        if !step.step().needs_version() {
            return self.tried(step, None, retry).await;
        }
        let Some(asking) = plan.admitted_steps().find(|other| other.step().reads_version_of(step.step())) else {
            let failure = Failure::new(ErrorClass::Internal, "the plan does not read the server's version");
            return Reading { result: Err(failure), at: (self.now)(), took: Duration::ZERO, attempts: 1 };
        };
        let read = self.tried(asking, None, retry).await;
        match version::of(&read.result) {
            Ok(version) => self.tried(step, Some(version), retry).await,
            Err(failure) => Reading { result: Err(failure), ..read },
        }
    }

    async fn tried(&self, step: AdmittedStep<'_>, version: Option<ServerVersion>, retry: &Retry) -> Reading {
        let mut attempt = 0;
        let mut first_at = None;
        loop {
            let tried = self.attempt(step, version, attempt).await;
            attempt += 1;
            // The session is opened once a round: where it could not be, another try would only wait to hear the same.
            let again = tried.connected
                && attempt <= u32::from(retry.attempts)
                && tried.result.as_ref().is_err_and(|failure| retries(failure, &retry.on));
            let at = *first_at.get_or_insert(tried.at);
            if !again {
                return Reading { result: tried.result, at, took: tried.took, attempts: attempt };
            }
            tokio::time::sleep(retry.interval.map_or(RETRY_PAUSE, crate::api::Duration::to_std)).await;
        }
    }

    async fn attempt(&self, step: AdmittedStep<'_>, version: Option<ServerVersion>, attempt: u32) -> Attempt {
        let role = &step.step().connection;
        let identity = Identity {
            connection: role.clone(),
            configuration: self.target.connections.get(role).map_or_else(|| Digest::of(b""), |connection| connection.digest),
            shape: step.step().shape.digest,
            parameters: step.step().parameters.clone(),
            version,
            attempt,
        };
        let cell = Arc::clone(self.attempts.lock().await.entry(identity).or_default());
        cell.get_or_init(|| async {
            let at = (self.now)();
            let clock = tokio::time::Instant::now();
            let (connected, result) = match self.session(role).await {
                Ok(session) => (true, session.take(step, version).await),
                Err(failure) => (false, Err(failure)),
            };
            Attempt { result, at, took: clock.elapsed(), connected }
        })
        .await
        .clone()
    }

    /// The session of a role, opened once. A refused connection is refused for every reading of the round.
    async fn session(&self, role: &LabelName) -> Opened {
        let Some(connection) = self.target.connections.get(role) else {
            return Err(Failure::new(ErrorClass::NotDeclared, format!("the Target declares no connection `{role}`")));
        };
        let cell = Arc::clone(self.sessions.lock().await.entry(role.clone()).or_default());
        cell.get_or_init(|| async { Session::open(&connection.config, &self.name, self.open).await.map(Arc::new) }).await.clone()
    }

    /// Ends every session in good order.
    pub(super) async fn close(self) {
        for cell in self.sessions.into_inner().into_values() {
            let session = Arc::into_inner(cell).and_then(OnceCell::into_inner).and_then(Result::ok);
            if let Some(session) = session.and_then(Arc::into_inner) {
                session.close().await;
            }
        }
    }
}

/// Pause between tries when the Check names none.
const RETRY_PAUSE: Duration = Duration::from_secs(2);

fn retries(failure: &Failure, on: &[RetryClass]) -> bool {
    on.iter().any(|wanted| match wanted {
        RetryClass::Timeout => failure.class == ErrorClass::Timeout,
        RetryClass::Transient => failure.transient,
    })
}
