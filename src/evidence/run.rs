//! The record of a run.

use jiff::Timestamp;
use serde_json::Value;

use super::bundle::{Agreed, Agreement, Receipt, Said, Status, Terms, Ticket, claims, root};
use super::json::{Json, Object};
use super::scrub::scrub;
use super::{
    DETAIL, Head, Lineage, Part, Provenance, RecordKind, RecordedReading, Redacted, Sealed, Show, Subject, redact, redact_facts,
    seal, stamp,
};
use crate::api::{Assessment, Coverage, StatusFinding};
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
pub fn seal_run(mut run: RunEvidence<'_>, head: Head, redactor: &Redactor, show: Show) -> Sealed {
    let pair = run.terms.pair();
    let agreed = run.terms.agreed(run.agreement, run.started);
    let ticket = Ticket::new(&run.terms, &agreed, head.seq + 1, run.started);
    let fixtures = run.readings.iter().any(|reading| reading.fixture);
    let status = if run.facts.is_some() { Status::Completed } else { Status::Failed };
    let facts = redact_facts(run.facts.take().unwrap_or_default(), redactor).into_value();
    let shown = scrub(&facts, show, pair.id.target.as_str());
    // What was scrubbed is kept beside; what was not is kept once.
    let (exported, kept) = match shown {
        Some(shown) => (shown, Some(facts)),
        None => (facts, None),
    };
    let receipt = Receipt {
        status,
        started: run.started,
        ended: run.ended,
        executed: run.readings.iter().any(|reading| reading.answered() && !reading.fixture),
        network: run.readings.iter().any(|reading| reading.answered() && reading.network),
        fixtures,
        tool_version: run.provenance.tool_version,
        tecrax: ours(&run, exported, fixtures, redactor, show),
    };
    let created_at = stamp::seconds(receipt.ended_inside(&ticket));
    let receipt = receipt.seal(&agreed, &ticket);
    let said = Said { status, partial: run.coverage != Coverage::Complete, fixtures, created_at: &created_at };
    let evidence = claims(&ticket, &receipt, said);
    let detail = Part::own(DETAIL, &Redacted::assembled(detail(&run, kept, redactor)));
    let planned_at = agreed.planned_at;
    let Agreed { parts: [intent, policy, contract], .. } = agreed;
    let mut parts = vec![intent, policy, contract, ticket.part, receipt, evidence];
    let body = body(&run, planned_at, fixtures, &root(&parts).to_string());
    parts.push(detail);
    let subject = Subject::Pair(pair.id.clone());
    seal(run.terms.origin(), &subject, head, RecordKind::Run, redact_body(body, redactor), parts, run.ended)
}

/// The free texts of a body are the components of findings.
fn redact_body(mut body: Object, redactor: &Redactor) -> Redacted {
    if let Some(findings) = body.remove("findings") {
        body.insert("findings", redact(findings, redactor).into_value());
    }
    Redacted::assembled(Json::Object(body))
}

/// What a machine compares, and what binds the record's parts into one chain.
fn body(run: &RunEvidence<'_>, planned_at: Timestamp, fixtures: bool, root: &str) -> Object {
    let pair = run.terms.pair();
    let mut body = Object::from([
        ("assessment", Json::from(run.assessment.as_str())),
        ("cadence", cadence(&pair.check.cadence)),
        ("coverage", Json::from(run.coverage.as_str())),
        ("depth", Json::from(run.lineage.map_or(0, |lineage| lineage.depth))),
        ("ended", Json::from(run.ended.to_string())),
        ("findings", run.findings.iter().map(key).collect()),
        ("fixtures", Json::from(fixtures)),
        ("generation", Json::from(run.generation)),
        ("intent", Json::from(pair.check.intent.id.as_str())),
        ("parent_seq", Json::from(run.lineage.map(|lineage| lineage.parent_seq))),
        ("plan_digest", Json::from(run.terms.plan().to_string())),
        ("planned_at", Json::from(planned_at.to_string())),
        ("reason", Json::from(run.reason)),
        ("root", Json::from(root)),
        ("spec_digest", Json::from(pair.spec_digest.to_string())),
        ("started", Json::from(run.started.to_string())),
    ]);
    if let Some(gap) = &run.gap {
        let gap =
            [("reason", Json::from(gap.reason)), ("since", Json::from(gap.since.to_string())), ("slots", Json::from(gap.slots))];
        body.insert("gap", Json::from(gap));
    }
    body
}

