//! The pass over the log.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde_json::Value;

use super::super::super::exit::Failure;
use super::super::content::Content;
use super::super::instant::Period;
use super::super::scope::Scope;
use super::line::Line;
use super::span::Spans;
use crate::api::{Digest, PairId};
use crate::evidence::log::Retention;
use crate::evidence::{RecordKind, Subject, unpack};
use crate::store::{Db, LoggedRecord, RecordFilter};

/// Most denials that are kept; the others are counted.
const DENIALS_MAX: usize = 1000;
/// Most decisions whose policy is remembered.
const DECISIONS_MAX: usize = 100_000;
/// The part with readings and provenance.
const RECEIPT: &str = "execution_receipt";

/// A finding: pair, kind, component, reason.
pub type Finding = (PairId, String, String, String);

/// A waiver.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiver {
    /// The pair.
    pub pair: PairId,
    /// What is accepted.
    pub finding: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: String,
}

/// A plan that policy refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// When.
    pub at: Timestamp,
    /// The pair.
    pub pair: PairId,
    /// By which rule.
    pub rule: String,
    /// What policy said.
    pub message: String,
}

/// Manifests: Git commit, whether they differed from it, digest of their content.
pub type Revision = (String, bool, String);

/// Everything that the page says of the log.
#[derive(Debug, Default)]
pub struct Gathered {
    /// By pair.
    pub lines: BTreeMap<PairId, Line>,
    /// Findings of runs that are no reruns.
    pub findings: Spans<Finding>,
    /// Waivers in force.
    pub waivers: Spans<Waiver>,
    /// Refused plans.
    pub denials: Vec<Denied>,
    /// Refused plans that were not kept.
    pub more_denials: u64,
    /// Rule and digest of the policies that decided.
    pub policies: Spans<(String, String)>,
    /// Manifests that were followed.
    pub revisions: Spans<Revision>,
    /// Versions of tecrax.
    pub tools: Spans<String>,
    /// Profiles.
    pub profiles: Spans<String>,
    /// How commands were confined.
    pub sandboxes: Spans<String>,
    /// What retention dropped: when that was sealed, and what.
    pub dropped: Vec<(Timestamp, Retention)>,
    /// Records of kinds that this version does not know.
    pub unknown: Spans<String>,
    /// Records in the period.
    pub records: u64,
}

