//! The record of a run.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use super::bundle::{Agreed, Agreement, Receipt, Said, Status, Terms, Ticket, claims, root};
use super::canonical;
use super::json::Json;
use super::members::{Members, object};
use super::scrub::scrub_text;
use super::seal::{packed, seal_written};
use super::{DETAIL, Head, Lineage, Part, Provenance, RecordKind, RecordedReading, Sealed, Show, Subject, stamp};
use crate::api::{Assessment, Coverage, Digest, StatusFinding};
use crate::desired::Cadence;
use crate::plan::Gap;
use crate::secrets::Redactor;

/// Everything that a run record says.
#[derive(Debug)]
pub struct RunEvidence<'a> {
    /// What it was allowed to do.
    pub terms: Terms<'a>,
    /// Since when the pair has had these terms, if it has had them before.
    pub agreement: Option<&'a Agreement>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Generation of the Check's spec.
    pub generation: i64,
    /// Where it comes from.
    pub provenance: &'a Provenance,
    /// The run that led to it.
    pub lineage: Option<Lineage>,
    /// Slots that passed before it without a run.
    pub gap: Option<Gap>,
    /// How its commands were confined: `full`, `basic` or `none`.
    pub sandbox_level: &'static str,
    /// One reading a step, in step order.
    pub readings: &'a [RecordedReading],
    /// The facts, when there are any.
    pub facts: Option<Value>,
    /// The assessment, expectations included.
    pub assessment: Assessment,
    /// How much was seen.
    pub coverage: Coverage,
    /// What is not as it should be.
    pub findings: &'a [StatusFinding],
    /// CamelCase reason of the assessment.
    pub reason: &'a str,
    /// One sentence for a person.
    pub summary: &'a str,
}

/// Seals a run as the record after `head`: six artifacts and the part that is not exported.
///
/// Every free text passes the `redactor` before anything else. Then artifacts lose what `show` does not let through; what is
/// shown on this machine stays as it was read.
pub fn seal_run(run: RunEvidence<'_>, head: Head, redactor: &Redactor, show: Show) -> Sealed {
    seal_run_keeping(run, head, redactor, show).0
}

/// As [`seal_run`], and gives back the facts without secrets, null when there are none: what a reaction is decided from.
pub fn seal_run_keeping(mut run: RunEvidence<'_>, head: Head, redactor: &Redactor, show: Show) -> (Sealed, Value) {
    let pair = run.terms.pair();
    let agreed = run.terms.agreed(run.agreement, run.started);
    let ticket = Ticket::new(&run.terms, &agreed, head.seq + 1, run.started);
    let status = if run.facts.is_some() { Status::Completed } else { Status::Failed };
    let facts = redactor.redact_json(run.facts.take().unwrap_or_default());
    let run = Saying {
        fixtures: run.readings.iter().any(|reading| reading.fixture),
        planned_at: agreed.planned_at.to_string(),
        started: run.started.to_string(),
        ended: run.ended.to_string(),
        run,
        redactor,
        show,
    };
    let receipt = Receipt {
        status,
        started: run.run.started,
        ended: run.run.ended,
        executed: run.run.readings.iter().any(|reading| reading.answered() && !reading.fixture),
        network: run.run.readings.iter().any(|reading| reading.answered() && reading.network),
        fixtures: run.fixtures,
        tool_version: run.run.provenance.tool_version,
    };
    let created_at = stamp::seconds(receipt.ended_inside(&ticket));
    let mut scrubbed = false;
    let receipt = receipt.seal(&agreed, &ticket, |m| scrubbed = run.ours(&facts, m));
    let partial = run.run.coverage != Coverage::Complete;
    let said = Said { status, partial, fixtures: run.fixtures, created_at: &created_at };
    let evidence = claims(&ticket, &receipt, said);
    // What was scrubbed is kept beside; what was not is kept once.
    let detail = Part::own(DETAIL, |m| run.detail(scrubbed.then_some(&facts), m));
    let Agreed { parts: [intent, policy, contract], is_new, .. } = agreed;
    let mut parts = vec![intent, policy, contract, ticket.part, receipt, evidence];
    let root = root(&parts);
    parts.push(detail);
    let (digests, stored) = packed(&parts);
    let body = object(|m| run.body(root, &digests, stored.as_deref(), m));
    let subject = Subject::Pair(pair.id.clone());
    let mut sealed = seal_written(run.run.terms.origin(), &subject, head, RecordKind::Run, body, stored, parts, run.run.ended);
    if is_new {
        sealed.pack_ahead();
    }
    (sealed, facts)
}

/// A run with what several of its artifacts say.
struct Saying<'a> {
    run: RunEvidence<'a>,
    redactor: &'a Redactor,
    show: Show,
    fixtures: bool,
    planned_at: String,
    started: String,
    ended: String,
}

