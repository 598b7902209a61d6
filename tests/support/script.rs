//! A connector that does what a test says, and plans to run on it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tecrax::admission::{Admitted, AdmittedStep, Bounds, admit};
use tecrax::api::{
    self, Criticality, Digest, ErrorClass, LabelName, Labels, Namespace, PairId, Place, Retry, SubdomainName, TargetType,
};
use tecrax::connect::{Connector, Failure, Meter, Output};
use tecrax::desired::{Cadence, ConnectionConfig, DesiredCheck, DesiredTarget, Pair, ResolvedConnection, WrapperConfig};
use tecrax::plan::{Plan, propose};
use tecrax::profile::{
    CommandRequest, Connector as Owner, ContractRef, Intent, Request, Role, ServerVersion, Shape, ValidationRule, Workflow,
    WorkflowStep,
};
use tecrax::run::{Now, Run, Stop, round};

/// What the scripted connector does when it is asked.
#[derive(Debug, Clone)]
pub struct Act {
    pub after: Duration,
    pub said: Said,
}

#[derive(Debug, Clone)]
pub enum Said {
    /// So many bytes on both streams.
    Answer(usize, usize),
    /// This text on standard output.
    Text(String),
    /// A failure; whether it may pass, and so many bytes of a partial output.
    Fail(ErrorClass, bool, Option<usize>),
    /// Never a word.
    Hang,
    /// So many bytes, as far as one stream may have them, and never the end of them: the connector's own time-out.
    Drip(usize),
}

impl Act {
    pub fn answer(stdout: usize) -> Self {
        Self { after: Duration::ZERO, said: Said::Answer(stdout, 0) }
    }

    pub fn fail(class: ErrorClass) -> Self {
        let may_pass = matches!(class, ErrorClass::Transient | ErrorClass::Interrupted);
        Self { after: Duration::ZERO, said: Said::Fail(class, may_pass, None) }
    }

    pub fn hang() -> Self {
        Self { after: Duration::ZERO, said: Said::Hang }
    }

    pub fn drip(bytes: usize) -> Self {
        Self { after: Duration::ZERO, said: Said::Drip(bytes) }
    }

    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

/// One question that reached the connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub step: String,
    pub timeout: Duration,
    pub max_output_bytes: u32,
}

/// How a connection is opened and closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Door {
    #[default]
    Opens,
    Fails,
    Hangs,
}

/// A connector that does what a test says. A step that is asked more often than it has acts repeats its last one; one without acts
/// answers a byte.
#[derive(Debug, Default)]
pub struct Script {
    pub acts: BTreeMap<String, Vec<Act>>,
    pub doors: BTreeMap<String, Door>,
    /// Whether sessions never answer a goodbye.
    pub silent_end: bool,
    pub said: Mutex<BTreeMap<String, usize>>,
    pub calls: Mutex<Vec<Call>>,
    pub opened: Mutex<Vec<String>>,
    pub closed: Mutex<Vec<String>>,
    /// Bytes of answers that never ended.
    pub dripped: AtomicU64,
    /// Questions that were dropped before they had an answer.
    pub dropped: Arc<Mutex<Vec<String>>>,
}

struct UnderWay(Option<String>, Arc<Mutex<Vec<String>>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(step) = self.0.take() {
            self.1.lock().unwrap().push(step);
        }
    }
}

impl Script {
    pub fn new(acts: impl IntoIterator<Item = (&'static str, Vec<Act>)>) -> Self {
        Self { acts: acts.into_iter().map(|(step, acts)| (step.to_owned(), acts)).collect(), ..Self::default() }
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Steps that were asked, in order.
    pub fn asked(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.step).collect()
    }

    pub fn opened(&self) -> Vec<String> {
        self.opened.lock().unwrap().clone()
    }

    pub fn closed(&self) -> Vec<String> {
        self.closed.lock().unwrap().clone()
    }

    pub fn dripped(&self) -> u64 {
        self.dripped.load(Ordering::Relaxed)
    }

    pub fn dropped(&self) -> Vec<String> {
        self.dropped.lock().unwrap().clone()
    }
}

pub fn output(stdout: usize, stderr: usize) -> Output {
    let (stdout, stderr) = ("x".repeat(stdout), "y".repeat(stderr));
    let digest = Digest::of_parts([stdout.as_bytes(), stderr.as_bytes()]);
    Output { stdout, stderr, exit_code: 0, form: None, digest }
}

impl Connector for Script {
    type Session = String;