/// What identifies a finding.
fn key(finding: &StatusFinding) -> Json {
    Json::from([
        ("component", Json::from(finding.component.as_str())),
        ("kind", Json::from(finding.kind.as_str())),
        ("reason", Json::from(finding.reason_code.as_str())),
    ])
}

/// `{"interval": "5m"}`, or `{"cron": …, "time_zone": …}`.
pub(super) fn cadence(cadence: &Cadence) -> Json {
    match cadence {
        Cadence::Interval(interval) => Json::from([("interval", interval.to_string())]),
        Cadence::Schedule(schedule) => Json::from([
            ("cron", Json::from(schedule.cron.as_str())),
            ("time_zone", Json::from(schedule.time_zone.as_deref().unwrap_or("UTC"))),
        ]),
    }
}

/// Our own member of the receipt.
fn ours(run: &RunEvidence<'_>, facts: Json, fixtures: bool, redactor: &Redactor, show: Show) -> Object {
    let pair = run.terms.pair();
    let readings = run.terms.steps().iter().zip(run.readings).map(|(step, reading)| reading.to_json(&step.id)).collect();
    let mut ours = Object::from([
        ("assessment", Json::from(run.assessment.as_str())),
        ("coverage", Json::from(run.coverage.as_str())),
        ("ended", Json::from(run.ended.to_string())),
        ("facts", facts),
        ("fixtures", Json::from(fixtures)),
        ("provenance", Json::from(run.provenance.to_json())),
        ("readings", readings),
        ("reason", Json::from(run.reason)),
        ("sandbox_level", Json::from(run.sandbox_level)),
        ("spec_digest", Json::from(pair.spec_digest.to_string())),
        ("started", Json::from(run.started.to_string())),
        ("withheld", show.withheld().collect()),
    ]);
    if !pair.check.accept.is_empty() {
        let waivers: Json = pair
            .check
            .accept
            .iter()
            .map(|accept| {
                Json::from([
                    ("expires", accept.expires.as_str()),
                    ("finding", accept.finding.as_str()),
                    ("owner", accept.owner.as_str()),
                    ("reason", accept.reason.as_str()),
                ])
            })
            .collect();
        let waivers = redact(waivers, redactor).into_value();
        ours.insert("waivers", scrub(&waivers, show, pair.id.target.as_str()).unwrap_or(waivers));
    }
    ours
}

/// What stays on this machine: words for people, and the facts as they were read when the receipt shows less.
fn detail(run: &RunEvidence<'_>, facts: Option<Json>, redactor: &Redactor) -> Json {
    let findings = run.findings.iter().map(|finding| {
        Json::from([
            ("component", Json::from(finding.component.as_str())),
            ("kind", Json::from(finding.kind.as_str())),
            ("message", Json::from(finding.message.as_str())),
            ("nextStep", Json::from(finding.next_step.as_deref())),
            ("reasonCode", Json::from(finding.reason_code.as_str())),
        ])
    });
    let words = Json::from([
        ("findings", findings.collect()),
        ("not_in_effect", run.terms.pair().not_in_effect.iter().map(String::as_str).collect()),
        ("summary", Json::from(run.summary)),
    ]);
    let mut detail = redact(words, redactor).into_value();
    if let (Some(facts), Some(members)) = (facts, detail.as_object_mut()) {
        members.insert("facts", facts);
    }
    detail
}
