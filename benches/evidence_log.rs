//! Sealing and storing runs in durable groups, and verifying what was stored. Goals: 10,000 runs/s; tree, sequences and digests at half
//! of one core's SHA-256 rate; the full pass at 5,000 runs/s.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]
#![allow(clippy::disallowed_methods, reason = "a bench reads clocks and files")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tecrax::api::{Digest, PairId};
use tecrax::evidence::json::{Json, Limits, read};
use tecrax::evidence::{DETAIL, Head, Part, RecordKind, Sealed, redact, seal};
use tecrax::secrets::Redactor;
use tecrax::store::{Commit, Db, Level, Outcome, VerifyOptions, verify};
use tempfile::TempDir;

const GROUP: usize = 256;
const ROUNDS: usize = 5;

/// A run as a recorded host gives it: body, own parts, shared parts, and the body of the reaction.
struct Template {
    body: Json,
    own: Vec<(&'static str, Json)>,
    shared: Vec<(&'static str, Json)>,
    reaction: Json,
}

fn json(text: &[u8]) -> Json {
    read(text, &Limits::STRICT).unwrap().value
}

fn template(directory: &std::path::Path) -> Template {
    let db = Db::open_read_only(directory).unwrap();
    let (run, reaction) = (db.record_at(0).unwrap().unwrap(), db.record_at(1).unwrap().unwrap());
    let parts = db.parts(&run).unwrap().parts;
    let own: Vec<String> = tecrax::evidence::unpack(run.parts.as_deref().unwrap()).unwrap().into_iter().map(|(name, _)| name).collect();
    let mut body = json(&run.body);
    for key in ["parts", "stored"] {
        body.as_object_mut().unwrap().remove(key);
    }
    let (own, shared) = parts.into_iter().map(|(name, bytes)| (name, json(&bytes))).partition::<Vec<_>, _>(|(name, _)| own.contains(name));
    let leak = |list: Vec<(String, Json)>| list.into_iter().map(|(name, value)| (&*Box::leak(name.into_boxed_str()), value)).collect();
    println!("body {} B, stored parts {} B, reaction {} B", run.body.len(), run.parts.unwrap().len(), reaction.body.len());
    Template { body, own: leak(own), shared: leak(shared), reaction: json(&reaction.body) }
}

fn records(template: &Template, pair: &PairId, head: Head, at: Timestamp, redactor: &Redactor) -> Vec<Sealed> {
    let subject = pair.clone().into();
    let mut body = template.body.clone();
    body.as_object_mut().unwrap().insert("started", at.to_string());
    let own = template.own.iter().map(|(name, value)| {
        let mut value = value.clone();
        if *name != DETAIL {
            value.as_object_mut().unwrap().insert("of", format!("{pair}@{}", head.seq));
        }
        Part::own(name, &redact(value, redactor))
    });
    let shared = template.shared.iter().map(|(name, value)| Part::shared(name, &redact(value.clone(), redactor)));
    let run = seal("origin", &subject, head, RecordKind::Run, redact(body, redactor), own.chain(shared).collect(), at);
    let reaction =
        seal("origin", &subject, run.head(), RecordKind::Reaction, redact(template.reaction.clone(), redactor), Vec::new(), at);
    vec![run, reaction]
}

fn main() {
    let directory = std::env::var_os("EVIDENCE_TEMPLATE").expect("a state directory with one run");
    let template = template(std::path::Path::new(&directory));
    let groups: usize = std::env::var("EVIDENCE_GROUPS").ok().and_then(|text| text.parse().ok()).unwrap_or(40);
    let redactor = Redactor::default();
    let dir = TempDir::new_in(std::env::var_os("EVIDENCE_DIR").unwrap_or_else(|| "/var/tmp".into())).unwrap();
    let mut db = Db::open(dir.path(), "origin").unwrap();
    let pairs: Vec<PairId> = (0..GROUP).map(|index| PairId::parse(&format!("default/inventory.host-{index}")).unwrap()).collect();
    let mut heads = vec![Head::empty(); GROUP];
    let mut at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let (mut claiming, mut sealing, mut storing) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for _ in 0..groups {
        at += SignedDuration::from_secs(60);
        let began = Instant::now();
        let wanted: Vec<_> = pairs.iter().map(|pair| (pair.clone(), at + SignedDuration::from_secs(600))).collect();
        let claims = db.claim("me", at, &wanted).unwrap();
        claiming += began.elapsed();
        let began = Instant::now();
        let commits: Vec<Commit> = claims
            .iter()
            .zip(&mut heads)
            .map(|(claim, head)| {
                let records = records(&template, &claim.pair, *head, at, &redactor);
                *head = records[1].head();
                Commit { records, fence: claim.fence, release: true }
            })
            .collect();
        sealing += began.elapsed();
        let began = Instant::now();
        let outcomes = db.commit(&commits).unwrap();
        storing += began.elapsed();
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Durable(_))));
    }
    let runs = groups * GROUP;
    let each = |spent: Duration| spent.as_secs_f64() * 1e6 / runs as f64;
    println!(
        "{runs} runs: claim {:.1} us, seal {:.1} us, store {:.1} us a run; {:.0} runs/s",
        each(claiming), each(sealing), each(storing), 1e6 / each(claiming + sealing + storing)
    );
    let key = db.checkpoint_key(None).unwrap();
    db.checkpoint(&key, at).unwrap();
    drop(db);
    let stored = {
        let db = Db::open_read_only(dir.path()).unwrap();
        let mut bytes = 0_u64;
        db.records(&tecrax::store::RecordFilter::default(), |record| {
            bytes += (record.body.len() + record.parts.map_or(0, |parts| parts.len())) as u64;
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        bytes
    };
    let megabyte = vec![7_u8; 1 << 20];
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..200 {
            black_box(Digest::of(black_box(&megabyte)));
        }
        let sha = (200 << 20) as f64 / began.elapsed().as_secs_f64();
        for level in [Level::Quick, Level::Full] {
            let began = Instant::now();
            let report = verify(dir.path(), &VerifyOptions { level, ..VerifyOptions::default() }).unwrap();
            assert!(report.is_sound(), "{:?}", report.defects.list());
            let spent = began.elapsed().as_secs_f64();
            println!(
                "{level:?}: {:.0} runs/s, {:.0} MB/s of {:.0} MB; SHA-256 {:.0} MB/s; ratio {:.2}",
                report.runs as f64 / spent, stored as f64 / spent / 1e6, stored as f64 / 1e6, sha / 1e6, stored as f64 / spent / sha
            );
        }
    }
}