impl Saying<'_> {
    /// What a machine compares, and what binds the record's parts.
    fn body(&self, root: Digest, parts: &[(&'static str, Digest)], stored: Option<&[u8]>, m: &mut Members<'_>) {
        let Self { run, .. } = self;
        let pair = run.terms.pair();
        m.word("assessment", run.assessment.as_str());
        m.json("cadence", &cadence(&pair.check.cadence));
        m.word("coverage", run.coverage.as_str());
        m.number("depth", run.lineage.map_or(0, |lineage| u64::from(lineage.depth)));
        m.text("ended", &self.ended);
        m.list("findings", |items| {
            for finding in run.findings {
                items.object(|m| {
                    m.text("component", &self.redactor.redact_str(&finding.component));
                    m.text("kind", &finding.kind);
                    m.text("reason", &self.redactor.redact_str(&finding.reason_code));
                });
            }
        });
        m.flag("fixtures", self.fixtures);
        if let Some(gap) = &run.gap {
            m.object("gap", |m| {
                m.word("reason", gap.reason);
                m.instant("since", gap.since);
                m.number("slots", gap.slots);
            });
        }
        m.signed("generation", run.generation);
        m.text("intent", &pair.check.intent.id);
        match run.lineage {
            Some(lineage) => m.number("parent_seq", lineage.parent_seq),
            None => m.null("parent_seq"),
        }
        m.object("parts", |m| parts.iter().for_each(|(name, digest)| m.digest(name, *digest)));
        m.digest("plan_digest", run.terms.plan());
        m.text("planned_at", &self.planned_at);
        m.text("reason", run.reason);
        m.digest("root", root);
        m.digest("spec_digest", pair.spec_digest);
        m.text("started", &self.started);
        if let Some(stored) = stored {
            m.digest("stored", Digest::of(stored));
        }
    }

    /// Our own member of the receipt. Returns whether the facts lost anything.
    fn ours(&self, facts: &Value, m: &mut Members<'_>) -> bool {
        let Self { run, show, .. } = self;
        let pair = run.terms.pair();
        let mut scrubbed = false;
        m.word("assessment", run.assessment.as_str());
        m.word("coverage", run.coverage.as_str());
        m.text("ended", &self.ended);
        canonical::write_changed(m.key("facts"), facts, &mut |text| {
            // The name of the target is the operator's choice.
            let clean = if text == pair.id.target.as_str() { None } else { scrub_text(text, *show) };
            scrubbed |= clean.is_some();
            clean
        });
        m.flag("fixtures", self.fixtures);
        m.object("provenance", |m| run.provenance.write(m));
        m.list("readings", |items| {
            for (step, reading) in run.terms.steps().iter().zip(run.readings) {
                items.object(|m| reading.write(&step.id, m));
            }
        });
        m.text("reason", run.reason);
        m.word("sandbox_level", run.sandbox_level);
        m.digest("spec_digest", pair.spec_digest);
        m.text("started", &self.started);
        if !pair.check.accept.is_empty() {
            m.list("waivers", |items| {
                for accept in &pair.check.accept {
                    items.object(|m| {
                        m.text("expires", &accept.expires);
                        m.text("finding", &self.clean(&accept.finding));
                        m.text("owner", &self.clean(&accept.owner));
                        m.text("reason", &self.clean(&accept.reason));
                    });
                }
            });
        }
        m.texts("withheld", show.withheld());
        scrubbed
    }

    /// A text of the manifests as artifacts show it.
    fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let text = self.redactor.redact_str(text);
        scrub_text(&text, self.show).map_or(text, Cow::Owned)
    }

    /// What stays on this machine: words for people, and the facts as they were read when the receipt shows less.
    fn detail(&self, facts: Option<&Value>, m: &mut Members<'_>) {
        let redacted = |text: &'_ str| self.redactor.redact_str(text).into_owned();
        if let Some(facts) = facts {
            canonical::write(m.key("facts"), facts);
        }
        if self.run.readings.iter().any(|reading| !reading.failed.is_empty()) {
            m.list("failed_attempts", |items| {
                for (step, reading) in self.run.terms.steps().iter().zip(self.run.readings) {
                    for failed in &reading.failed {
                        items.object(|m| {
                            m.text("message", &redacted(&failed.message));
                            m.text("step", &step.id);
                        });
                    }
                }
            });
        }
        m.list("findings", |items| {
            for finding in self.run.findings {
                items.object(|m| {
                    m.text("component", &redacted(&finding.component));
                    m.text("kind", &finding.kind);
                    m.text("message", &redacted(&finding.message));
                    m.optional_text("nextStep", finding.next_step.as_deref().map(redacted).as_deref());
                    m.text("reasonCode", &redacted(&finding.reason_code));
                });
            }
        });
        m.list("not_in_effect", |items| {
            self.run.terms.pair().not_in_effect.iter().for_each(|sentence| items.text(&redacted(sentence)));
        });
        m.text("summary", &redacted(self.run.summary));
    }
}

/// `{"interval": "5m"}`, or `{"cron": …, "time_zone": …}`.
pub(super) fn cadence(cadence: &Cadence) -> Json {
    match cadence {
        Cadence::Interval(interval) => Json::from([("interval", interval.to_string())]),
        Cadence::Schedule(calendar) => Json::from([
            ("cron", Json::from(calendar.schedule().cron.as_str())),
            ("time_zone", Json::from(calendar.schedule().time_zone.as_deref().unwrap_or("UTC"))),
        ]),
    }
}
