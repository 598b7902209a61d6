//! Runs to seal, and a plain loop that does the least that any program must which keeps seven artifacts of a run.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use tecrax::admission::{Admitted, admit};
use tecrax::api::{Digest, PairId, ReactionOutcome, ReactionStatus};
use tecrax::evidence::{
    Agreement, Head, Place, Provenance, RecordedReading, RunEvidence, Sealed, Show, Terms, bundle, seal_reaction, seal_run,
    unpack,
};
use tecrax::facts::{self, Reading};
use tecrax::plan::{Plan, propose};
use tecrax::profile::Profile;
use tecrax::secrets::Redactor;
use tecrax::{desired, source};

use super::manifests::{Recorded, check};

const ORIGIN: &str = "tecrax-bench";

/// Admitted plans of many Targets, and what their readings say.
pub struct Fleet {
    plans: Vec<Plan<Admitted>>,
    facts: Value,
    readings: Vec<RecordedReading>,
    provenance: Provenance,
    redactor: Redactor,
    pub at: Timestamp,
}

impl Fleet {
    pub fn new(targets: usize) -> Self {
        let home = super::empty_dir();
        let mut text = check(Recorded::Inventory.intent());
        for index in 0..targets {
            text.push_str("---\n");
            text.push_str(&Recorded::Inventory.target(index));
        }
        std::fs::write(home.path().join("fleet.yaml"), text).unwrap();
        let known = |name: &str| facts::normalizer(name).is_some();
        let profile = Profile::embedded(&known).unwrap();
        let snapshot = source::load(&[home.path().to_owned()], None);
        let desired = desired::build(&snapshot, &profile, &facts::check_path);
        let plans: Vec<_> = desired.pairs.iter().map(|pair| admit(propose(pair)).unwrap()).collect();
        assert_eq!(plans.len(), targets);
        let at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let first = &plans[0];
        let answers = answers(first);
        let found = facts::assemble(&first.pair().check.intent, &answers, "host", &first.pair().check.expect);
        let readings = first.steps().iter().map(|step| reading(&answers[&step.id], at)).collect();
        let provenance = Provenance {
            manifest_digest: snapshot.digest,
            revision: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            dirty: false,
            profile_digest: profile.digest,
            tool_version: env!("CARGO_PKG_VERSION"),
        };
        Self { facts: found.value.unwrap(), plans, readings, provenance, redactor: Redactor::default(), at }
    }

    pub fn pairs(&self) -> Vec<PairId> {
        self.plans.iter().map(|plan| plan.pair().id.clone()).collect()
    }

    /// The records of one healthy run: the run and its reaction.
    pub fn seal(&self, index: usize, head: Head, agreement: &mut Option<Agreement>, now: Timestamp) -> Vec<Sealed> {
        let plan = &self.plans[index];
        let terms = Terms::admitted(ORIGIN, plan);
        let ended = now + SignedDuration::from_millis(25);
        let known = agreement.get_or_insert_with(|| {
            let agreed = terms.agreed(None, now);
            Agreement { planned_at: agreed.planned_at, contract: agreed.contract().digest() }
        });
        let run = RunEvidence {
            terms,
            agreement: Some(known),
            started: now,
            ended,
            generation: 1,
            provenance: &self.provenance,
            lineage: None,
            gap: None,
            sandbox_level: "none",
            readings: &self.readings,
            facts: Some(self.facts.clone()),
            assessment: tecrax::api::Assessment::Healthy,
            coverage: tecrax::api::Coverage::Complete,
            findings: &[],
            reason: "AllHealthy",
            summary: "everything observed is as it should be",
        };
        let record = seal_run(run, head, &self.redactor, Show::default());
        let reaction = ReactionStatus {
            outcome: ReactionOutcome::NoOp,
            rule: "host.healthy".to_owned(),
            intent: None,
            depth: 0,
            reason: "Healthy".to_owned(),
        };
        let inputs = json!({"intent": plan.pair().check.intent.id, "assessment": "healthy", "depth": 0});
        let place = Place { origin: ORIGIN, head: record.head(), at: ended };
        let followed = seal_reaction(&plan.pair().id, &place, place.head.seq, &reaction, &inputs, &[], Vec::new());
        vec![record, followed]
    }

    /// The six artifacts of one run and their manifest.
    fn artifacts(&self) -> Vec<Value> {
        let sealed = self.seal(0, Head::empty(), &mut None, self.at);
        let record = &sealed[0];
        let mut parts: Vec<(String, Vec<u8>)> = unpack(record.stored().unwrap()).unwrap();
        parts.extend(unpack(&record.shared().unwrap().packed()).unwrap());
        let parts = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let files = bundle::files(parts, record.body()).unwrap();
        let seven = |name: &&(&str, Vec<u8>)| name.0.starts_with('0') || name.0.starts_with("artifact_chain");
        files.iter().filter(seven).map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect()
    }
}

fn answers(plan: &Plan<Admitted>) -> facts::Readings {
    let connection = plan.pair().target.connections.values().next().unwrap();
    let desired::ConnectionConfig::Fixture(fixture) = &connection.config else { panic!("recorded readings") };
    let answer = |action: &str| Reading::Taken { stdout: fixture.readings[action].0.clone(), stderr: String::new() };
    plan.steps().iter().map(|step| (step.id.clone(), answer(&step.shape.action))).collect()
}

fn reading(answer: &Reading, at: Timestamp) -> RecordedReading {
    let Reading::Taken { stdout, .. } = answer else { panic!("recorded readings") };
    RecordedReading {
        at,
        took_ms: 12,
        attempts: 1,
        failed: Vec::new(),
        outcome: "ok",
        exit_code: Some(0),
        output_digest: Some(Digest::of(stdout.as_bytes())),
        network: false,
        fixture: true,
        form: None,
    }
}

/// One thread, no library of ours but SHA-256: each of seven artifacts is serialized, hashed, compressed and inserted. Runs a second.
pub fn naive(fleet: &Fleet, group: usize, groups: usize) -> f64 {
    let artifacts = fleet.artifacts();
    assert_eq!(artifacts.len(), 7);
    let dir = tempfile::tempdir_in(super::scratch()).unwrap();
    let mut connection = Connection::open(dir.path().join("plain.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE artifacts (id INTEGER PRIMARY KEY, digest BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;",
        )
        .unwrap();
    let clock = std::time::Instant::now();
    for number in 0..groups {
        let transaction = connection.transaction().unwrap();
        {
            let mut insert = transaction.prepare_cached("INSERT INTO artifacts (digest, bytes) VALUES (?1, ?2)").unwrap();
            for run in 0..group {
                for artifact in &artifacts {
                    let mut artifact = artifact.clone();
                    artifact["run"] = json!(number * group + run);
                    let bytes = serde_json::to_vec(&artifact).unwrap();
                    let digest = Digest::of(&bytes);
                    let packed = zstd::bulk::compress(&bytes, 1).unwrap();
                    insert.execute(params![digest.as_bytes(), packed]).unwrap();
                }
            }
        }
        transaction.commit().unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of runs fits a double")]
    let runs = (group * groups) as f64;
    runs / clock.elapsed().as_secs_f64()
}
