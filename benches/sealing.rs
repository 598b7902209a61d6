//! How long sealing one run takes on one core, and how many bytes it stores: redact, scrub, write canonically, hash, compress.
//!
//!     cargo bench --bench sealing
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures")]

use jiff::Timestamp;
use tecrax::admission::{Admitted, admit};
use tecrax::api::{Assessment, Coverage, Digest, ReactionOutcome, ReactionStatus, StatusFinding};
use tecrax::desired::{ConnectionConfig, build};
use tecrax::evidence::json::{Limits, canonical, read};
use tecrax::evidence::{
    Head, Place, Provenance, RecordedReading, RunEvidence, Sealed, Show, Terms, pack, seal_reaction, seal_run,
};
use tecrax::facts::{self, Facts, Reading, Readings};
use tecrax::plan::{Plan, propose};
use tecrax::profile::Profile;
use tecrax::secrets::Redactor;

#[path = "../tests/support/hosts.rs"]
#[allow(dead_code)]
mod hosts;

/// Runs of one figure.
const RUNS: u64 = 20_000;
/// Figures; the best counts, the others tell how much to believe it.
const ROUNDS: usize = 5;

struct Subject {
    plan: Plan<Admitted>,
    facts: Facts,
    findings: Vec<StatusFinding>,
    readings: Vec<RecordedReading>,
    provenance: Provenance,
    started: Timestamp,
}

/// A recorded inventory as a run over SSH would have given it.
fn subject() -> Subject {
    let directory = tempfile::TempDir::new().unwrap();
    std::fs::write(directory.path().join("lab.yaml"), format!("{}{}", hosts::INVENTORY, hosts::host("web-07", Some(50))))
        .unwrap();
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    let snapshot = tecrax::source::load(&[directory.path().to_owned()], None);
    let desired = build(&snapshot, &profile, &facts::check_path);
    let pair = desired.pairs.first().expect("a pair");
    let plan = admit(propose(pair)).unwrap();
    let ConnectionConfig::Fixture(fixture) = &pair.target.connections.values().next().unwrap().config else { panic!("fixture") };
    let started: Timestamp = "2026-03-01T12:00:00.123Z".parse().unwrap();
    let taken: Readings = plan
        .steps()
        .iter()
        .map(|step| (step.id.clone(), Reading::taken(fixture.readings[&step.shape.action].0.clone())))
        .collect();
    let facts = facts::assemble(&pair.check.intent, &taken, pair.id.target.as_str(), &pair.check.expect);
    let readings = (0_u64..)
        .zip(plan.steps())
        .map(|(index, step)| RecordedReading {
            at: started,
            took_ms: 3 + index,
            attempts: 1,
            failed: Vec::new(),
            outcome: "ok",
            exit_code: Some(0),
            output_digest: Some(Digest::of(step.id.as_bytes())),
            network: true,
            fixture: false,
            form: None,
        })
        .collect();
    let provenance = Provenance {
        manifest_digest: snapshot.digest,
        revision: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        dirty: false,
        profile_digest: profile.digest,
        tool_version: env!("CARGO_PKG_VERSION"),
    };
    let findings = facts.findings.iter().cloned().map(Into::into).collect();
    Subject { plan, facts, findings, readings, provenance, started }
}

fn seal(subject: &Subject, head: Head, redactor: &Redactor) -> [Sealed; 2] {
    let run = RunEvidence {
        terms: Terms::admitted("tecrax-0123456789ab", &subject.plan),
        agreement: None,
        started: subject.started,
        ended: subject.started,
        generation: 1,
        provenance: &subject.provenance,
        lineage: None,
        gap: None,
        sandbox_level: "none",
        readings: &subject.readings,
        facts: subject.facts.value.clone(),
        assessment: Assessment::Healthy,
        coverage: Coverage::Complete,
        findings: &subject.findings,
        reason: "AllHealthy",
        summary: "everything observed is as it should be",
    };
    let record = seal_run(run, head, redactor, Show::default());
    let (reaction, inputs) = nothing_to_do();
    let place = Place { origin: "tecrax-0123456789ab", head: record.head(), at: subject.started };
    let reaction = seal_reaction(&subject.plan.pair().id, &place, place.head.seq, &reaction, &inputs, &[], Vec::new());
    [record, reaction]
}

