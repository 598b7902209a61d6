//! Readings that several plans of one round share: identical readings are taken once, try by try.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{Instant, timeout};

use super::Now;
use crate::admission::AdmittedStep;
use crate::api::{Digest, ErrorClass, LabelName, SandboxLevel};
use crate::connect::{Connector, Failure, Meter, Output};
use crate::desired::DesiredTarget;
use crate::profile::ServerVersion;

/// A connector holds the time of a reading itself, and knows best how to end it; one that does not is cut off this much later.
const OVERTIME: Duration = Duration::from_secs(1);
/// How long saying goodbye may take.
const CLOSING: Duration = Duration::from_secs(2);

/// What makes two readings the same, within one Target and round: connection, its resolved configuration, shape, parameters, the
/// version of the server where it decides what is sent, and which try it is. And the bounds: a reading that one policy or Check
/// allows less time or fewer bytes, or wants shut in further, is another reading, so that nobody's bounds decide over somebody else's answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Identity {
    connection: LabelName,
    configuration: Digest,
    shape: Digest,
    parameters: BTreeMap<LabelName, String>,
    version: Option<ServerVersion>,
    timeout: Duration,
    max_output_bytes: u32,
    sandbox: SandboxLevel,
    attempt: Number,
}

/// Which try it is, from 0, and the pause before it: those who pause longer look later.
pub(super) type Number = (usize, Duration);

/// One try of one reading.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) result: Result<Output, Failure>,
    pub(super) at: Timestamp,
    pub(super) took: Duration,
    /// Bytes that the target sent, kept or not.
    pub(super) read: u64,
    /// Whether there was a session to take it on.
    pub(super) connected: bool,
}

type Cell<T> = Arc<OnceCell<T>>;
/// A session of a role, or why there is none.
type Opened<S> = Result<Arc<S>, Failure>;

/// The sessions and readings of one Target in one round. Never outlives the round, never spans Targets.
pub(super) struct Shared<'a, C: Connector> {
    target: &'a DesiredTarget,
    /// `<namespace>/<name>` of the Target.
    name: String,
    connector: &'a C,
    now: &'a Now,
    sessions: Mutex<HashMap<LabelName, Cell<Opened<C::Session>>>>,
    attempts: Mutex<HashMap<Identity, Cell<Tried>>>,
}

impl<'a, C: Connector> Shared<'a, C> {
    pub(super) fn new(target: &'a DesiredTarget, connector: &'a C, now: &'a Now) -> Self {
        let name = format!("{}/{}", target.namespace, target.name);
        Self { target, name, connector, now, sessions: Mutex::default(), attempts: Mutex::default() }
    }

    /// The wall clock.
    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Takes a reading of a step, or joins whoever takes it. Nothing is begun at `deadline` or after it.
    ///
    /// Cancel-safe: when the run that takes a reading has come to its end, the next one that waits for it takes it.
    pub(super) async fn attempt(
        &self,
        step: AdmittedStep<'_>,
        version: Option<ServerVersion>,
        attempt: Number,
        deadline: Instant,
    ) -> Tried {
        let role = &step.step().connection;
        let identity = Identity {
            connection: role.clone(),
            configuration: self.target.connections.get(role).map_or_else(|| Digest::of(b""), |connection| connection.digest),
            shape: step.step().shape.digest,
            parameters: step.step().parameters.clone(),
            version,
            timeout: step.timeout(),
            max_output_bytes: step.max_output_bytes(),
            sandbox: step.sandbox(),
            attempt,
        };
        let cell = Arc::clone(self.attempts.lock().await.entry(identity).or_default());
        cell.get_or_init(|| async {
            before(deadline).await;
            let (at, clock, meter) = (self.now(), Instant::now(), Meter::default());
            let (connected, result) = match self.session(role, deadline).await {
                Ok(session) => (true, self.take(&session, step, version, &meter).await),
                Err(failure) => (false, Err(failure)),
            };
            Tried { result, at, took: clock.elapsed(), read: meter.read(), connected }
        })
        .await
        .clone()
    }

    /// Takes a reading inside the step's time and bytes, whatever the connector does.
    async fn take(
        &self,
        session: &C::Session,
        step: AdmittedStep<'_>,
        version: Option<ServerVersion>,
        meter: &Meter,
    ) -> Result<Output, Failure> {
        let limit = step.timeout().saturating_add(OVERTIME);
        let Ok(result) = timeout(limit, self.connector.take(session, step, version, meter)).await else {
            return Err(Failure::new(ErrorClass::Timeout, format!("`{}` did not end in its time", step.step().id)));
        };
        // A connector that does not count has sent at least what it hands over.
        let output = result.as_ref().map_or_else(|failure| failure.partial.as_deref(), Some);
        meter.at_least(output.map_or(0, |output| output.stdout.len() + output.stderr.len()));
        let bound = step.max_output_bytes();
        let fits = |output: &Output| [&output.stdout, &output.stderr].iter().all(|text| text.len() <= bound as usize);
        match result {
            Ok(output) if !fits(&output) => {
                Err(Failure::new(ErrorClass::OutputCut, format!("`{}` answered more than {bound} bytes", step.step().id)))
            }
            Err(failure) if !failure.partial.as_deref().is_none_or(fits) => Err(Failure { partial: None, ..failure }),
            other => other,
        }
    }

    /// The session of a role, opened once. A refused connection is refused for every reading of the round.
    async fn session(&self, role: &LabelName, deadline: Instant) -> Opened<C::Session> {
        let Some(connection) = self.target.connections.get(role) else {
            return Err(Failure::new(ErrorClass::NotDeclared, format!("the Target declares no connection `{role}`")));
        };
        let cell = Arc::clone(self.sessions.lock().await.entry(role.clone()).or_default());
        cell.get_or_init(|| async {
            before(deadline).await;
            self.connector.open(&connection.config, &self.name).await.map(Arc::new)
        })
        .await
        .clone()
    }

    /// Ends every session in good order, all at once.
    pub(super) async fn close(self) {
        let sessions = self.sessions.into_inner().into_values();
        let open = sessions.filter_map(|cell| {
            Arc::into_inner(cell).and_then(OnceCell::into_inner).and_then(Result::ok).and_then(Arc::into_inner)
        });
        // Who does not answer the goodbye is left with the connection cut.
        join_all(open.map(|session| timeout(CLOSING, self.connector.close(session)))).await;
    }
}

/// Never returns at `deadline` or after it. Runs that end at the same instant wait for each other's readings: without this, each would
/// take over from the one before it, only to be cut off itself.
async fn before(deadline: Instant) {
    if Instant::now() >= deadline {
        std::future::pending::<()>().await;
    }
}