/// Reads the log for `period`.
///
/// # Errors
/// The store's, and what is damaged.
pub fn gather(db: &Db, scope: &Scope, period: Period) -> Result<Gathered, Failure> {
    let mut pass = Pass { db, period, gathered: Gathered::default(), decisions: HashMap::new() };
    let mut failed = None;
    // Earlier records tell what stood when the period began.
    let filter = RecordFilter { to: Some(period.to), ..RecordFilter::default() };
    db.records(&filter, |record| {
        if record.header.subject != Subject::Log && !scope.holds(&record.header.subject) {
            return ControlFlow::Continue(());
        }
        match pass.take(record) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                failed = Some(failure);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    let mut gathered = pass.gathered;
    gathered.lines.values_mut().for_each(Line::end);
    gathered.lines.retain(|_, line| line.counts);
    Ok(gathered)
}

struct Pass<'d> {
    db: &'d Db,
    period: Period,
    gathered: Gathered,
    /// Rule and policy of a decision, by its digest: few decisions, many runs.
    decisions: HashMap<Digest, (String, String)>,
}

impl Pass<'_> {
    fn take(&mut self, record: LoggedRecord) -> Result<(), Failure> {
        let content = Content::read(record)?;
        let at = content.record.header.sealed_at;
        let inside = self.period.holds(at);
        self.gathered.records += u64::from(inside);
        let pair = match &content.record.header.subject {
            Subject::Log => {
                self.retention(&content, at, inside);
                return Ok(());
            }
            Subject::Pair(pair) => pair.clone(),
            // The page is about runs; what followed from them is told by `get escalations`.
            Subject::Escalation(_) => return Ok(()),
        };
        let period = self.period;
        self.gathered.lines.entry(pair.clone()).or_insert_with(|| Line::new(pair.clone(), period)).take(&content, inside);
        if !inside {
            return Ok(());
        }
        match content.kind() {
            Some(RecordKind::Run) => self.run(&pair, &content, at)?,
            Some(RecordKind::Denial) => {
                self.denial(pair, &content, at);
                self.provenance(&content.body, at);
            }
            Some(RecordKind::Suspension | RecordKind::Tombstone) => self.provenance(&content.body, at),
            Some(RecordKind::Reaction | RecordKind::Escalation | RecordKind::Retention) => {}
            None => self.gathered.unknown.see(content.record.header.kind.clone(), at),
        }
        Ok(())
    }

    fn retention(&mut self, content: &Content, at: Timestamp, inside: bool) {
        let Some(retention) = Retention::parse(&content.record.body) else { return };
        // What was dropped later may be what is missing here.
        if inside || retention.dropped.last >= self.period.from {
            self.gathered.dropped.push((at, retention));
        }
    }

    fn run(&mut self, pair: &PairId, content: &Content, at: Timestamp) -> Result<(), Failure> {
        let rerun = content.body.get("depth").and_then(Value::as_u64).unwrap_or(0) > 0;
        let findings = content.body.get("findings").and_then(Value::as_array);
        for finding in findings.into_iter().flatten().filter(|_| !rerun) {
            let text = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
            self.gathered.findings.see((pair.clone(), text("kind"), text("component"), text("reason")), at);
        }
        let digest = |pointer: &str| content.text(pointer).and_then(Digest::parse);
        if let (Some(contract), Some(policy)) = (digest("/parts/execution_contract"), digest("/parts/policy_decision")) {
            let decision = self.decision(contract, policy)?;
            self.gathered.policies.see(decision, at);
        }
        let own = content.record.parts.as_deref().map(unpack).transpose().map_err(|error| content.damaged(&error.to_string()))?;
        let receipt = own.into_iter().flatten().find(|(name, _)| name == RECEIPT);
        let Some((_, receipt)) = receipt else { return Ok(()) };
        let receipt: Value = serde_json::from_slice(&receipt).map_err(|_| content.damaged("its receipt is no JSON"))?;
        let Some(ours) = receipt.get("tecrax") else { return Ok(()) };
        if let Some(provenance) = ours.get("provenance") {
            self.provenance(provenance, at);
        }
        if let Some(level) = ours.get("sandbox_level").and_then(Value::as_str) {
            self.gathered.sandboxes.see(level.to_owned(), at);
        }
        for waiver in ours.get("waivers").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| waiver.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
            let (finding, owner, reason, expires) = (text("finding"), text("owner"), text("reason"), text("expires"));
            self.gathered.waivers.see(Waiver { pair: pair.clone(), finding, owner, reason, expires }, at);
        }
        Ok(())
    }

    /// Rule and policy digest of a decision.
    fn decision(&mut self, contract: Digest, policy: Digest) -> Result<(String, String), Failure> {
        if let Some(known) = self.decisions.get(&policy) {
            return Ok(known.clone());
        }
        let [_, bytes] = self.db.shared([contract, policy])?;
        let decision = bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()).unwrap_or(Value::Null);
        let text = |pointer: &str| decision.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
        let found = (text("/tecrax/rule"), text("/tecrax/policy_digest"));
        if self.decisions.len() < DECISIONS_MAX {
            self.decisions.insert(policy, found.clone());
        }
        Ok(found)
    }

    fn denial(&mut self, pair: PairId, content: &Content, at: Timestamp) {
        let text = |pointer: &str| content.text(pointer).unwrap_or("-").to_owned();
        self.gathered.policies.see((text("/rule"), text("/policy_digest")), at);
        if self.gathered.denials.len() < DENIALS_MAX {
            self.gathered.denials.push(Denied { at, pair, rule: text("/rule"), message: text("/message") });
        } else {
            self.gathered.more_denials += 1;
        }
    }

    fn provenance(&mut self, provenance: &Value, at: Timestamp) {
        let text = |key: &str| provenance.get(key).and_then(Value::as_str).map(str::to_owned);
        let dirty = provenance.get("git_dirty") == Some(&Value::Bool(true));
        if let Some(manifests) = text("manifest_digest") {
            self.gathered.revisions.see((text("git_revision").unwrap_or_default(), dirty, manifests), at);
        }
        if let Some(version) = text("tool_version") {
            self.gathered.tools.see(version, at);
        }
        if let Some(profile) = text("profile_digest") {
            self.gathered.profiles.see(profile, at);
        }
    }
}
