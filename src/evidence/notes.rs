//! Records that are not runs: what followed a run, and why there was none.

use jiff::Timestamp;
use serde_json::Value;

use super::bundle::{Agreed, Agreement, Terms};
use super::canonical;
use super::json::{Json, Object};
use super::members::{Members, object};
use super::run::cadence;
use super::seal::{packed, seal_written};
use super::{Head, Part, Provenance, RecordKind, Redacted, Sealed, Subject, redact, seal};
use crate::admission::Denial;
use crate::api::{Digest, PairId, ReactionStatus, TrackedFinding};
use crate::desired::Pair;
use crate::plan::{Plan, Proposed};
use crate::secrets::Redactor;

/// Where a record goes and when it is made.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The log.
    pub origin: &'a str,
    /// The end of the pair's sequence.
    pub head: Head,
    /// The instant of sealing.
    pub at: Timestamp,
}

impl Place<'_> {
    fn seal(&self, pair: &PairId, kind: RecordKind, body: Object, parts: Vec<Part>) -> Sealed {
        let body = Redacted::assembled(Json::Object(body));
        seal(self.origin, &Subject::Pair(pair.clone()), self.head, kind, body, parts, self.at)
    }
}

/// Seals what followed the run `run_seq`: the decision, what it was made from, and what the pair remembers from then on. The words of
/// findings stand in the records of the runs that saw them. `parts` are those of [`chain_parts`](super::chain_parts), if any.
pub fn seal_reaction(
    pair: &PairId,
    place: &Place<'_>,
    run_seq: u64,
    reaction: &ReactionStatus,
    inputs: &Value,
    tracked: &[TrackedFinding],
    parts: Vec<Part>,
) -> Sealed {
    let (digests, stored) = packed(&parts);
    let body = object(|m| {
        if !tracked.is_empty() {
            m.list("findings", |items| tracked.iter().for_each(|tracked| items.object(|m| remembered(tracked, m))));
        }
        canonical::write(m.key("inputs"), inputs);
        if !digests.is_empty() {
            m.object("parts", |m| digests.iter().for_each(|(name, digest)| m.digest(name, *digest)));
        }
        m.object("reaction", |m| {
            m.number("depth", u64::from(reaction.depth));
            if let Some(intent) = &reaction.intent {
                m.text("intent", intent);
            }
            m.text("outcome", reaction.outcome.as_str());
            m.text("reason", &reaction.reason);
            m.text("rule", &reaction.rule);
        });
        m.number("run_seq", run_seq);
        if let Some(stored) = &stored {
            m.digest("stored", Digest::of(stored));
        }
    });
    let subject = Subject::Pair(pair.clone());
    seal_written(place.origin, &subject, place.head, RecordKind::Reaction, body, stored, parts, place.at)
}

/// A finding over time without its words.
fn remembered(tracked: &TrackedFinding, m: &mut Members<'_>) {
    let TrackedFinding { finding, severity, stage, first_seen, last_seen, seen, gone, seen_before, runs_before, blind } = tracked;
    if !blind.is_empty() {
        m.list("blind", |items| blind.iter().for_each(|step| items.text(step)));
    }
    m.text("component", &finding.component);
    m.instant("first_seen", *first_seen);
    m.number("gone", u64::from(*gone));
    m.text("kind", &finding.kind);
    m.instant("last_seen", *last_seen);
    m.text("reason", &finding.reason_code);
    if *runs_before > 0 {
        m.number("runs_before", u64::from(*runs_before));
    }
    m.number("seen", u64::from(*seen));
    if *seen_before > 0 {
        m.number("seen_before", u64::from(*seen_before));
    }
    m.word("severity", severity.as_str());
    m.word("stage", stage.as_str());
}

/// Seals that nobody wants the pair any more, by which manifests.
pub fn seal_tombstone(pair: &PairId, place: &Place<'_>, provenance: &Provenance) -> Sealed {
    place.seal(pair, RecordKind::Tombstone, provenance.to_json(), Vec::new())
}

/// Seals that the pair is wanted and suspended, by its Check, its Target or both.
pub fn seal_suspension(pair: &Pair, place: &Place<'_>, provenance: &Provenance) -> Sealed {
    let by = [(pair.check.suspend, "Check"), (pair.target.suspend, "Target")];
    let mut body = provenance.to_json();
    body.insert("cadence", cadence(&pair.check.cadence));
    body.insert("spec_digest", pair.spec_digest.to_string());
    body.insert("suspended_by", by.into_iter().filter(|(suspends, _)| *suspends).map(|(_, kind)| kind).collect::<Json>());
    place.seal(&pair.id, RecordKind::Suspension, body, Vec::new())
}

/// Seals that policy refused a plan: what was asked, the decision, and what would have been done. There is no ticket, so nothing
/// may run.
pub fn seal_denial(
    plan: &Plan<Proposed>,
    denial: &Denial,
    place: &Place<'_>,
    provenance: &Provenance,
    redactor: &Redactor,
) -> Sealed {
    let message = redact(denial.message.as_str(), redactor);
    let terms = Terms::denied(place.origin, plan, denial, &message);
    let agreed = terms.agreed(None::<&Agreement>, place.at);
    let pair = plan.pair();
    let mut body = provenance.to_json();
    body.insert("cadence", cadence(&pair.check.cadence));
    body.insert("intent", pair.check.intent.id.as_str());
    body.insert("message", message.value().clone());
    body.insert("plan_digest", denial.plan_digest.to_string());
    body.insert("policy_digest", denial.policy.to_string());
    body.insert("reason", denial.reason.as_str());
    body.insert("rule", denial.rule.as_str());
    body.insert("spec_digest", pair.spec_digest.to_string());
    let Agreed { parts, .. } = agreed;
    place.seal(&pair.id, RecordKind::Denial, body, parts.into())
}