    async fn open(&self, config: &ConnectionConfig, _target: &str) -> Result<String, Failure> {
        let ConnectionConfig::Wrapper(config) = config else { panic!("{config:?}") };
        let role = config.path.display().to_string();
        self.opened.lock().unwrap().push(role.clone());
        match self.doors.get(&role).copied().unwrap_or_default() {
            Door::Opens => Ok(role),
            Door::Fails => Err(Failure::new(ErrorClass::Unreachable, "nobody is at home")),
            Door::Hangs => std::future::pending().await,
        }
    }

    async fn take(
        &self,
        _session: &String,
        step: AdmittedStep<'_>,
        _version: Option<ServerVersion>,
        meter: &Meter,
    ) -> Result<Output, Failure> {
        let id = step.step().id.clone();
        let (timeout, max_output_bytes) = (step.timeout(), step.max_output_bytes());
        self.calls.lock().unwrap().push(Call { step: id.clone(), timeout, max_output_bytes });
        let number = {
            let mut said = self.said.lock().unwrap();
            let number = said.entry(id.clone()).or_default();
            *number += 1;
            *number - 1
        };
        let acts = self.acts.get(&id);
        let act = acts.and_then(|acts| acts.get(number).or(acts.last())).cloned().unwrap_or_else(|| Act::answer(1));
        let mut under_way = UnderWay(Some(id), Arc::clone(&self.dropped));
        tokio::time::sleep(act.after).await;
        let result = match act.said {
            Said::Answer(stdout, stderr) => Ok(output(stdout, stderr)),
            Said::Text(text) => Ok(Output { digest: Digest::of_parts([text.as_bytes(), b""]), stdout: text, ..output(0, 0) }),
            Said::Fail(class, transient, partial) => {
                let mut failure = Failure::new(class, format!("it is {}", class.reason()));
                failure.transient = transient;
                failure.partial = partial.map(|length| Box::new(output(length, 0)));
                Err(failure)
            }
            Said::Hang => std::future::pending().await,
            Said::Drip(bytes) => {
                let bytes = bytes.min(max_output_bytes as usize);
                meter.add(bytes);
                self.dripped.fetch_add(bytes as u64, Ordering::Relaxed);
                tokio::time::sleep(timeout.saturating_sub(act.after)).await;
                Err(Failure::new(ErrorClass::Timeout, "it did not end in its time"))
            }
        };
        under_way.0 = None;
        result
    }

    async fn close(&self, session: String) {
        if self.silent_end {
            std::future::pending::<()>().await;
        }
        self.closed.lock().unwrap().push(session);
    }
}

/// One step of a plan.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: String,
    pub role: String,
    pub timeout: Duration,
    pub max_output_bytes: u32,
}

pub fn step(id: &str) -> Step {
    Step { id: id.to_owned(), role: "os".to_owned(), timeout: Duration::from_secs(10), max_output_bytes: 65_536 }
}

/// A Check as far as a run is about it.
#[derive(Debug, Clone)]
pub struct Question {
    pub name: &'static str,
    pub steps: Vec<Step>,
    pub timeout: Duration,
    pub retry: Retry,
}

impl Question {
    /// Steps on the role `os`, no second try.
    pub fn new(steps: &[&str]) -> Self {
        let retry = Retry { attempts: 0, ..Retry::default() };
        Self { name: "check", steps: steps.iter().map(|id| step(id)).collect(), timeout: Duration::from_secs(30), retry }
    }

    pub fn retrying(self, attempts: u8, interval: Duration) -> Self {
        Self { retry: Retry { attempts, interval: Some(millis(interval)), ..Retry::default() }, ..self }
    }
}

fn millis(span: Duration) -> api::Duration {
    api::Duration::from_millis(u64::try_from(span.as_millis()).unwrap())
}

fn label(text: &str) -> LabelName {
    LabelName::parse(text).unwrap()
}

/// A Target with these roles.
pub fn target(roles: &[&str]) -> Arc<DesiredTarget> {
    let connections = roles.iter().map(|role| {
        let config = ConnectionConfig::Wrapper(Arc::new(WrapperConfig { path: (*role).into() }));
        let digest = Digest::of(role.as_bytes());
        (label(role), ResolvedConnection { name: label(role), config, parameters: BTreeMap::new(), digest })
    });
    Arc::new(DesiredTarget {
        namespace: Namespace::parse("default").unwrap(),
        name: SubdomainName::parse("web").unwrap(),
        uid: "uid".to_owned(),
        labels: Labels::default(),
        r#type: TargetType::Host,
        criticality: Criticality::Low,
        hops: Vec::new(),
        depends_on: Vec::new(),
        connections: connections.collect(),
        suspend: false,
        spec_digest: Digest::of(b"target"),
        place: place(),
        set: None,
        not_in_effect: Vec::new(),
    })
}