/// The decision after a healthy run, and what its record says of the inputs.
fn nothing_to_do() -> (ReactionStatus, serde_json::Value) {
    let reaction = ReactionStatus {
        outcome: ReactionOutcome::NoOp,
        rule: "assessment.healthy".to_owned(),
        intent: None,
        depth: 0,
        reason: "Healthy".to_owned(),
    };
    (reaction, serde_json::json!({"intent": "collect", "assessment": "healthy", "depth": 0}))
}

/// On-processor time of this thread so far: others may be at work on the machine.
fn spent() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn timed(name: &str, mut work: impl FnMut()) -> f64 {
    let began = spent();
    for _ in 0..RUNS {
        work();
    }
    let each = (spent() - began) * 1e6 / RUNS as f64;
    println!("{name}: {each:.1} µs");
    each
}

/// Where the time goes.
fn parts_of(subject: &Subject) {
    use std::hint::black_box;
    let terms = Terms::admitted("tecrax-0123456789ab", &subject.plan);
    let agreed = terms.agreed(None, subject.started);
    timed("  shared artifacts", || drop(black_box(terms.agreed(None, subject.started))));
    let facts = subject.facts.value.clone().unwrap();
    timed("  copy of the facts", || drop(black_box(facts.clone())));
    let redactor = Redactor::default();
    timed("  copy and redact the facts", || drop(black_box(redactor.redact_json(facts.clone()))));
    timed("  redact a sentence", || drop(black_box(redactor.redact_str("everything observed is as it should be"))));
    timed("  write the facts", || drop(black_box(tecrax::evidence::canonical(&facts))));
    let [run, _] = seal(subject, Head::empty(), &Redactor::default());
    let own: Vec<_> = ["execution_ticket", "execution_receipt", "evidence_contract", "detail"]
        .iter()
        .map(|name| (*name, run.part(name).unwrap().bytes()))
        .collect();
    timed("  compress", || drop(black_box(pack(own.iter().copied()))));
    timed("  hash own parts", || {
        for (_, bytes) in &own {
            black_box(Digest::of(bytes));
        }
    });
    let receipt = read(own[1].1, &Limits::STRICT).unwrap().value;
    timed("  write the receipt", || drop(black_box(canonical(&receipt))));
    timed("  write a time", || drop(black_box(black_box(subject.started).to_string())));
    let (reaction, inputs) = nothing_to_do();
    let place = Place { origin: "tecrax-0123456789ab", head: run.head(), at: subject.started };
    timed("  the reaction record", || {
        drop(black_box(seal_reaction(&subject.plan.pair().id, &place, 1, &reaction, &inputs, &[], Vec::new())));
    });
    drop(agreed);
}

fn main() {
    let subject = subject();
    let redactor = Redactor::default();
    let mut best = f64::MAX;
    let mut head = Head::empty();
    for _ in 0..ROUNDS {
        let began = spent();
        for _ in 0..RUNS {
            let [_, reaction] = std::hint::black_box(seal(&subject, head, &redactor));
            head = reaction.head();
        }
        let each = (spent() - began) * 1e6 / RUNS as f64;
        println!("{each:.1} µs a run");
        best = best.min(each);
    }
    if std::env::var_os("BREAKDOWN").is_some() {
        parts_of(&subject);
    }
    let [run, reaction] = seal(&subject, head, &redactor);
    let shared: usize = ["intent_contract", "policy_decision", "execution_contract"]
        .map(|name| run.part(name).map_or(0, |part| part.bytes().len()))
        .iter()
        .sum();
    let own = ["execution_ticket", "execution_receipt", "evidence_contract", "detail"];
    let own: Vec<usize> = own.iter().map(|name| run.part(name).map_or(0, |part| part.bytes().len())).collect();
    println!("best: {best:.1} µs a run, {:.0} runs/s", 1e6 / best);
    println!(
        "stored a run: body {} + parts {} (of {}: {own:?}) + reaction {} bytes; shared by all runs of a plan: {shared} bytes",
        run.body().len(),
        run.stored().map_or(0, <[u8]>::len),
        own.iter().sum::<usize>(),
        reaction.body().len(),
    );
    if let Some(path) = std::env::args().nth(1).filter(|path| !path.starts_with("--")) {
        let parts = ["intent_contract", "policy_decision", "execution_contract"].into_iter();
        let parts = parts.chain(["detail", "evidence_contract", "execution_ticket", "execution_receipt"]);
        let text: Vec<u8> = parts.filter_map(|name| run.part(name)).flat_map(|part| part.bytes().to_vec()).collect();
        std::fs::write(path, text).unwrap();
    }
}