fn place() -> Place {
    Place { file: "test.yaml".into(), line: 1, column: 1 }
}

fn read(step: &Step) -> WorkflowStep {
    let role = Role { name: label(&step.role), kinds: vec!["wrapper".to_owned()], https_only: false };
    let owner = Owner { name: "src".to_owned(), role, shapes: BTreeMap::new() };
    let argv = vec![step.id.clone()];
    let command = CommandRequest { argv, exit_codes: vec![0], unsupported_stderr: Vec::new() };
    let shape = Shape {
        connector: "src".to_owned(),
        action: step.id.clone(),
        request: Request::Command(command),
        max_output_bytes: step.max_output_bytes,
        unsupported_help: String::new(),
        digest: Digest::of(step.id.as_bytes()),
    };
    WorkflowStep::Read { id: step.id.clone(), connector: Arc::new(owner), shape: Arc::new(shape), timeout: millis(step.timeout) }
}

/// The pair of `question` on `target`.
pub fn pair(target: &Arc<DesiredTarget>, question: &Question) -> Pair {
    let intent = Intent {
        id: "case".to_owned(),
        title: "case".to_owned(),
        summary: "case".to_owned(),
        contract: ContractRef { id: "tecrax.case".to_owned(), version: "1.0".to_owned() },
        target_types: vec![TargetType::Host],
        roles: Vec::new(),
        parameters: Vec::new(),
        workflow: Workflow { id: "tecrax.case".to_owned(), steps: question.steps.iter().map(read).collect() },
        validation: ValidationRule { steps: Vec::new() },
        runbook: String::new(),
        digest: Digest::of(b"intent"),
    };
    let check = DesiredCheck {
        namespace: target.namespace.clone(),
        name: label(question.name),
        uid: "uid".to_owned(),
        labels: Labels::default(),
        intent: Arc::new(intent),
        parameters: BTreeMap::new(),
        cadence: Cadence::Interval(api::Duration::from_secs(300)),
        timeout: millis(question.timeout),
        fresh_for: None,
        retry: question.retry.clone(),
        expect: Vec::new(),
        accept: Vec::new(),
        confirmations: api::Confirmations { failures: 1, recoveries: 1 },
        severity: None,
        suspend: false,
        run_requested: None,
        runbook_url: None,
        spec_digest: Digest::of(b"check"),
        place: place(),
        not_in_effect: Vec::new(),
    };
    let id = PairId { namespace: target.namespace.clone(), check: label(question.name), target: target.name.clone() };
    Pair { id, check: Arc::new(check), target: Arc::clone(target), spec_digest: Digest::of(b"pair"), not_in_effect: Vec::new() }
}

/// An admitted plan.
pub fn plan(target: &Arc<DesiredTarget>, question: &Question) -> Plan<Admitted> {
    admit(propose(&pair(target, question))).unwrap()
}

/// The wall clock, moving with the paused one.
pub fn clock() -> Now {
    let (start, began): (Timestamp, _) = ("2026-03-01T12:00:00Z".parse().unwrap(), tokio::time::Instant::now());
    Arc::new(move || start + jiff::SignedDuration::try_from(began.elapsed()).unwrap())
}

/// One round; the runs in the order of ending.
pub async fn runs(script: &Script, target: &Arc<DesiredTarget>, plans: Vec<Plan<Admitted>>) -> Vec<Run> {
    let all = plans.len();
    round(target, plans, all, script, &clock(), &Stop::default(), async |run| run).await
}

/// One run of one plan under the narrower of the bundled bounds and `bounds`.
pub async fn run_within(script: &Script, roles: &[&str], question: &Question, bounds: &Bounds) -> Run {
    let target = target(roles);
    let plan = plan(&target, question).within(bounds);
    runs(script, &target, vec![plan]).await.pop().expect("a run")
}

/// One run of one plan on the role `os`.
pub async fn run(script: &Script, question: &Question) -> Run {
    run_within(script, &["os"], question, &Bounds::bundled()).await
}

/// The error class of a reading; `None` when it was answered.
pub fn class(run: &Run, step: &str) -> Option<ErrorClass> {
    reading(run, step).result.as_ref().err().map(|failure| failure.class)
}

pub fn reading<'r>(run: &'r Run, step: &str) -> &'r tecrax::run::Reading {
    let place = run.plan.steps().iter().position(|one| one.id == step).expect("a step of the plan");
    &run.readings[place]
}
